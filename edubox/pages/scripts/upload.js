// The field into which files are dropped, and what is seen while they are sent, one after the other (sending.js). Without a script
// the field is a plain form.
const fill = (pattern, values) => Object.entries(values).reduce((text, [key, value]) => text.replace(`%(${key})s`, value), pattern);

function amount(bytes) {
  const [divisor, word] = bytes < 1e6 ? [1e3, words.kb] : bytes < 1e9 ? [1e6, words.mb] : [1e9, words.gb];
  const number = bytes / divisor;
  const digits = number < 9.95 ? 1 : 0;
  return fill(word, {number: number.toLocaleString(document.documentElement.lang, {maximumFractionDigits: digits, minimumFractionDigits: bytes && digits})});
}

function say(text) { said.textContent = text; }

function warn(text, link) {
  notice.hidden = !text;
  notice.replaceChildren(text || "");
  if (link) {
    const a = Object.assign(document.createElement("a"), {href: base, target: "_blank", textContent: words.login, className: "button"});
    notice.append(" ", a);
  }
  if (text) say(text);
}

// --- the queue ------------------------------------------------------------------------------------------

const pause = (milliseconds) => new Promise((done) => {
  const timer = setTimeout(done, milliseconds);
  window.addEventListener("online", () => { clearTimeout(timer); done(); }, {once: true});
  pause.over = () => { clearTimeout(timer); done(); };
});

async function isIn() {
  try {
    const answer = await fetch(location.href, {cache: "no-store"});
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = fresh.getElementById("drop") && fresh.querySelector("meta[name=csrf]");
    if (found) csrf = found.content;
    return Boolean(found);
  } catch {
    return false;
  }
}

function reason(error) {
  return {404: words.gone, 410: words.gone, 413: words.large, 429: words.many, 507: words.room}[error.status] || words.failed;
}

// A file that was deleted or changed meanwhile fails like a line that is lost.
async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function fail(item, why) {
  item.state = "failed";
  item.why = why;
  say(`${item.file.name}: ${why}`);
}

async function through(item) {
  item.state = "sending";
  let wait = 500;
  while (!item.cancelled) {
    const before = item.sent;
    try {
      await send(item);
      if (item.cancelled) break;
      item.state = "done";
      forget(item);
      return;
    } catch (error) {
      if (item.cancelled) break;
      if (error instanceof Lost && !await isReadable(item.file)) {
        fail(item, words.unread);
        return;
      }
      if (error instanceof Over) {
        warn(words.session, true);
        while (!item.cancelled && !await isIn()) await pause(4000);
        warn("");
      } else if (error instanceof Lost || (error instanceof Refused && [409, 423].includes(error.status))) {
        if (item.sent > before) wait = 500;
        if (error instanceof Lost) warn(words.lost);
        pace.length = 0;
        show();
        await pause(wait * (0.75 + Math.random() / 2));
        wait = Math.min(wait * 2, LONGEST_WAIT);
      } else {
        fail(item, reason(error));
        return;
      }
    }
  }
  item.state = "cancelled";
  forget(item);
  if (item.address) ask("DELETE", item.address, {}).catch(() => {});
}

async function run() {
  if (running) return;
  running = true;
  for (let item; (item = items.find((one) => one.state === "waiting"));) {
    pace.length = 0;
    await through(item);
    show();
  }
  running = false;
  warn("");
  const arrived = items.filter((one) => one.state === "done");
  if (!arrived.length) { show(); return; }
  say(words.finished);
  if (items.some((one) => one.state === "failed")) {
    if (!part("sending-open")) part("sending-cancel").replaceWith(Object.assign(document.createElement("a"), {id: "sending-open", className: "button", href: next, textContent: words.open}));
    return;
  }
  location.assign(next);
}

function add(found) {
  const known = remembered();
  const waiting = items.filter((one) => one.state === "waiting" || one.state === "sending");
  for (const {file, path} of found.slice(0, MOST - items.length)) {
    if (file.name.startsWith(".") || file.name === "Thumbs.db") continue;
    const item = {file, path, sent: 0, state: "waiting", address: ""};
    const before = known[key(item)];
    if (before && (!draft || before.draft === draft)) {
      item.address = before.address;
      draft = before.draft;
    }
    items.push(item);
  }
  if (items.length && !waiting.length) part("sending").scrollIntoView({block: "nearest"});
  part("sending").hidden = !items.length;
  part("drop-unfinished")?.remove();
  show();
  run();
}

// --- what is seen ---------------------------------------------------------------------------------------

function row(item) {
  const line = document.createElement("li"), about = document.createElement("div");
  const name = Object.assign(document.createElement("strong"), {textContent: item.path || item.file.name, dir: "auto"});
  item.text = document.createElement("small");
  item.bar = Object.assign(document.createElement("progress"), {max: 1000, value: 0});
  item.bar.setAttribute("aria-label", item.file.name);
  about.append(name, item.bar, item.text);
  item.button = Object.assign(document.createElement("button"), {type: "button", className: "button quiet"});
  item.button.addEventListener("click", () => item.state === "failed" ? retry(item) : cancel(item));
  line.append(about, item.button);
  return line;
}

function draw(item) {
  const {sent, state} = item, size = item.file.size;
  item.bar.hidden = state !== "sending" && state !== "waiting";
  item.bar.value = size ? 1000 * sent / size : 0;
  item.text.textContent = {
    waiting: `${words.waiting} · ${amount(size)}`, sending: fill(words.sending, {done: amount(sent), all: amount(size)}),
    done: `${words.done} · ${amount(size)}`, cancelled: words.cancelled, failed: item.why,
  }[state];
  item.line.dataset.state = state;
  item.button.hidden = state === "done" || state === "cancelled";
  item.button.textContent = state === "failed" ? words.again : words.cancel;
  item.button.setAttribute("aria-label", state === "failed" ? `${words.again} – ${item.file.name}` : fill(words.cancelOne, {name: item.file.name}));
}

function show() {
  const counted = items.filter((one) => one.state !== "cancelled" && one.state !== "failed");
  const all = counted.reduce((sum, one) => sum + one.file.size, 0), sent = counted.reduce((sum, one) => sum + (one.state === "done" ? one.file.size : one.sent), 0);
  const done = counted.filter((one) => one.state === "done").length;
  // Of a folder of hundreds only what moves, waits next or went wrong has a line.
  const open = items.filter((one) => one.state !== "done" && one.state !== "cancelled");
  const lines = items.length <= SHOWN ? items : open.slice(0, SHOWN);
  for (const item of lines) {
    item.line = item.line || row(item);
    draw(item);
  }
  if (lines.length !== list.children.length || lines.some((item, at) => list.children[at] !== item.line)) list.replaceChildren(...lines.map((item) => item.line));
  bar.value = all ? 1000 * sent / all : 1000 * done / Math.max(counted.length, 1);
  const parts = [fill(words.sending, {done: amount(sent), all: amount(all)})];
  if (counted.length > 1) parts.push(fill(words.all, {number: done, count: counted.length}));
  part("sending-amount").textContent = parts.join(" · ");
  part("sending-left").textContent = left(sent, all);
  const moves = open.some((one) => one.state !== "failed");
  for (const one of [bar, part("sending-amount").parentElement, part("sending-title"), part("sending-cancel")]) if (one) one.hidden = !moves;
  const now = Math.floor(4 * sent / (all || 1));
  if (now > quarter && now < 4) say(fill(words.progress, {percent: 25 * now}));
  quarter = now;
}

// Speed over the last ten seconds: a word about the next minute, not about the last piece.
function left(sent, all) {
  const now = performance.now();
  pace.push([now, sent]);
  while (pace.length > 2 && now - pace[0][0] > 10000) pace.shift();
  const [begin, before] = pace[0], speed = (sent - before) / (now - begin) * 1000;
  if (now - begin < 1000 || speed <= 0 || sent >= all) return "";
  const minutes = Math.round((all - sent) / speed / 60);
  return `${fill(words.speed, {amount: amount(speed)})} · ${minutes ? fill(words.left, {minutes}) : words.soon}`;
}

function cancel(item) {
  const under = item.state === "sending";
  item.cancelled = true;
  if (item.state === "waiting") item.state = "cancelled";
  if (under) { ask.under?.abort(); pause.over?.(); }
  show();
}

function retry(item) {
  item.state = "waiting";
  show();
  run();
}

// --- where files come from ------------------------------------------------------------------------------

async function within(entry, prefix, found) {
  if (found.length >= MOST) return;
  if (entry.isFile) {
    found.push({file: await new Promise((done, failed) => entry.file(done, failed)), path: prefix ? prefix + entry.name : ""});
    return;
  }
  const reader = entry.createReader();
  for (let some; (some = await new Promise((done, failed) => reader.readEntries(done, failed))).length;) {
    for (const one of some) await within(one, `${prefix}${entry.name}/`, found);
  }
}

const plain = (files) => [...files].map((file) => ({file, path: file.webkitRelativePath || ""}));

for (const event of ["dragenter", "dragover"]) {
  document.addEventListener(event, (moved) => {
    if (!moved.dataTransfer?.types.includes("Files")) return;
    moved.preventDefault();
    form.classList.add("over");
  });
}
document.addEventListener("dragleave", (moved) => { if (!moved.relatedTarget) form.classList.remove("over"); });
document.addEventListener("drop", async (dropped) => {
  if (!dropped.dataTransfer?.types.includes("Files")) return;
  dropped.preventDefault();
  form.classList.remove("over");
  // The list is empty after the first wait.
  const entries = [...dropped.dataTransfer.items].map((one) => one.webkitGetAsEntry?.()).filter(Boolean);
  const files = plain(dropped.dataTransfer.files), found = [];
  try {
    for (const entry of entries) await within(entry, "", found);
  } catch { /* a folder that cannot be read: what was found is sent */ }
  add(entries.length ? found : files);
});
for (const input of form.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => { add(plain(input.files)); input.value = ""; });
}
for (const button of form.querySelectorAll("[data-opens]")) button.addEventListener("click", () => part(button.dataset.opens).click());
form.addEventListener("submit", (event) => event.preventDefault());
part("sending-cancel").addEventListener("click", () => items.filter((one) => ["waiting", "sending"].includes(one.state)).forEach(cancel));
window.addEventListener("beforeunload", (event) => { if (running) { event.preventDefault(); event.returnValue = words.leave; } });

form.classList.add("works");
form.querySelector(".plain").hidden = true;
part("drop-files").tabIndex = -1;
part("drop-files").setAttribute("aria-hidden", "true");
form.querySelector(".scripted").hidden = false;
const cut = Object.values(remembered()).filter((one) => !draft || one.draft === draft).map((one) => one.name);
if (cut.length) {
  form.after(Object.assign(document.createElement("p"), {id: "drop-unfinished", className: "verdict note", textContent: fill(words.unfinished, {names: cut.slice(0, 5).join(", ")})}));
}
