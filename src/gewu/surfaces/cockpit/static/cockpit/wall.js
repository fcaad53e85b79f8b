// Looks for new numbers every minute and puts them where the old ones stand, so that the screen never goes blank.
// When nothing new comes, the old numbers stay and the page says since when.
(() => {
  "use strict";
  const MINUTE = 60000;

  async function refresh() {
    const main = document.getElementById("wall");
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
      const fresh = answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("wall") : null;
      if (!fresh) throw new Error("no numbers came");
      main.replaceChildren(...document.adoptNode(fresh).childNodes);
    } catch {
      document.getElementById("stale").textContent = main.dataset.stale;
    }
  }

  setInterval(refresh, MINUTE);
})();
