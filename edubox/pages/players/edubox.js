// A lesson speaks to the page around it (docs/formats/messages.md): it says hello and gets what it kept last time, it
// keeps a new state, it says that it is done. Our players use this file; a lesson's author may copy it.
// Without a page around it, or with one that does not answer, a lesson begins afresh and what it keeps goes nowhere.
"use strict";
const edubox = (() => {
  const PATIENCE = 1500; // milliseconds until a page that does not answer is taken for none
  const PAUSE = 1000; // milliseconds between two states: the page ignores who talks without pause
  const say = (type, fields) => parent !== window && parent.postMessage(Object.assign({ edubox: 1, type }, fields), "*");
  let waiting = null;
  let timer = 0;
  const flush = () => {
    clearTimeout(timer);
    timer = 0;
    if (waiting !== null) say("save", { state: waiting });
    waiting = null;
  };
  addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => document.hidden && flush());

  return {
    // Promises {state, words, language}: the text kept last time (or null), and words of the reader's language.
    hello() {
      return new Promise((resolve) => {
        const begin = (answer) => resolve(Object.assign({ state: null, words: {}, language: "" }, answer));
        addEventListener("message", ({ source, data }) => {
          if (source === parent && data && data.edubox === 1 && data.type === "state") begin(data);
        });
        setTimeout(begin, parent === window ? 0 : PATIENCE);
        say("hello");
      });
    },
    // Keeps the text `state` (64 kB at most) until the next one; the newest of each second travels.
    save(state) {
      waiting = state;
      if (!timer) timer = setTimeout(flush, PAUSE);
    },
    // The reader is done, with `score` of `most` points if there are points.
    done(score, most) {
      flush();
      say("done", Number.isFinite(score) && Number.isFinite(most) ? { score, most } : {});
    },
    // The content wants `height` CSS pixels.
    size(height) {
      say("size", { height: Math.ceil(height) });
    },
  };
})();
