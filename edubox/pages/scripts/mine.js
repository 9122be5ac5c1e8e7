// The page about this device: what it remembers, a file to take that along, pictures for several pupils, forgetting.
const memory = one("#mine");
if (memory && storage) {
  const LARGEST = 1e6;
  const ADDRESS = "[a-z0-9-]{1,63}(/[a-z0-9-]{1,63}){2}";
  const NAMES = new RegExp(`^(comfort|lesson:${ADDRESS}|item:${ADDRESS}:.{1,500})$`, "s");
  // What a file may bring, by the first word of its key. It may come from anybody: all else in it is left behind.
  const SHAPES = {
    comfort: { size: "number", letters: "boolean", contrast: "boolean", still: "boolean" },
    lesson: { title: "string", part: "number", path: "string", when: "number", star: "boolean", finished: "boolean" },
    item: { done: "boolean", second: "number", state: "string", used: "number", score: "object" },
  };
  const say = (what, count) => (one("#said").textContent = memory.dataset[what].replace("#", count));

  const packed = (leaving) => {
    const kept = {};
    for (const key of device.keys()) if (NAMES.test(key)) kept[key] = { ...device.get(key), ...leaving };
    return JSON.stringify({ format: 1, kept });
  };
  one("#save").onclick = () => {
    const whole = packed();
    // Exercises may have kept more than a file may hold: then without them.
    const file = new Blob([whole.length < LARGEST ? whole : packed({ state: undefined })], { type: "application/json" });
    const link = make("a", "", { href: URL.createObjectURL(file), download: memory.dataset.file });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };

  const read = (text) => {
    const { format, kept } = JSON.parse(text);
    if (format !== 1) throw new Error("another format");
    return Object.entries(kept).slice(0, 5000).filter(([key]) => NAMES.test(key)).map(([key, value]) => {
      const shape = SHAPES[key.split(":")[0]];
      const fields = Object.entries({ ...value }).filter(
        ([name, field]) => typeof field === shape[name] && JSON.stringify(field).length < (name === "state" ? 140000 : 500)
      );
      return [key, Object.fromEntries(fields)];
    });
  };
  // The newer place in a lesson counts; what was done or liked on either device stays so.
  const merge = ([key, theirs]) => {
    const ours = device.get(key) || {};
    if (theirs.when) theirs.when = Math.min(theirs.when, Math.floor(Date.now() / 1000));
    const both = theirs.when > (ours.when || 0) ? { ...ours, ...theirs } : { ...theirs, ...ours };
    for (const name of ["done", "star"]) both[name] = ours[name] || theirs[name];
    return device.set(key, both);
  };
  one("#open").onchange = ({ target }) => {
    const [file] = target.files;
    const reader = new FileReader();
    reader.onload = () => {
      try {
        const found = read(reader.result);
        say(found.every(merge) ? "opened" : "full", found.filter(([key]) => key.startsWith("lesson")).length);
      } catch {
        say("unreadable");
      }
      list();
      target.value = "";
    };
    if (file && file.size <= LARGEST) reader.readAsText(file);
    else say("unreadable");
  };

  const list = () => {
    const rows = lessons().map(({ address, title }) => {
      const row = make("li", "");
      const button = make("button", memory.dataset.forget, { type: "button", className: "button quiet" });
      button.setAttribute("aria-label", `${memory.dataset.forget}: ${title}`);
      button.onclick = () => {
        device.forget(`lesson:${address}`);
        device.keys(`item:${address}:`).forEach((key) => device.forget(key));
        list();
        one("h2").focus();
      };
      const link = make("a", "", { href: memory.dataset.at.replace("*", address) });
      link.append(make("bdi", title));
      row.append(link, button);
      return row;
    });
    one("#kept").replaceChildren(...rows);
    one("#nothing").hidden = rows.length > 0;
  };
  list();

  one("#picture").onsubmit = (event) => {
    const { picture, name } = event.target.elements;
    const chosen = one(":checked", event.target);
    event.preventDefault();
    people.add(picture.value, name.value.trim() || chosen.parentNode.textContent.trim());
  };

  // Exercises keep their own state in the lessons' origin, or each at its own name (frame.js), where only a page of that origin
  // may erase it; a site whose lessons have no origin keeps none.
  const names = device.get("names", "edubox:") || [];
  const gone = () => {
    const { lessons } = memory.dataset;
    const places = lessons ? [lessons, ...names.map((origin) => `${origin}/forget.html`)] : [];
    for (const src of places) memory.append(make("iframe", "", { src, hidden: true }));
    for (const part of memory.querySelectorAll("section")) part.hidden = true;
    one("#gone").hidden = false;
    one("#gone").focus();
    one("#who").hidden = true;
  };
  one("#finished").onclick = () => {
    if (confirm(memory.dataset.sure)) {
      people.remove();
      gone();
    }
  };
  one("#everybody").onclick = () => {
    if (confirm(memory.dataset.sureAll)) {
      localStorage.clear();
      sessionStorage.clear();
      gone();
    }
  };
  one("#forgetful").hidden = true;
  memory.hidden = false;
}
