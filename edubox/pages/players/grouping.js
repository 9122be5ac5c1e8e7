// What foliate-js asks of the language and phones of 2021 do not have yet.
const groups = (items, key, put) => Array.from(items).forEach((item, index) => put(key(item, index), item));

if (!Object.groupBy) {
  Object.groupBy = (items, key) => {
    const found = Object.create(null);
    groups(items, key, (name, item) => (found[name] = found[name] || []).push(item));
    return found;
  };
}
if (!Map.groupBy) {
  Map.groupBy = (items, key) => {
    const found = new Map();
    groups(items, key, (name, item) => found.set(name, [...(found.get(name) || []), item]));
    return found;
  };
}
if (!Array.prototype.at) {
  Object.defineProperty(Array.prototype, "at", { value(index) { return this[index < 0 ? this.length + index : index]; } });
}
if (!Array.prototype.findLastIndex) {
  Object.defineProperty(Array.prototype, "findLastIndex", {
    value(fits) {
      for (let index = this.length - 1; index >= 0; index--) if (fits(this[index], index, this)) return index;
      return -1;
    },
  });
}
