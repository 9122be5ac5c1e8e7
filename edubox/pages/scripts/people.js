// A tablet that several pupils use: each has a picture, and behind it a drawer of its own. The table of pictures lies
// in the device's drawer: {now, all: [{id, picture, name}]}; `now` is 0 for a reader without a picture.
const people = {
  read: () => device.get("people", "edubox:") || { now: 0, all: [] },
  write(now, all) {
    device.set("people", { now, all }, "edubox:");
    location.reload();
  },
  add(picture, name) {
    const { all } = people.read();
    const id = 1 + Math.max(0, ...all.map((person) => person.id));
    people.write(id, [...all, { id, picture, name }]);
  },
  // Nothing of the reader at hand stays; the others keep theirs.
  remove() {
    const { now, all } = people.read();
    const others = all.filter(({ id }) => id !== now);
    device.keys().forEach((key) => device.forget(key));
    if (others.length) device.set("people", { now: 0, all: others }, "edubox:");
    else localStorage.clear();
    sessionStorage.clear();
    device.set = () => false; // whatever this page still had to remember
  },
};

{
  const { now, all } = people.read();
  if (now) device.drawer = `edubox@${now}:`;
  const who = one("#who");
  if (who && all.length) {
    const nobody = { id: 0, picture: "nobody", name: who.dataset.nobody };
    const here = all.find(({ id }) => id === now) || nobody;
    const face = ({ picture }) => make("img", "", { src: `${who.dataset.pictures}#${picture}`, alt: "", width: 36, height: 36 });
    one("summary", who).append(face(here), make("span", here.name, { className: "unseen" }));
    for (const person of [...all, nobody]) {
      const button = make("button", "", { type: "button", onclick: () => people.write(person.id, all) });
      button.setAttribute("aria-pressed", person === here);
      button.append(face(person), person.name);
      const item = make("li", "");
      item.append(button);
      one("ul", who).append(item);
    }
    who.hidden = false;
  }
}
