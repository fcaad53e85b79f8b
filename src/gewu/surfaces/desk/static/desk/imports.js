// Watches an import: asks for the part of the page that moves, and reads the page anew when it is over.
(() => {
  "use strict";
  const box = document.querySelector("[data-watch]");
  if (!box) return;
  let pause = 700;
  async function look() {
    try {
      const answer = await fetch(box.dataset.watch, { headers: { Accept: "text/html" } });
      if (answer.status === 204 || answer.redirected) { location.reload(); return; }
      if (answer.ok) box.innerHTML = await answer.text();
    } catch { pause = Math.min(pause * 2, 15000); /* the server is away: the import is not */ }
    setTimeout(look, document.hidden ? 5000 : pause);
  }
  setTimeout(look, pause);
})();
