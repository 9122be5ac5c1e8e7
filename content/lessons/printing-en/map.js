// The map through time: towns appear when their first printing workshop opens.
// Without this script every town is shown, and the table below the map gives the dates.
"use strict";

const map = document.querySelector("svg.map"), controls = document.getElementById("time");
const towns = [...map.querySelectorAll(".town")].map((mark) => ({
  mark, year: Number(mark.dataset.year), name: mark.querySelector("text").textContent,
}));
const slider = controls.querySelector("input"), output = controls.querySelector("output");
const words = controls.dataset;

function show() {
  const year = Number(slider.value), open = towns.filter((town) => town.year <= year);
  for (const town of towns) town.mark.classList.toggle("later", town.year > year);
  const latest = open.filter((town) => town.year > year - 5).map((town) => town.name);
  output.textContent = `${year} ${words.colon} ${open.length} ${open.length > 1 ? words.towns : words.town}`
    + (latest.length ? `. ${words.latest} ${latest.join(", ")}.` : ".");
  slider.setAttribute("aria-valuetext", `${year}, ${open.length} ${open.length > 1 ? words.towns : words.town}`);
}

slider.addEventListener("input", show);
controls.addEventListener("click", (event) => {
  const { step } = event.target.dataset;
  if (step === undefined) return;
  slider.value = Number(slider.value) + Number(step);
  show();
});
controls.hidden = false;
show();
