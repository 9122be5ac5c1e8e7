// Two courtesies for every page of the lesson.
"use strict";

// Inside the school's reading page the buttons around us turn the pages: ours would be a second pair.
if (self !== top) document.documentElement.classList.add("framed");

// On paper a closed answer cannot be opened: the teacher's sheet prints with its answers, a pupil's without.
addEventListener("beforeprint", () => {
  for (const answer of document.querySelectorAll(".for-class details")) answer.open = true;
});
