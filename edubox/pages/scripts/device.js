// What this device remembers for its reader: small texts by key, in the pages' own origin, and nowhere else.
// Each picture (people.js) has a drawer of its own; without one, everything lies in the device's. A browser without
// storage (private windows, full devices) reads on and remembers nothing.
const device = {
  drawer: "edubox:",
  get(key, drawer = device.drawer) {
    try {
      return JSON.parse(localStorage.getItem(drawer + key));
    } catch {
      return null;
    }
  },
  set(key, value, drawer = device.drawer) {
    try {
      localStorage.setItem(drawer + key, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
  // Changes only these fields of what is kept: several scripts may keep something about the same part of a lesson.
  update(key, fields) {
    return device.set(key, { ...device.get(key), ...fields });
  },
  forget(key, drawer = device.drawer) {
    try {
      localStorage.removeItem(drawer + key);
    } catch {
      // Nothing is kept where nothing can be.
    }
  },
  // The keys of a drawer that begin so.
  keys(begin = "", drawer = device.drawer) {
    try {
      return Object.keys(localStorage)
        .filter((name) => name.startsWith(drawer + begin))
        .map((name) => name.slice(drawer.length));
    } catch {
      return [];
    }
  },
};
const storage = device.set("", 1);
device.forget("");
const one = (selector, inside = document) => inside.querySelector(selector);
const make = (tag, text, fields) => Object.assign(document.createElement(tag), { textContent: text }, fields);
