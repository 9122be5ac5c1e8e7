// A document for browsers that show none themselves, drawn with pdf.js: a sheet is drawn when it comes near the
// screen and let go when it leaves, so that a long document fits a small phone. Its text lies over the drawing, for
// screen readers and for copying. The sheet and the size are kept on the device.
"use strict";
const SIZES = [1, 1.25, 1.5, 2, 3]; // times the width of the screen
const at = (id) => document.getElementById(id);

const show = async ({ state, words }) => {
  const known = Object.assign({ sheet: 1, size: 0 }, kept(state));
  pdfjsLib.GlobalWorkerOptions.workerSrc = "pdf/pdf.worker.js";
  const book = await pdfjsLib.getDocument({
    url: place.at(place.path), standardFontDataUrl: "pdf/fonts/", isEvalSupported: false, disableAutoFetch: true, disableStream: true,
  }).promise;
  const first = await book.getPage(1);
  const shape = first.getViewport({ scale: 1 });
  const sheets = Array.from({ length: book.numPages }, (_, index) => sheet(index + 1, words));
  at("sheets").append(...sheets);
  at("smaller").setAttribute("aria-label", words.smaller || "smaller");
  at("bigger").setAttribute("aria-label", words.bigger || "bigger");

  const save = () => edubox.save(JSON.stringify(known));
  const near = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) isIntersecting ? draw(book, target) : target.replaceChildren();
  }, { root: at("sheets"), rootMargin: "100%" });
  const here = new IntersectionObserver((seen) => {
    const top = seen.find(({ isIntersecting }) => isIntersecting);
    if (!top) return;
    known.sheet = +top.target.dataset.number;
    at("where").textContent = `${known.sheet} / ${book.numPages}`;
    save();
    if (known.sheet === book.numPages) edubox.done();
  }, { root: at("sheets"), rootMargin: "-50% 0px" });

  const lay = (change) => {
    known.size = Math.min(Math.max(known.size + change, 0), SIZES.length - 1);
    at("smaller").disabled = known.size === 0;
    at("bigger").disabled = known.size === SIZES.length - 1;
    const width = (at("sheets").clientWidth - 16) * SIZES[known.size];
    const asked = known.sheet;
    for (const one of sheets) {
      near.unobserve(one);
      one.replaceChildren();
      one.style.width = `${width}px`;
      one.style.height = `${(width * shape.height) / shape.width}px`;
    }
    sheets[asked - 1].scrollIntoView();
    for (const one of sheets) near.observe(one);
    save();
  };
  known.sheet = Math.min(Math.max(known.sheet, 1), book.numPages);
  at("smaller").onclick = () => lay(-1);
  at("bigger").onclick = () => lay(1);
  addEventListener("resize", () => lay(0));
  lay(0);
  for (const one of sheets) here.observe(one);
};

const kept = (state) => {
  try {
    const { sheet, size } = JSON.parse(state);
    return { sheet: Number.isInteger(sheet) ? sheet : 1, size: size in SIZES ? size : 0 };
  } catch (error) {
    return {};
  }
};

const sheet = (number, words) => {
  const one = document.createElement("section");
  one.className = "sheet";
  one.dataset.number = number;
  one.setAttribute("aria-label", `${words.sheet || ""} ${number}`);
  return one;
};

const draw = async (book, target) => {
  const page = await book.getPage(+target.dataset.number);
  const plain = page.getViewport({ scale: 1 });
  const viewport = page.getViewport({ scale: target.clientWidth / plain.width });
  target.style.height = `${viewport.height}px`;
  const fine = Math.min(devicePixelRatio || 1, 2);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: viewport.width * fine, height: viewport.height * fine });
  const text = document.createElement("div");
  text.className = "text";
  text.style.setProperty("--scale-factor", viewport.scale);
  target.replaceChildren(canvas, text);
  const context = canvas.getContext("2d");
  await page.render({ canvasContext: context, viewport, transform: [fine, 0, 0, fine, 0, 0] }).promise;
  await pdfjsLib.renderTextLayer({ textContentSource: page.streamTextContent(), container: text, viewport }).promise;
};

edubox.hello().then((answer) => {
  introduce(answer);
  return show(answer).catch(() => trouble(answer.words));
});
