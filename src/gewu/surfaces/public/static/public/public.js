// What scripts add to the public pages: the phone's position, and a link that carries number and code in its fragment.
(() => {
  "use strict";

  const gps = document.querySelector("[data-gps]");
  if (gps && navigator.geolocation && window.isSecureContext) {
    gps.hidden = false;
    const button = gps.querySelector("[data-gps-button]");
    const status = gps.querySelector("[data-gps-status]");
    button.addEventListener("click", () => {
      status.textContent = button.dataset.wait;
      button.disabled = true;
      navigator.geolocation.getCurrentPosition(
        (found) => {
          gps.querySelector("[name=gps_lon]").value = found.coords.longitude;
          gps.querySelector("[name=gps_lat]").value = found.coords.latitude;
          gps.querySelector("[data-gps-send]").click();
        },
        (error) => {
          status.textContent = error.code === error.PERMISSION_DENIED ? button.dataset.denied : button.dataset.failed;
          button.disabled = false;
        },
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
      );
    });
  }

  // What was solved around the phone: asked only on a press, rounded here to a thousandth of a degree, sent in the body.
  const near = document.querySelector("[data-near]");
  if (near && navigator.geolocation && window.isSecureContext) {
    near.hidden = false;
    const button = near.querySelector("[data-near-button]");
    const status = near.querySelector("[data-near-status]");
    button.addEventListener("click", () => {
      status.textContent = button.dataset.wait;
      button.disabled = true;
      navigator.geolocation.getCurrentPosition(
        (found) => {
          near.elements.namedItem("lon").value = found.coords.longitude.toFixed(3);
          near.elements.namedItem("lat").value = found.coords.latitude.toFixed(3);
          near.submit();
        },
        (error) => {
          status.textContent = error.code === error.PERMISSION_DENIED ? button.dataset.denied : button.dataset.failed;
          button.disabled = false;
        },
        { enableHighAccuracy: false, timeout: 15000, maximumAge: 300000 },
      );
    });
  }

  // A fragment never reaches the server's log: it is read here, sent in the body, and taken out of the address.
  const follow = document.querySelector("[data-follow]");
  function openLink() {
    const parts = /^#(\d{10,30})-([0-9A-Za-z]{6,16})$/.exec(location.hash);
    if (!follow || !parts) return;
    history.replaceState(null, "", location.pathname);
    follow.elements.namedItem("number").value = parts[1];
    follow.elements.namedItem("code").value = parts[2];
    follow.requestSubmit();
  }
  window.addEventListener("hashchange", openLink);
  openLink();
})();
