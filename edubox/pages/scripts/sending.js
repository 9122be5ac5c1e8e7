// Sends a file to the box in pieces that can be cut and go on (tus 1.0.0; see edubox/box/teacher/desk_upload.py), and remembers
// on this device what is under way, by the file's name, size and date: a page that was closed goes on when the same file is
// chosen again. upload.js has the rest of the same scope.
const PIECE = 8 * 1024 * 1024, SILENCE = 30000, LONGEST_WAIT = 30000, MOST = 2000, SHOWN = 20, WEEK = 7 * 86400000;
const MEMORY = "edubox-upload:";
const form = document.getElementById("drop");
const words = JSON.parse(form.dataset.words), base = form.dataset.base;
const kind = form.elements.kind.value;
const part = (id) => document.getElementById(id);
const list = part("sending-files"), bar = part("sending-all"), notice = part("sending-notice"), said = part("sending-said");
let draft = form.elements.draft.value, next = "", running = false, quarter = 0;
let csrf = document.querySelector("meta[name=csrf]")?.content || "";
const items = [], pace = [];

class Lost extends Error {}
class Over extends Error {}
class Refused extends Error {
  constructor(status) { super(String(status)); this.status = status; }
}

function ask(method, address, headers, body, sent) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    ask.under = request;
    let silent;
    const heard = () => {
      clearTimeout(silent);
      silent = setTimeout(() => request.abort(), SILENCE);
    };
    request.open(method, address);
    for (const [name, value] of Object.entries({"Tus-Resumable": "1.0.0", "X-Edubox-Csrf": csrf, ...headers})) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => { heard(); if (sent) sent(event.loaded); };
    request.onload = () => { clearTimeout(silent); done(request); };
    request.onerror = request.onabort = () => { clearTimeout(silent); failed(new Lost()); };
    heard();
    request.send(body);
  });
}

// An answer of the uploads says which version it speaks; what does not is the door, or an error on the way.
function check(answer, ...good) {
  if (good.includes(answer.status) && answer.getResponseHeader("Tus-Resumable")) return answer;
  if (answer.status === 401 || answer.status === 403 || (answer.status < 300 && !answer.getResponseHeader("Tus-Resumable"))) throw new Over();
  if (answer.status >= 500 && answer.status !== 507) throw new Lost();
  throw new Refused(answer.status);
}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

async function announce(item) {
  const about = {name: item.file.name, path: item.path, type: item.file.type, kind};
  if (draft) about.draft = draft;
  const metadata = Object.entries(about).filter(([, value]) => value).map(([key, value]) => `${key} ${base64(value)}`).join(",");
  const answer = check(await ask("POST", `${base}televersement/`, {"Upload-Length": String(item.file.size), "Upload-Metadata": metadata}), 201);
  item.address = answer.getResponseHeader("Location");
  draft = answer.getResponseHeader("X-Edubox-Draft");
  next = answer.getResponseHeader("X-Edubox-Next");
  item.sent = 0;
  remember(item);
}

async function howFar(item) {
  const answer = check(await ask("HEAD", item.address, {}), 200);
  draft = draft || answer.getResponseHeader("X-Edubox-Draft");
  next = answer.getResponseHeader("X-Edubox-Next");
  item.sent = Number(answer.getResponseHeader("Upload-Offset"));
}

async function send(item) {
  if (item.address) {
    try {
      await howFar(item);
    } catch (error) {
      if (!(error instanceof Refused) || ![404, 410].includes(error.status)) throw error;
      item.address = "";
    }
  }
  if (!item.address) await announce(item);
  while (item.sent < item.file.size && !item.cancelled) {
    const begin = item.sent, piece = item.file.slice(begin, begin + PIECE);
    const headers = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": String(begin)};
    const answer = check(await ask("PATCH", item.address, headers, piece, (bytes) => { item.sent = begin + Math.min(bytes, piece.size); show(); }), 204);
    item.sent = Number(answer.getResponseHeader("Upload-Offset"));
    warn("");
    show();
  }
}

// --- what is remembered ---------------------------------------------------------------------------------

const key = (item) => `${MEMORY}${kind}:${item.path}:${item.file.size}:${item.file.lastModified}`;

function remembered() {
  const found = {};
  try {
    for (const name of Object.keys(localStorage).filter((one) => one.startsWith(MEMORY))) {
      const one = JSON.parse(localStorage.getItem(name));
      if (Date.now() - one.at > WEEK) localStorage.removeItem(name);
      else found[name] = one;
    }
  } catch { /* nothing is remembered on this device */ }
  return found;
}

function remember(item) {
  try { localStorage.setItem(key(item), JSON.stringify({address: item.address, draft, name: item.file.name, at: Date.now()})); } catch { /* full, or not allowed */ }
}

function forget(item) {
  try { localStorage.removeItem(key(item)); } catch { /* as above */ }
}
