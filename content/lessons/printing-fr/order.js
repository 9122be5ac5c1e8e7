// A list to put in order: every line gets two buttons, and the check says what to think about first.
// Without this script the list is read as it is, and its answer is folded below.
"use strict";

for (const list of document.querySelectorAll("ol.order")) {
  const words = list.dataset;
  list.classList.add("live");
  const said = document.createElement("p");
  said.className = "said";
  said.setAttribute("role", "status");

  const button = (text, label, action) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    if (label) made.setAttribute("aria-label", label);
    made.addEventListener("click", () => action(made));
    return made;
  };

  for (const line of list.children) {
    const name = line.textContent.trim();
    line.append(
      button("↑", `${words.up} ${name}`, (pressed) => { line.previousElementSibling?.before(line); pressed.focus(); }),
      button("↓", `${words.down} ${name}`, (pressed) => { line.nextElementSibling?.after(line); pressed.focus(); }),
    );
  }

  const check = button(words.check, "", () => {
    const wrong = [...list.children].find((line, place) => Number(line.dataset.place) !== place + 1);
    said.textContent = wrong ? `↻ ${wrong.dataset.why}` : `✓ ${words.right}`;
    said.classList.toggle("good", !wrong);
    said.classList.toggle("again", Boolean(wrong));
  });
  check.classList.add("main");
  list.after(check, said);
}
