// Intake: the map, what is around the place, and cases that it could be. Who calls and their words: calls.js.
(() => {
  "use strict";
  const form = document.querySelector("form[data-intake]");
  if (!form) return;
  const field = (name) => form.querySelector(`[name="${name}"]`);

  // ---- what is around the place
  const around = form.querySelector("[data-around]");
  let asked = 0;
  async function look() {
    const query = new URLSearchParams();
    for (const name of ["place", "lon", "lat", "datum", "category", "owner"]) query.set(name, field(name)?.value ?? "");
    const side = form.querySelector('[name="side"]:checked');
    if (side) query.set("side", side.value);
    if (!query.get("place") && !query.get("lon") && !query.get("category")) return;
    const mine = ++asked;
    const found = await window.gewu.part(`${form.dataset.intake}?${query}`);
    if (found !== null && mine === asked) around.innerHTML = found;
  }

  // ---- cases that it could be: asked by POST, because the words go along
  const near = form.querySelector("[data-near]");
  let wondered = 0;
  async function wonder() {
    if (!near || !(field("place")?.value || field("lon")?.value)) { near?.replaceChildren(); return; }
    const body = new FormData();
    for (const name of ["csrfmiddlewaretoken", "place", "lon", "lat", "datum", "category", "description", "address"]) body.set(name, field(name)?.value ?? "");
    const side = form.querySelector('[name="side"]:checked');
    if (side) body.set("side", side.value);
    const mine = ++wondered;
    const found = await window.gewu.part(form.dataset.nearUrl, { method: "POST", body });
    if (found !== null && mine === wondered) near.innerHTML = found;
  }
  let timer = 0;
  form.addEventListener("change", (event) => {
    if (["place", "lon", "lat", "datum", "category", "owner", "side"].includes(event.target.name)) {
      if (event.target.name === "place" && event.target.value) { field("lon").value = ""; field("lat").value = ""; goTo(event.target.value); }
      if (["lon", "lat"].includes(event.target.name)) draw();
      clearTimeout(timer);
      timer = setTimeout(() => { look(); wonder(); }, 80);
    }
    if (["description", "address"].includes(event.target.name)) wonder();
  });
  let thinking = 0;
  form.addEventListener("input", (event) => {
    if (!["description", "address"].includes(event.target.name)) return;
    clearTimeout(thinking);
    thinking = setTimeout(wonder, 900);
  });

  // ---- the map: its answer says which part of the world it shows
  const picker = form.querySelector("[data-map-pick]");
  const map = form.querySelector("[data-map]");
  const GRID = 0.045;
  const view = { at: "", span: "", place: "", lon: 0, lat: 0, width: 0, height: 0 };
  const dark = () => {
    const theme = document.documentElement.dataset.theme;
    return theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  };
  // A place that was chosen stands in the middle: its code is at the end of the label.
  function goTo(label) {
    view.place = label.match(/[（(](\d{6,15})[)）]\s*$/)?.[1] ?? "";
    if (view.place) Object.assign(view, { at: "", span: "" });
    draw();
  }
  const base = map?.src.split("?")[0];
  // The live map, where the browser draws one: it is told what the fields say, and says where it was pressed.
  const live = picker?.querySelector("[data-island=map]");
  function tellLive() {
    const [lon, lat] = ["lon", "lat"].map((name) => parseFloat(field(name).value));
    const at = Number.isFinite(lon) && Number.isFinite(lat) && field("datum").value === "wgs84";
    if (at || view.place) live?.dispatchEvent(new CustomEvent("map:show", { detail: at ? { lon, lat } : { place: view.place } }));
  }
  live?.addEventListener("map:ready", tellLive);
  live?.addEventListener("map:pick", ({ detail }) => {
    field("lon").value = detail.lon.toFixed(6);
    field("lat").value = detail.lat.toFixed(6);
    field("datum").value = "wgs84";
    field("place").value = "";
    view.place = "";
    window.gewu.soil();
    look();
    wonder();
  });
  let drawn = 0;
  async function draw() {
    tellLive();
    if (!map || live?.dataset.state === "live") return;
    const query = new URLSearchParams({ at: view.at, span: view.span, size: "wide" });
    const lon = parseFloat(field("lon").value);
    const lat = parseFloat(field("lat").value);
    if (Number.isFinite(lon) && Number.isFinite(lat) && field("datum").value === "wgs84") query.set("point", `${lon},${lat}`);
    if (view.place) query.set("place", view.place);
    if (dark()) query.set("dark", "1");
    const mine = ++drawn;
    const answer = await fetch(`${base}?${query}`, { redirect: "error" }).catch(() => null);
    if (!answer?.ok || mine !== drawn) return;
    const [west, south, east, north] = answer.headers.get("X-Map-Bounds").split(",").map(Number);
    Object.assign(view, { lon: west, lat: north, width: east - west, height: north - south, span: String(east - west) });
    view.at = `${((west + east) / 2).toFixed(6)},${((south + north) / 2).toFixed(6)}`;
    map.src = URL.createObjectURL(await answer.blob());
  }
  if (map) {
    picker.hidden = false;
    map.addEventListener("load", () => { if (map.src.startsWith("blob:")) URL.revokeObjectURL(map.src); });
    map.addEventListener("click", (event) => {
      if (!view.width) return; // the first drawing is still on its way: nobody knows yet what was clicked
      const area = map.getBoundingClientRect();
      const lon = view.lon + ((event.clientX - area.left) / area.width) * view.width;
      const lat = view.lat - ((event.clientY - area.top) / area.height) * view.height;
      view.at = `${lon.toFixed(6)},${lat.toFixed(6)}`;
      if (view.width > GRID) { view.span = String(view.width > GRID * 5 ? view.width * 0.25 : GRID * 0.8); draw(); return; }
      field("lon").value = lon.toFixed(6);
      field("lat").value = lat.toFixed(6);
      field("datum").value = "wgs84";
      field("place").value = "";
      Object.assign(view, { place: "", span: String(view.width) });
      window.gewu.soil();
      draw();
      look();
      wonder();
    });
    form.querySelector(".map-tools").addEventListener("click", (event) => {
      const zoom = event.target.closest("[data-zoom]")?.dataset.zoom;
      if (!zoom) return;
      if (zoom === "all") Object.assign(view, { at: "", span: "", place: "" });
      else {
        view.span = String(view.width * Number(zoom));
      }
      draw();
    });
    const lon = parseFloat(field("lon").value);
    const lat = parseFloat(field("lat").value);
    if (Number.isFinite(lon) && Number.isFinite(lat)) { view.at = `${lon},${lat}`; view.span = "0.02"; }
    goTo(field("place").value);
  }

  // ---- the phone's own position
  const locate = form.querySelector("[data-locate]");
  if (locate && navigator.geolocation && document.body.classList.contains("large")) {
    locate.hidden = false;
    locate.addEventListener("click", () => navigator.geolocation.getCurrentPosition((found) => {
      field("lon").value = found.coords.longitude.toFixed(6);
      field("lat").value = found.coords.latitude.toFixed(6);
      field("datum").value = "wgs84";
      field("place").value = "";
      view.at = `${field("lon").value},${field("lat").value}`;
      view.span = "0.02";
      draw();
      look();
      wonder();
    }, () => locate.querySelector("button").classList.add("danger"), { enableHighAccuracy: true, timeout: 15000 }));
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") { form.requestSubmit(form.querySelector(".intake-foot .primary")); event.preventDefault(); }
  });
  if (field("place")?.value || field("lon")?.value || field("category")?.value) { look(); wonder(); }
})();
