// Exercises that answer a mistake with its own explanation.
//
// A page says where an exercise goes: <div class="drill" data-drill="add"></div>. Each kind below makes items
// from a random source and judges an answer. The source starts from the kind and the number of the series, so
// "series 3" is the same five questions on every device of the class; the teacher's page lists its answers.
// Nothing is stored or sent. All sentences are in words.js.
"use strict";

const COUNT = 5; // questions in a series

// --- numbers ---

const gcd = (a, b) => (b ? gcd(b, a % b) : a);
const fraction = (n, d) =>
  `<span class="frac" role="img" aria-label="${WORDS.say(n, d)}"><span>${n}</span><span class="slash">/</span><span>${d}</span></span>`;
const chain = (text) => `<span class="chain">${text}</span>`; // not broken at the end of a line
const same = (a, b, c, d) => a * d === b * c;

/** A repeatable source of numbers in [0, 1), the same for the same text (FNV-1a, then mulberry32). */
function randomSource(text) {
  let seed = 2166136261;
  for (const letter of text) seed = Math.imul(seed ^ letter.charCodeAt(0), 16777619);
  return () => {
    seed = (seed + 0x6D2B79F5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const between = (random, low, high) => low + Math.floor(random() * (high - low + 1));
const oneOf = (random, choices) => choices[Math.floor(random() * choices.length)];

/** A fraction below 1 that cannot be simplified, with a denominator among `choices`. */
function proper(random, choices) {
  const d = oneOf(random, choices);
  let n = between(random, 1, d - 1);
  while (gcd(n, d) > 1) n = between(random, 1, d - 1);
  return [n, d];
}

// --- pictures ---

function bar(n, d, top) {
  let parts = "";
  for (let i = 0; i < d; i++) {
    parts += `<rect class="${i < n ? "full" : "empty"}" x="${2 + 236 * i / d}" y="${top}" width="${236 / d}" height="32"/>`;
  }
  return parts;
}

const picture = (kind, label, width, height, inside) =>
  `<svg class="${kind}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}"><title>${label}</title>${inside}</svg>`;

function numberLine(n, d) {
  let inside = '<path class="axis" d="M10 40H392"/>';
  for (let i = 0; i <= 2 * d; i++) {
    const x = 20 + 180 * i / d, whole = i % d === 0;
    inside += `<path class="axis" d="M${x} ${whole ? "30V50" : "34V46"}"/>`;
    if (whole) inside += `<text x="${x}" y="70" text-anchor="middle">${i / d}</text>`;
  }
  inside += `<circle class="point" cx="${20 + 180 * n / d}" cy="40" r="8"/>`;
  return picture("axis-line", WORDS.line.picture(n, d), 400, 80, inside);
}

// --- the kinds of exercise ---
// make(random) → an item: `fields` says what is typed (fraction, number or sign), `ask` and `picture` show it,
// `hint`, `answer` and `explain` help, `short` names it in the teacher's list, and `judge` returns true or the
// explanation of the mistake.

const KINDS = {
  read(random) {
    const d = between(random, 3, 8), n = between(random, 1, d - 1), w = WORDS.read;
    return {
      fields: "fraction", ask: w.ask, picture: picture("bars", w.picture(n, d), 240, 36, bar(n, d, 2)),
      hint: w.hint, answer: fraction(n, d), explain: w.explain(n, d, fraction), short: picture("bars", w.picture(n, d), 240, 36, bar(n, d, 2)),
      judge(a, b) {
        if (same(a, b, n, d)) return true;
        if (a === d && b === n) return w.inverted;
        if (a === n && b === d - n) return w.partToPart;
        if (a === d - n && b === d) return w.white;
        return b === d ? w.numerator : a === n ? w.denominator : w.wrong;
      },
    };
  },

  line(random) {
    const d = between(random, 3, 6), w = WORDS.line;
    let n = between(random, 1, 2 * d - 1);
    if (n === d) n = d + 1;
    return {
      fields: "fraction", ask: w.ask, picture: numberLine(n, d), hint: w.hint,
      answer: fraction(n, d), explain: w.explain(n, d, fraction), short: numberLine(n, d),
      judge(a, b) {
        if (same(a, b, n, d)) return true;
        if (a === d && b === n) return w.inverted;
        if (b === 2 * d) return w.wholeDrawing;
        if (b === d && a === n + 1) return w.countedZero;
        if (b === d && a === n - d) return w.forgotOne;
        if (b === d + 1) return w.marks;
        return b === d ? w.numerator : w.wrong;
      },
    };
  },

  equal(random) {
    const [n, d] = proper(random, [2, 3, 4, 5, 6, 8]), k = between(random, 2, 6), w = WORDS.equal;
    return {
      fields: "number", ask: `${w.ask} ${chain(`${fraction(n, d)} = ${fraction("?", d * k)}`)}`, hint: w.hint(d, k),
      answer: `${n * k}`, explain: w.explain(n, d, k, fraction), short: `${fraction(n, d)} = ${fraction("?", d * k)}`,
      judge(value) {
        if (value === n * k) return true;
        if (value === n + d * k - d) return w.additive(d * k - d);
        if (value === n) return w.copied;
        return value === k ? w.factor(k, n) : w.wrong;
      },
    };
  },

  simplify(random) {
    const [n, d] = proper(random, [2, 3, 4, 5, 7]), k = oneOf(random, [2, 3, 4, 5, 6]), w = WORDS.simplify;
    return {
      fields: "fraction", ask: `${w.ask} ${chain(`${fraction(n * k, d * k)} =`)}`, hint: w.hint(k),
      answer: fraction(n, d), explain: w.explain(n, d, k, fraction), short: fraction(n * k, d * k),
      judge(a, b) {
        if (a === n && b === d) return true;
        if (a === n * k && b === d * k) return w.same;
        if (same(a, b, n, d)) return w.further(gcd(a, b));
        if (a === d && b === n) return w.inverted;
        if ((a === n) !== (b === d) && (a === n * k || b === d * k)) return w.half;
        return n * k - a === d * k - b ? w.subtracted : w.wrong;
      },
    };
  },

  compare(random) {
    const w = WORDS.compare, type = oneOf(random, ["sameDenominator", "sameNumerator", "sameNumerator", "aroundOne", "multiple", "multiple"]);
    let a, b, c, d, k = 1;
    if (type === "sameDenominator") {
      b = d = between(random, 5, 9);
      a = between(random, 1, b - 2);
      c = between(random, a + 1, b - 1);
    } else if (type === "sameNumerator") {
      a = c = between(random, 1, 4);
      b = between(random, a + 1, 7);
      d = between(random, b + 1, 10);
    } else if (type === "aroundOne") {
      b = between(random, 3, 6);
      a = b + 1;
      d = between(random, b + 1, 9);
      c = d - 1;
    } else {
      [a, b] = proper(random, [2, 3, 4]);
      k = between(random, 2, 3);
      d = b * k;
      c = Math.min(d - 1, Math.max(1, a * k + between(random, -1, 1)));
    }
    if (type !== "multiple" && random() < 0.5) [a, b, c, d] = [c, d, a, b];
    const sign = a * d < b * c ? "<" : a * d > b * c ? ">" : "=", p = { a, b, c, d, k };
    const answer = `${fraction(a, b)} ${sign} ${fraction(c, d)}`;
    const bars = [[a, b], [c, d]].map(([n, m], row) =>
      n <= m ? bar(n, m, 2 + 40 * row) : `${bar(m, m, 2 + 40 * row)}<g transform="translate(236 0)">${bar(n - m, m, 2 + 40 * row)}</g>`).join("");
    return {
      fields: "sign", ask: `${w.ask} ${chain(`${fraction(a, b)} … ${fraction(c, d)}`)}`, hint: w.hint,
      hintPicture: picture("bars", w.picture(a, b, c, d), a > b || c > d ? 476 : 240, 76, bars),
      answer, explain: w.explain[type](p, fraction), short: "", // the answer holds the question
      judge: (given) => given === sign || w.trap[type],
    };
  },

  add(random) {
    const w = WORDS.add, p = pair(random), total = p.x + p.y, g = gcd(total, p.m);
    return {
      fields: "fraction", ask: `${w.ask} ${chain(`${fraction(p.a, p.b)} + ${fraction(p.c, p.d)} =`)}`, hint: w.hint(p.b, p.d, fraction),
      answer: fraction(total, p.m), short: `${fraction(p.a, p.b)} + ${fraction(p.c, p.d)}`,
      explain: w.explain(p, fraction, "+", total) + (g > 1 ? " " + w.simpler(total / g, p.m / g, fraction) : ""),
      judge(a, b) {
        if (same(a, b, total, p.m)) return true;
        if (a === p.a + p.c && b === p.b + p.d) return w.both;
        if (p.b !== p.d && a === p.a + p.c) return w.unlike;
        if (a === p.a * p.c && b === p.b * p.d) return w.product;
        return b === p.m ? w.numerator : w.wrong;
      },
    };
  },

  subtract(random) {
    const w = WORDS.subtract, p = pair(random);
    if (p.x < p.y) [p.a, p.b, p.x, p.c, p.d, p.y] = [p.c, p.d, p.y, p.a, p.b, p.x];
    const rest = p.x - p.y, g = gcd(rest, p.m);
    return {
      fields: "fraction", ask: `${w.ask} ${chain(`${fraction(p.a, p.b)} − ${fraction(p.c, p.d)} =`)}`, hint: WORDS.add.hint(p.b, p.d, fraction),
      answer: fraction(rest, p.m), short: `${fraction(p.a, p.b)} − ${fraction(p.c, p.d)}`,
      explain: WORDS.add.explain(p, fraction, "−", rest) + (g > 1 && rest ? " " + WORDS.add.simpler(rest / g, p.m / g, fraction) : ""),
      judge(a, b) {
        if (same(a, b, rest, p.m)) return true;
        if (same(a, b, p.x + p.y, p.m)) return w.added;
        if (p.b !== p.d && a === Math.abs(p.a - p.c) && b === Math.abs(p.b - p.d)) return w.both;
        if (p.b === p.d && a === rest && b !== p.m) return w.both;
        if (p.b !== p.d && a === Math.abs(p.a - p.c)) return w.unlike;
        return b === p.m ? w.numerator : w.wrong;
      },
    };
  },

  share(random) {
    const [n, d] = proper(random, [2, 3, 4, 5, 6, 10]), whole = d * between(random, 3, 12), w = WORDS.share;
    return {
      fields: "number", ask: w.ask(n, d, whole, fraction), hint: w.hint(d, whole), answer: `${n * whole / d}`,
      explain: w.explain(n, d, whole), short: w.ask(n, d, whole, fraction),
      judge(value) {
        if (value === n * whole / d) return true;
        if (value === whole / d) return w.onePart(n);
        if (value === n * whole) return w.notDivided(d);
        if (value === whole / n) return w.byNumerator(d);
        return value === whole - n * whole / d ? w.rest : w.wrong;
      },
    };
  },
};

/** Two fractions a/b and c/d below 1, one denominator a multiple of the other: x/m and y/m with parts alike. */
function pair(random) {
  let [a, b] = proper(random, [2, 3, 4, 5, 6]);
  const k = oneOf(random, [1, 2, 2, 3]);
  let d = b * k, c = between(random, 1, d - 1);
  if (k > 1) while (gcd(c, d) > 1) c = between(random, 1, d - 1);
  const m = d;
  let x = a * k, y = c;
  if (random() < 0.5) [a, b, x, c, d, y] = [c, d, y, a, b, x];
  return { a, b, c, d, x, y, m };
}

/** The items of one series; no two are alike. */
function series(kind, number) {
  const random = randomSource(`${kind} ${number}`), items = [], seen = new Set();
  for (let tries = 0; items.length < COUNT && tries < 200; tries++) {
    const item = KINDS[kind](random), name = item.short + item.answer;
    if (seen.has(name)) continue;
    seen.add(name);
    items.push(item);
  }
  return items;
}

// --- one exercise on a page ---

function drill(box) {
  const kind = box.dataset.drill;
  let number = 1, items, at, good, tried;
  box.innerHTML = `<h3>${WORDS[kind].title}</h3>
    <div class="status"><span class="progress"></span><label>${WORDS.series} <input type="number" min="1" max="99" value="1"></label></div>
    <div class="question"></div><p class="said" role="status"></p><div class="row"></div>`;
  const find = (selector) => box.querySelector(selector);
  const said = find(".said"), row = find(".row");

  function say(html, tone) {
    said.innerHTML = html;
    said.className = `said ${tone}`;
  }

  function buttons(...list) {
    row.replaceChildren(...list.map(([label, action, main]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.classList.toggle("main", Boolean(main));
      button.addEventListener("click", action);
      return button;
    }));
  }

  function start(which) {
    number = Math.min(99, Math.max(1, which || 1));
    find(".status input").value = number;
    items = series(kind, number);
    at = good = 0;
    show();
  }

  function show() {
    const item = items[at];
    tried = false;
    find(".progress").textContent = WORDS.progress(at + 1, items.length, good);
    const field = (label) => `<input inputmode="numeric" autocomplete="off" maxlength="4" aria-label="${label}">`;
    const fields = {
      fraction: `<span class="write">${field(WORDS.numerator)}${field(WORDS.denominator)}</span>`,
      number: field(WORDS.number),
      sign: `<span class="row">${[["<", WORDS.compare.less], ["=", WORDS.compare.equals], [">", WORDS.compare.greater]].map(([sign, name]) =>
        `<button type="button" class="sign" aria-label="${name}" data-sign="${sign}">${sign}</button>`).join("")}</span>`,
    };
    find(".question").innerHTML = `${item.picture ?? ""}<div class="ask"><span>${item.ask}</span>${fields[item.fields]}</div><div class="help"></div>`;
    say("", "");
    tools();
  }

  /** The buttons of an open question; the answer is offered once somebody has tried. */
  function tools() {
    const item = items[at], list = item.fields === "sign" ? [] : [[WORDS.check, check, true]];
    list.push([WORDS.hint, () => { find(".help").innerHTML = `<p>${item.hint}</p>${item.hintPicture ?? ""}`; }]);
    if (tried) list.push([WORDS.reveal, () => close(`${WORDS.answer} ${item.answer}. `, "")]);
    buttons(...list);
  }

  function check() {
    const texts = [...find(".question").querySelectorAll("input")].map((input) => input.value.trim());
    if (!texts.every((text) => /^\d+$/.test(text))) return say(WORDS.empty, "again");
    const values = texts.map(Number);
    if (values.length === 2 && values[1] === 0) return say(WORDS.zero, "again");
    return judge(values);
  }

  function judge(values) {
    const verdict = items[at].judge(...values);
    if (verdict === true) {
      if (!tried) good += 1;
      return close(`✓ ${WORDS.right} `, "good");
    }
    tried = true;
    tools();
    return say(`↻ ${verdict}`, "again");
  }

  function close(opening, tone) {
    say(opening + items[at].explain, tone);
    find(".progress").textContent = WORDS.progress(at + 1, items.length, good);
    for (const control of find(".question").querySelectorAll("input, button")) control.disabled = true;
    const last = at + 1 === items.length;
    buttons([last ? WORDS.finish : WORDS.next, last ? end : () => { at += 1; show(); find(".question input, .question button").focus(); }, true]);
    row.firstChild.focus();
  }

  function end() {
    find(".question").innerHTML = "";
    say(WORDS.done(good, items.length), good === items.length ? "good" : "");
    buttons([WORDS.other, () => start(number + 1), true], [WORDS.again, () => start(number)]);
    row.firstChild.focus();
  }

  find(".status input").addEventListener("change", (event) => start(Number(event.target.value)));
  find(".question").addEventListener("click", (event) => {
    if (event.target.dataset.sign) judge([event.target.dataset.sign]);
  });
  find(".question").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.tagName === "INPUT" && !event.target.disabled) {
      event.preventDefault(); // or the same key press would also work the button that gets the focus
      check();
    }
  });
  start(1);
}

/** The teacher's list of answers for one series. */
function answers(box) {
  const show = (number) => {
    const rows = Object.keys(KINDS).map((kind) =>
      `<tr><th scope="row">${WORDS[kind].title}</th><td><ol>${series(kind, number).map((item) =>
        `<li>${item.short ? `${item.short} → ` : ""}<strong>${item.answer}</strong></li>`).join("")}</ol></td></tr>`);
    box.querySelector(".list").innerHTML = `<table class="answers"><caption>${WORDS.answers.caption(number)}</caption><tbody>${rows.join("")}</tbody></table>`;
  };
  box.innerHTML = `<p class="row"><label>${WORDS.series} <input type="number" min="1" max="99" value="1"></label></p><div class="list scroll"></div>`;
  box.querySelector("input").addEventListener("change", (event) => show(Math.min(99, Math.max(1, Number(event.target.value) || 1))));
  show(1);
}

document.querySelectorAll("[data-drill]").forEach(drill);
document.querySelectorAll("[data-answers]").forEach(answers);
