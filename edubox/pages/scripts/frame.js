// What a lesson in its frame may say, and what it is told (docs/formats/messages.md). A lesson is a stranger's program:
// only the frame of this page is heard, and whatever it says is about the part that this page shows, never about another.
// Its state stays on this device, beside what progress.js keeps: item:<address>:<path> gets {state, used, score}.
const framed = beginAt(one(".open iframe"), new URLSearchParams(location.search).get("file"));
if (framed && opened) {
  const { player, words } = framed.dataset;
  if (player && lacksViewer()) framed.src = player;
  const { origin, hostname } = new URL(framed.src);
  hear(framed, origin, JSON.parse(words || "{}"));
  if (hostname !== location.hostname) remember(origin);
  const whole = one(".whole");
  whole.hidden = !document.fullscreenEnabled;
  whole.onclick = () => framed.requestFullscreen();
}

// An answer of the search leads to a page inside a part: "?file=<path>". A box frames that page by itself; nobody reads
// the question on a static site, so it is done here. Whoever wrote the link is a stranger: nothing outside the lesson's
// own folder is opened. A frame anew, since one that goes elsewhere would need the back button twice.
function beginAt(frame, file) {
  const folder = frame && file && (/^[^#]*\/c\/[0-9a-f]{64}\//.exec(frame.src) || [""])[0];
  const book = frame && file && /\/epub\.html#(?!.*&f=)/.test(frame.src);
  if (!folder && !book) return frame;
  const there = book ? `${frame.src}&f=${encodeURIComponent(file)}` : new URL(folder + file.split("/").map(encodeURIComponent).join("/")).href;
  if (!there.startsWith(folder || frame.src) || decodeURI(there) === decodeURI(frame.src)) return frame;
  const anew = frame.cloneNode();
  anew.src = there;
  frame.replaceWith(anew);
  return anew;
}

// A lesson with a name of its own keeps what it keeps there. The page about this device has all these names forget; of more
// than fifty, the one that was not opened for longest forgets at once.
function remember(origin) {
  const names = (device.get("names", "edubox:") || []).filter((one) => one !== origin);
  for (const old of names.splice(0, names.length - 49)) document.body.append(make("iframe", "", { src: `${old}/forget.html`, hidden: true }));
  device.set("names", [...names, origin], "edubox:");
}

// Phones: Android has no viewer of PDFs, an iPhone shows the first page of one in a frame and no more.
function lacksViewer() {
  const { pdfViewerEnabled, userAgent, maxTouchPoints } = navigator;
  const apple = /iP(hone|ad|od)/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
  return apple || pdfViewerEnabled === false || (pdfViewerEnabled === undefined && /Android/.test(userAgent));
}

function hear(frame, from, words) {
  const LONGEST = 65536; // characters of one state
  const TALLEST = 20000; // CSS pixels
  const BURST = 20; // messages at once; afterwards four a second
  let heard = 0;
  let since = Date.now();
  const tooMuch = () => {
    heard = Math.max(0, heard - (4 * (Date.now() - since)) / 1000);
    since = Date.now();
    return ++heard > BURST && (heard = BURST + 1);
  };
  const said = {
    hello() {
      const { state = null } = device.get(opened.key) || {};
      const answer = { edubox: 1, type: "state", state, words, language: document.documentElement.lang };
      frame.contentWindow.postMessage(answer, from);
    },
    save({ state }) {
      if (typeof state !== "string" || weight(state) > LONGEST) return;
      makeRoom(opened.key, weight(state));
      device.update(opened.key, { state, used: Date.now() });
    },
    done({ score, most }) {
      const points = Number.isFinite(score) && Number.isFinite(most) && score >= 0 && score <= most;
      if (points) device.update(opened.key, { score: [score, most] });
      finish();
    },
    size({ height }) {
      if (!(Number.isFinite(height) && height > 0 && height <= TALLEST)) return;
      frame.style.minHeight = `${height}px`;
      frame.parentNode.tabIndex = 0; // what now scrolls is scrolled with the keyboard too
    },
  };
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== from || tooMuch()) return;
    if (data && data.edubox === 1 && Object.keys(said).includes(data.type)) said[data.type](data);
  });
}

// Characters that a text takes where it is kept: some take six.
function weight(text) {
  return JSON.stringify(text).length;
}

// All states of this device together, whoever's they are, stay below two million characters: a browser keeps about five
// million for us. The ones that were not used for longest leave; that a part is done is still known.
function makeRoom(key, length) {
  const TOTAL = 2e6;
  const states = device.keys("", "").filter((name) => name.includes(":item:") && name !== device.drawer + key);
  const kept = states.map((name) => ({ name, ...device.get(name, "") })).filter(({ state }) => state).sort((a, b) => a.used - b.used);
  let sum = kept.reduce((all, { state }) => all + weight(state), length);
  while (sum > TOTAL) {
    const { name, state, used, ...rest } = kept.shift();
    device.set(name, rest, "");
    sum -= weight(state);
  }
}
