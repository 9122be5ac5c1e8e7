// A draft is saved by itself a moment after the last key, its lines can be dragged, and the page follows how far it is put together.
"use strict";
(() => {
  const QUIET = 1200, SOON = 1500; // milliseconds
  const state = document.currentScript.dataset.state;
  const form = document.getElementById("compose"), said = document.getElementById("said");
  const lines = document.getElementById("lines"), bar = document.getElementById("bar");
  let waiting = 0, dirty = false, saving = false, lost = false, held = null;
  document.body.classList.add("scripted");

  async function save() {
    if (saving || lost) return;
    saving = true;
    dirty = false;
    said.textContent = form.dataset.saving;
    const body = new FormData(form);
    body.set("script", "1");
    body.set("action", "save");
    try {
      const answer = await fetch(form.getAttribute("action"), {method: "POST", body, headers: {"X-Edubox-Csrf": document.querySelector("meta[name=csrf]").content}});
      if (!answer.ok) throw new Error(answer.status);
      const kept = await answer.json();
      lost = kept.conflict;
      if (!lost) {
        form.elements.version.value = kept.version;
        form.elements["title-was"].value = body.get("title");
      }
      said.textContent = lost ? form.dataset.conflict : form.dataset.saved;
    } catch {
      dirty = true;
      said.textContent = form.dataset.away;
    } finally {
      saving = false;
    }
    if (dirty && !lost) later(5 * QUIET);
  }

  function later(wait) {
    dirty = true;
    clearTimeout(waiting);
    waiting = setTimeout(save, wait);
  }

  // Buttons name a line by the place that it had when the page came.
  function renumber() {
    [...lines.children].forEach((line, number) => {
      for (const button of line.querySelectorAll("button[name=action]")) button.value = button.value.replace(/\d+$/, number);
    });
  }

  form.addEventListener("input", () => later(QUIET));
  form.addEventListener("submit", (event) => {
    clearTimeout(waiting);
    if (!saving) { dirty = false; return; }
    event.preventDefault(); // its answer brings the version that this form must send
    const button = event.submitter;
    const wait = setInterval(() => { if (!saving) { clearInterval(wait); form.requestSubmit(button); } }, 100);
  });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });

  if (lines) {
    for (const line of lines.children) {
      const grip = line.querySelector(".grip");
      grip.addEventListener("mousedown", () => { line.draggable = true; });
      line.addEventListener("dragstart", () => { held = line; line.classList.add("held"); });
      line.addEventListener("dragend", () => {
        line.draggable = false;
        line.classList.remove("held");
        held = null;
        renumber();
        later(QUIET);
      });
      line.addEventListener("dragover", (event) => {
        if (!held) return;
        event.preventDefault();
        const box = line.getBoundingClientRect();
        if (line !== held) lines.insertBefore(held, event.clientY > box.top + box.height / 2 ? line.nextSibling : line);
      });
    }
  }

  async function follow() {
    try {
      const made = await (await fetch(state)).json();
      if (made.state !== "working" && made.state !== "old") {
        const typing = dirty || saving || lost || form.contains(document.activeElement);
        if (!typing) { location.reload(); return; }
      } else if (made.total) {
        bar.max = made.total;
        bar.value = made.done;
      }
    } catch { /* the next look may find the box again */ }
    setTimeout(follow, SOON);
  }
  if (bar) setTimeout(follow, SOON);
})();
