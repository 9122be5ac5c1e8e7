// Questions with one right answer: choosing one says why it is right or what to think about.
// Without this script the page shows the question and, folded, its answer.
"use strict";

for (const question of document.querySelectorAll("fieldset.quiz")) {
  const said = document.createElement("p");
  said.className = "said";
  said.setAttribute("role", "status");
  question.querySelector("details")?.remove();
  question.append(said);
  question.addEventListener("change", (event) => {
    const { good, reply } = event.target.dataset;
    said.textContent = (good === undefined ? "↻ " : "✓ ") + reply;
    said.classList.toggle("good", good !== undefined);
    said.classList.toggle("again", good === undefined);
  });
}
