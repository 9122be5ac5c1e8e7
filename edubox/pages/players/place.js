// Which file of which lesson a player shows: "#c=<name of the lesson's version>&e=<path>" at the end of the player's own
// address, so that browsers keep one player for all lessons. Whoever wrote the link is a stranger: what is not a file
// of a lesson on this origin is no place. "&f=<path>" names the chapter of a book to begin with.
"use strict";
const place = (() => {
  const asked = new URLSearchParams(location.hash.slice(1));
  const version = asked.get("c") || "";
  const path = asked.get("e") || "";
  if (!/^[0-9a-f]{64}$/.test(version) || /[\\\0]/.test(path)) return null;
  if (path.split("/").some((step) => ["", ".", ".."].includes(step))) return null;
  const root = `${location.pathname.replace(/\/p\/[^/]+\/[^/]*$/, "")}/c/${version}`;
  return { path, begin: asked.get("f") || "", at: (name) => [root, ...name.split("/").map(encodeURIComponent)].join("/") };
})();

// The folder that a container's files were opened into, from the lesson's first folder; ends with / unless it is that one.
const containerOf = (path) => (path.match(/^(?:.*\/)?[^/]+\.d\//) || [""])[0];

const load = (address) => new Promise((resolve, reject) => {
  const script = document.createElement("script");
  Object.assign(script, { src: address, onload: resolve, onerror: reject });
  document.head.append(script);
});

// A player is called what it plays, in the language of the page around it.
const introduce = ({ words, language }) => {
  document.documentElement.lang = language;
  document.title = words.title || document.title;
};

// Instead of an empty frame.
const trouble = (words) => {
  const told = document.createElement("p");
  told.className = "trouble";
  told.textContent = words.trouble || "This cannot be shown here.";
  document.body.replaceChildren(told);
};
