// The progress bar moves and the list fills while somebody looks; see edubox/pages/desk.py.
"use strict";
(() => {
  const state = document.currentScript.dataset.state;

  async function look() {
    if (document.hidden) return;
    try {
      const answer = await fetch(state, {cache: "no-store"});
      if (answer.status === 401) location.reload(); // the session is over: to the door
      const now = await answer.json();
      for (const [id, text] of Object.entries(now.texts)) {
        const place = document.getElementById(id);
        if (place && place.textContent !== text) place.textContent = text;
      }
      const bar = document.getElementById("bar");
      if (bar && now.share !== null) bar.value = now.share;
      if (now.version !== document.querySelector("main").dataset.version) await renew();
    } catch {
      // The box is away for a moment; the next look finds it again.
    }
  }

  async function renew() {
    const answer = await fetch(location.href, {cache: "no-store"});
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    const focus = document.activeElement.id;
    document.querySelector("main").replaceWith(fresh);
    const again = focus && document.getElementById(focus);
    if (again) again.focus();
  }

  setInterval(look, 2000);
  document.addEventListener("visibilitychange", look);
})();
