// Hands in files by pieces that the box can take, and goes on after a cut where the box says. See edubox/box/courier.py.
"use strict";
(() => {
  const {at: base, look} = document.currentScript.dataset;
  let csrf = document.querySelector('meta[name="csrf"]').content, out = false;
  const PIECE = 240 * 1024, PATIENCE = 60000, SOON = 1000, LATER = 15000;
  const [form, input, bar, said, door] = ["hand-in", "files", "handed", "said", "door"].map((id) => document.getElementById(id));
  const say = (text) => { said.textContent = text; };
  const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  class Stop extends Error {}

  // One question; null when the box cannot be reached or has no time.
  async function ask(address, method, body) {
    const limit = new AbortController(), alarm = setTimeout(() => limit.abort(), PATIENCE);
    try {
      const answer = await fetch(address, {method, body, signal: limit.signal, headers: {"X-Edubox-Csrf": csrf}});
      if (answer.status === 429 || answer.status >= 500) return null;
      out = [401, 403].includes(answer.status);
      if (out) return await renew();
      const told = await answer.json().catch(() => ({}));
      if (![200, 409, 410].includes(answer.status)) throw new Stop(told.say || form.dataset.failed);
      return told;
    } catch (error) {
      if (error instanceof Stop) throw error;
      return null;
    } finally {
      clearTimeout(alarm);
    }
  }

  // The session is over, such as after a restart of the box: who logs in in another tab lets this one go on.
  async function renew() {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    csrf = (page.querySelector('meta[name="csrf"]') || {}).content || csrf;
    return null;
  }

  async function handIn(file, before, all) {
    const facts = new URLSearchParams({name: file.name, size: file.size, stamp: file.lastModified});
    const going = form.dataset.going.replace("{name}", file.name);
    let key = "", at = 0, pause = SOON;
    while (!key || at < file.size) {
      let told;
      if (!key) {
        told = await ask(`${base}?${facts}`, "POST");
      } else {
        let piece;
        try {
          piece = await file.slice(at, at + PIECE).arrayBuffer();
        } catch {
          throw new Stop(form.dataset.gone);
        }
        told = await ask(`${base}/${key}?size=${file.size}&at=${at}`, "PUT", piece);
      }
      if (told && "at" in told) {
        key = told.key || key;
        at = told.at;
        pause = SOON;
        bar.value = (before + at) / all;
        say(going);
        door.hidden = true;
      } else {
        key = ""; // lost, or gone from the box: ask where to go on
        say(out ? form.dataset.out : form.dataset.again);
        door.hidden = !out;
        await sleep(pause);
        pause = Math.min(pause * 2, LATER);
      }
    }
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = [...input.files], all = files.reduce((sum, file) => sum + file.size, 0) || 1;
    const controls = form.querySelectorAll("input, button");
    controls.forEach((one) => { one.disabled = true; });
    bar.parentElement.hidden = false;
    try {
      let before = 0;
      for (const file of files) {
        await handIn(file, before, all);
        before += file.size;
      }
      say(form.dataset.done);
      location.reload();
    } catch (error) {
      say(error instanceof Stop ? error.message : form.dataset.failed);
      controls.forEach((one) => { one.disabled = false; });
    }
  });
  form.hidden = false;

  // Something is being done: look again, unless somebody is about to hand in more.
  if (look) setInterval(() => { if (!input.files.length && !document.hidden) location.reload(); }, look * 1000);
})();
