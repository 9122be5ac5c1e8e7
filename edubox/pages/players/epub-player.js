// A book, read page by page with foliate-js from its opened folder. The page and the size of its letters are kept on the
// device; arrows turn the way the book is written, from the left or from the right.
import "./grouping.js";

const LETTERS = [80, 100, 120, 145, 175, 210]; // per cent
const at = (id) => document.getElementById(id);

// The book's files, fetched one by one as they are needed. What only some book shops add is not asked for.
const loaderOf = (folder) => {
  const fetched = async (name) => {
    const answer = await fetch(place.at(folder + name));
    return answer.ok ? answer : null;
  };
  const container = () => {
    const described = document.implementation.createDocument("urn:oasis:names:tc:opendocument:xmlns:container", "container");
    const file = described.createElementNS(described.documentElement.namespaceURI, "rootfile");
    file.setAttribute("full-path", place.path.slice(folder.length));
    file.setAttribute("media-type", "application/oebps-package+xml");
    described.documentElement.append(file);
    return new XMLSerializer().serializeToString(described);
  };
  return {
    async loadText(name) {
      if (name.startsWith("META-INF/")) return name === "META-INF/container.xml" ? container() : null;
      const answer = await fetched(name);
      return answer && answer.text();
    },
    async loadBlob(name) {
      const answer = await fetched(name);
      return answer ? answer.blob() : new Blob();
    },
    // Chapters count alike: their sizes would cost a request each, and only the end of the last one matters here.
    getSize: () => 1000,
  };
};

const kept = (state) => {
  try {
    const { cfi, letters } = JSON.parse(state);
    return { cfi: typeof cfi === "string" ? cfi : null, letters: letters in LETTERS ? letters : 1 };
  } catch {
    return { cfi: null, letters: 1 };
  }
};

const rows = (entries, go) => {
  const list = document.createElement("ol");
  for (const { label, href, subitems } of entries) {
    const row = document.createElement("li");
    const button = document.createElement("button");
    button.textContent = label;
    button.dataset.href = href || "";
    button.onclick = () => href && go(href);
    row.append(button, ...(subitems ? [rows(subitems, go)] : []));
    list.append(row);
  }
  return list;
};

const read = async ({ state, words }) => {
  const [{ EPUB }] = await Promise.all([import("./epub/epub.js"), import("./epub/view.js")]);
  const book = await new EPUB(loaderOf(containerOf(place.path))).init();
  const view = document.createElement("foliate-view");
  at("chapters").before(view);
  await view.open(book);
  const known = kept(state);
  const chapters = at("chapters");

  const save = () => edubox.save(JSON.stringify(known));
  const letters = (change) => {
    known.letters = Math.min(Math.max(known.letters + change, 0), LETTERS.length - 1);
    at("smaller").disabled = known.letters === 0;
    at("bigger").disabled = known.letters === LETTERS.length - 1;
    if (view.renderer.setStyles) view.renderer.setStyles(`html{font-size:${LETTERS[known.letters]}% !important}`);
    save();
  };
  const show = (open) => {
    chapters.hidden = !open;
    at("contents").setAttribute("aria-expanded", open);
    const here = open && chapters.querySelector("[aria-current], button");
    (here || at("contents")).focus();
  };
  const turn = {
    ArrowLeft: () => view.goLeft(), ArrowRight: () => view.goRight(), PageDown: () => view.next(), PageUp: () => view.prev(),
    " ": () => view.next(),
  };
  const pressed = (event) => {
    if (event.key === "Escape" && !chapters.hidden) show(false);
    const onButton = event.key === " " && event.target.closest("button, a");
    if (!chapters.hidden || onButton || !(event.key in turn) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    turn[event.key]();
  };

  document.querySelector(".bar").dir = book.dir === "rtl" ? "rtl" : "ltr";
  chapters.dir = document.documentElement.dir = book.dir === "rtl" ? "rtl" : "auto";
  for (const [id, word] of Object.entries({ contents: words.contents, smaller: words.smaller, bigger: words.bigger, back: words.back, on: words.on, chapters: words.contents })) {
    at(id).setAttribute("aria-label", word || id);
    at(id).title = word || "";
  }
  at("back").onclick = () => view.prev();
  at("on").onclick = () => view.next();
  at("smaller").onclick = () => letters(-1);
  at("bigger").onclick = () => letters(1);
  at("contents").onclick = () => show(chapters.hidden);
  at("contents").hidden = !(book.toc && book.toc.length);
  at("smaller").hidden = at("bigger").hidden = !view.renderer.setStyles;
  if (book.toc) {
    chapters.append(rows(book.toc, (href) => {
      show(false);
      view.goTo(href);
    }));
  }
  addEventListener("keydown", pressed);
  view.addEventListener("load", ({ detail: { doc } }) => doc.addEventListener("keydown", pressed));
  // A link to the rest of the world leads nowhere in a school without it.
  view.addEventListener("external-link", (event) => event.preventDefault());
  view.addEventListener("relocate", ({ detail: { cfi, fraction, tocItem } }) => {
    known.cfi = cfi;
    save();
    at("where").textContent = tocItem ? tocItem.label : "";
    for (const button of chapters.querySelectorAll("button")) {
      if (tocItem && button.dataset.href === tocItem.href) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    if (fraction >= 0.99) edubox.done();
  });
  letters(0);
  const folder = containerOf(place.path);
  const found = place.begin.startsWith(folder) && place.begin.slice(folder.length);
  await view.init({ lastLocation: (found && view.resolveNavigation(found) ? found : null) || known.cfi });
  // Before it is here, a page that is asked for would be lost.
  document.querySelector(".bar").classList.remove("waits");
};

edubox.hello().then((answer) => {
  introduce(answer);
  return read(answer).catch(() => trouble(answer.words));
});
