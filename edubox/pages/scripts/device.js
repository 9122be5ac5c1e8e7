// What this device remembers for its reader: small texts by key, in the pages' own origin, and nowhere else.
// A browser without storage (private windows, full devices) reads on and remembers nothing.
const device = {
  get(key) {
    try {
      return JSON.parse(localStorage.getItem("edubox:" + key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem("edubox:" + key, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
  forget(key) {
    try {
      localStorage.removeItem("edubox:" + key);
    } catch {
      // Nothing is kept where nothing can be.
    }
  },
};
