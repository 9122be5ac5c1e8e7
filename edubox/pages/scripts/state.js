// The clock of this device for the box: offered only where the two differ by more than two minutes.
"use strict";
(() => {
  const place = document.getElementById("time");
  const seconds = () => Math.round(Date.now() / 1000);
  if (!place || Math.abs(seconds() - Number(place.dataset.now)) < 120) return;
  const form = place.querySelector("form");
  form.addEventListener("submit", () => { form.elements.seconds.value = seconds(); });
  place.hidden = false;
})();
