(() => {
  const form = document.querySelector(".quiz");
  const words = JSON.parse(form.dataset.words);
  const answers = document.querySelector(".answers");
  const again = form.querySelector("[type=reset]");
  const asked = Array.from(form.querySelectorAll(".question")).filter((one) => one.dataset.kind !== "essay");
  const results = new Map();

  const plain = (text) => text.normalize("NFC").replace(/[\u2018\u2019]/g, "'").replace(/\s+/g, " ").trim().toLowerCase();
  const like = (text, pattern) =>
    new RegExp("^" + plain(pattern).split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*") + "$").test(plain(text));

  // Each reads one question: null if nothing was answered, else what it is worth and what its author says.
  const readers = {
    choice(question) {
      const chosen = question.querySelector("input:checked");
      return chosen && { worth: Number(chosen.dataset.worth), whys: [chosen.dataset.why] };
    },
    several(question) {
      const boxes = Array.from(question.querySelectorAll("input"));
      const chosen = boxes.filter((box) => box.checked);
      if (!chosen.length) return null;
      const right = (box) => Number(box.dataset.worth) > 0;
      const whole = boxes.every((box) => box.checked === right(box));
      return { worth: whole ? 100 : chosen.some(right) ? 50 : 0, whys: chosen.map((box) => box.dataset.why) };
    },
    written(question, fits) {
      const field = question.querySelector("input");
      if (!field.value.trim()) return null;
      const found = JSON.parse(field.dataset.accept).find((one) => fits(field.value, one));
      return found ? { worth: found[3], whys: [found[4]] } : { worth: 0, whys: [] };
    },
    short: (question) => readers.written(question, (said, one) => like(said, one[0])),
    number: (question) => readers.written(question, (said, one) => {
      const value = Number(said.replace(/\s/g, "").replace(",", "."));
      const slack = 1e-9 * Math.max(1, Math.abs(value));
      return value >= one[1] - slack && value <= one[2] + slack;
    }),
    matching(question) {
      const fields = Array.from(question.querySelectorAll("select"));
      if (fields.some((field) => !field.value)) return null;
      const right = fields.filter((field) => field.value === field.dataset.right).length;
      return { worth: (100 * right) / fields.length, whys: [] };
    },
  };
  readers.truth = readers.choice;

  const check = (question) => {
    const result = readers[question.dataset.kind](question);
    const verdict = question.querySelector(".verdict");
    const name = !result ? "empty" : result.worth >= 100 ? "right" : result.worth > 0 ? "partly" : "wrong";
    verdict.className = "verdict " + name;
    verdict.textContent = [words[name]].concat(result ? result.whys : [], result ? [question.dataset.why] : []).filter(Boolean).join(" ");
    if (!result) return;
    results.set(question, name);
    again.hidden = false;
    if (results.size < asked.length) return;
    const right = Array.from(results.values()).filter((one) => one === "right").length;
    form.querySelector(".score").textContent = words.score.replace("{right}", right).replace("{all}", asked.length);
    answers.hidden = false;
  };

  const begin = () => {
    results.clear();
    again.hidden = true;
    answers.hidden = asked.length > 0;
    answers.open = false;
    form.querySelectorAll(".verdict, .score").forEach((one) => { one.textContent = ""; });
  };

  asked.forEach((question) => {
    const button = question.querySelector(".check");
    button.hidden = false;
    button.addEventListener("click", () => check(question));
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
      check(event.target.closest(".question"));
    }
  });
  form.addEventListener("reset", () => { begin(); form.querySelector("input, select, textarea").focus(); });
  begin();
})();
