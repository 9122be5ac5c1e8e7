// Suggestions below the search field while a reader types (ARIA's combobox with a list), out of the files that
// ../shards.py describes; Enter without choosing asks the search page. On a static site, which nobody answers for, that
// page is answered here as well, out of the files of ../fulltext.py. Browsers let no script read files beside a page that is
// itself a file (a stick): then nothing is suggested, and the search page says where else to look.
{
const SUGGESTED = 8, TYPED = 4, ANSWERS = 20, A_FILE = 24, DELAY = 150;
const files = {};
const load = (name) => files[name] || (files[name] = fetch(name).then((answer) => answer.json()).catch(() => {
  delete files[name];
  return null;
}));

// As ../stems.py folds: without capitals, accents, and the vowel marks and stretching of Arabic.
const fold = (word) => word.toUpperCase().toLowerCase().replace(/ς/g, "σ").normalize("NFD").replace(/[\p{M}\u0640]/gu, "").normalize("NFC");
const words = (text) => (text.normalize("NFC").match(/(?:[\p{L}\p{N}][\u064b-\u0652\u0670\u0640]*)+/gu) || []).map(fold);
// As finding.bare: without the article of Arabic.
const asked = (text) => words(text).map((word) => word.replace(/^(?:[وفبك]?ال|لل)(?=...)/, ""));
const fileOf = (key) => "w-" + [...key].map((one) => (/[a-z0-9]/.test(one) ? one : one.codePointAt().toString(16) + "-")).join("") + ".json";

// The shard of a word, and its entries that answer: for the word itself, for what begins with it, else for what differs
// in its last letters (fonctions for fonction, and the other way round).
const lookUp = async (folder, word) => {
  const keys = (await load(folder + "keys.json")) || [];
  const key = keys.filter((one) => word.startsWith(one)).pop();
  const shard = key != null && (await load(folder + fileOf(key)));
  if (!shard) return [{}, []];
  const known = Object.keys(shard.w).sort((a, b) => (b === word) - (a === word));
  let good = known.filter((one) => one.startsWith(word));
  for (let length = word.length; !good.length && length > 3 && length > word.length - 3; length--) {
    good = known.filter((one) => one.startsWith(word.slice(0, length)) && one.length < length + 3);
  }
  return [shard, [...new Set([].concat(...good.map((one) => shard.g[shard.w[one]])))]];
};

const suggest = async (folder, text) => {
  const typed = asked(text).slice(-TYPED), found = new Map();
  for (const word of typed) {
    const [shard, places] = await lookUp(folder, word);
    for (const entry of places.map((place) => shard.e[place])) {
      const id = entry[0] + "/" + entry[1];
      if (!found.has(id)) found.set(id, [entry, asked(entry[2] + " " + entry[3])]);
      found.get(id)[1].push(word);
    }
  }
  const all = [...found.values()].filter(([, said]) => typed.every((word) => said.some((one) => one.startsWith(word))));
  return all.map(([entry]) => entry).sort((a, b) => !!a[1] - !!b[1]).slice(0, SUGGESTED);
};

// Pages that have most of the words; to have one more weighs more than any place in the list of another.
const answers = async (folder, text) => {
  const points = new Map();
  for (const word of asked(text).slice(0, 2 * TYPED)) {
    (await lookUp(folder, word))[1].forEach((page, place) => points.set(page, (points.get(page) || 0) + 1 + 1 / (20 + place)));
  }
  const best = [...points].sort((a, b) => b[1] - a[1]).slice(0, ANSWERS);
  const pages = await Promise.all(best.map(async ([page]) => ((await load(`${folder}p-${Math.floor(page / A_FILE)}.json`)) || [])[page % A_FILE]));
  return pages.filter(Boolean);
};

const add = (parent, tag, text, language) => {
  const made = document.createElement(tag);
  made.textContent = text;
  if (text) made.dir = "auto";
  if (language) made.lang = language;
  return parent.appendChild(made);
};
const form = document.querySelector("form.find");
if (form) {
  const field = form.q, list = form.querySelector("[role=listbox]"), news = form.querySelector("output"), { folder, lessons, found } = form.dataset;
  const addressOf = (address, part) => `${lessons}${address}/${part ? part + "/" : ""}`;
  const set = (name, value) => (value == null ? field.removeAttribute("aria-" + name) : field.setAttribute("aria-" + name, value));
  let at = -1, shown = [], timer, turn = 0;
  const mark = (place) => {
    if (shown[at]) shown[at].removeAttribute("aria-selected");
    at = place;
    const one = shown[at];
    set("activedescendant", one && one.id);
    if (!one) return;
    one.setAttribute("aria-selected", true);
    one.scrollIntoView({ block: "nearest" });
  };
  const show = (entries, said) => {
    turn++;
    mark(-1);
    list.textContent = "";
    shown = entries.map(([address, part, title, of, language], place) => {
      const link = add(list, "a", "");
      link.id = "found" + place;
      link.setAttribute("role", "option");
      link.href = addressOf(address, part);
      link.tabIndex = -1;
      add(link, "span", title, language);
      if (of) add(link, "small", of, language);
      return link;
    });
    list.hidden = !shown.length;
    set("expanded", !list.hidden);
    news.textContent = said;
  };
  const ask = async () => {
    const mine = ++turn, typed = words(field.value).length, entries = await suggest(folder, field.value);
    if (mine === turn) show(entries, typed ? found.replace("0", entries.length) : "");
  };
  const served = location.protocol !== "file:";
  if (served) {
    field.setAttribute("role", "combobox");
    set("autocomplete", "list");
    set("controls", list.id);
    set("expanded", false);
  }
  field.oninput = () => {
    clearTimeout(timer);
    if (served) timer = setTimeout(ask, DELAY);
  };
  field.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], next = at + step;
    if (event.isComposing || !shown.length) return;
    // Beyond either end is the field itself.
    if (step) mark(next < -1 ? shown.length - 1 : next === shown.length ? -1 : next);
    else if (event.key === "Escape") show([], "");
    else if (event.key === "Enter" && shown[at]) shown[at].click();
    else return;
    event.preventDefault();
  };
  // A touch on a suggestion must not close the list before it counts.
  list.onpointerdown = (event) => event.preventDefault();
  field.onblur = () => {
    clearTimeout(timer);
    show([], "");
  };

  const box = document.getElementById("answers"), query = new URLSearchParams(location.search).get("q");
  if (box && !served) one(".lead").textContent = box.dataset.unserved;
  else if (box && query) {
    field.value = query;
    answers(folder.replace(/[^/]+\/$/, "text/"), query).then((pages) => {
      document.querySelector("h1").textContent = box.dataset[pages.length ? "heading" : "none"].replace("%", query.slice(0, 60));
      for (const [address, part, file, title, of, language, begin] of pages) {
        const hit = add(box, "li", "");
        hit.className = "hit";
        add(hit, "p", of, language).className = "from";
        add(add(hit, "h2", ""), "a", title, language).href = addressOf(address, part) + (file ? "?file=" + encodeURIComponent(file) : "");
        add(hit, "p", begin, language);
      }
    });
  }
}
}
