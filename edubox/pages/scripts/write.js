// A text is saved by itself a moment after the last key, and shown beside as pupils will read it (box/teacher/desk_text.py).
"use strict";
(() => {
  const QUIET = 1200; // milliseconds without a key
  const form = document.getElementById("write"), said = document.getElementById("said");
  const sight = document.getElementById("sight"), conflict = document.getElementById("conflict");
  let waiting = 0, dirty = false, saving = false;
  document.body.classList.add("scripted");

  const say = (text, away = false) => { said.textContent = text; said.classList.toggle("away", away); };

  async function save() {
    if (saving || !conflict.hidden) return;
    saving = true;
    dirty = false;
    say(form.dataset.saving);
    const body = new FormData(form);
    body.set("script", "1");
    body.set("action", "save");
    try {
      const answer = await fetch(form.getAttribute("action"), {method: "POST", body, headers: {"X-Edubox-Csrf": document.querySelector("meta[name=csrf]").content}});
      if (!answer.ok) throw new Error(answer.status);
      const kept = await answer.json();
      sight.innerHTML = kept.preview; // cleaned by the box, as the lesson's page will be
      conflict.hidden = !kept.conflict;
      if (kept.conflict) {
        dirty = true;
        conflict.scrollIntoView({block: "nearest"});
        say("");
      } else {
        form.elements.path.value = kept.path;
        form.elements.mark.value = kept.mark;
        say(form.dataset.saved);
      }
    } catch {
      dirty = true;
      say(form.dataset.away, true);
    } finally {
      saving = false;
    }
    if (dirty && conflict.hidden) later(5 * QUIET);
  }

  function later(wait) {
    clearTimeout(waiting);
    waiting = setTimeout(save, wait);
  }

  form.addEventListener("input", () => { dirty = true; later(QUIET); });
  form.addEventListener("submit", (event) => {
    clearTimeout(waiting);
    if (saving) { // its answer brings the mark that this form must send
      event.preventDefault();
      const button = event.submitter;
      const wait = setInterval(() => { if (!saving) { clearInterval(wait); form.requestSubmit(button); } }, 100);
      return;
    }
    dirty = false;
  });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
})();
