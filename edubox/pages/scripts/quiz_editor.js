// The buttons of a quiz without a new page: the box answers with the form as it is then, which takes the old one's place.
// What is complete is saved by itself (box/teacher/desk_quiz.py).
"use strict";
(() => {
  const QUIET = 2000; // milliseconds without a key
  const find = (id) => document.getElementById(id);
  let waiting = 0, dirty = false, busy = false;

  const say = (text, away = false) => { find("said").textContent = text; find("said").classList.toggle("away", away); };

  function send(action, script) {
    const body = new URLSearchParams(new FormData(find("quiz")));
    body.set("action", action);
    if (script) body.set("script", "1");
    return fetch(find("quiz").getAttribute("action"), {method: "POST", body, headers: {"X-Edubox-Csrf": document.querySelector("meta[name=csrf]").content}});
  }

  async function save() {
    if (busy || !find("conflict").hidden) return;
    busy = true;
    dirty = false;
    const form = find("quiz");
    say(form.dataset.saving);
    try {
      const answer = await send("save", true);
      if (!answer.ok) throw new Error(answer.status);
      const kept = await answer.json();
      find("conflict").hidden = !kept.conflict;
      dirty = !kept.saved;
      if (kept.saved) {
        form.elements.path.value = kept.path;
        form.elements.mark.value = kept.mark;
      }
      say(kept.saved ? form.dataset.saved : kept.conflict ? "" : form.dataset.open);
    } catch {
      dirty = true;
      say(form.dataset.away, true);
    } finally {
      busy = false;
    }
  }

  async function change(action) {
    busy = true;
    clearTimeout(waiting);
    try {
      const answer = await send(action, false);
      if (!answer.ok) throw new Error(answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("quiz");
      find("quiz").replaceWith(fresh);
      const [what, about] = action.split(":");
      const last = fresh.querySelectorAll(".questions > li").length - 1;
      const number = what === "add" ? last : Math.min(last, Number(about) + (what === "up" ? -1 : what === "down" || what === "copy" ? 1 : 0));
      const question = find(`q${number}`);
      const target = question && (what === "row" ? [...question.querySelectorAll(".answers .row")].at(-1).querySelector("input:not([type=checkbox])") : question.querySelector("textarea"));
      if (target) target.focus();
      dirty = true;
      later();
    } catch {
      say(find("quiz").dataset.away, true);
    } finally {
      busy = false;
    }
  }

  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(save, QUIET);
  }

  document.addEventListener("input", (event) => { if (event.target.form === find("quiz")) { dirty = true; later(); } });
  document.addEventListener("submit", (event) => {
    const action = event.submitter ? event.submitter.value : "save";
    if (!action.includes(":")) { clearTimeout(waiting); dirty = false; return; }
    event.preventDefault();
    if (!busy) change(action);
  });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
})();
