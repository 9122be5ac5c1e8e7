// The edges of a photo, dragged; the four sliders beside it say the same, for the keyboard and without this script.
"use strict";
(() => {
  const NEAR = 44, LEAST = 100;
  const opposite = {left: "right", right: "left", top: "bottom", bottom: "top"};

  for (const photo of document.querySelectorAll("svg.photo")) {
    const row = photo.closest("li"), width = Number(photo.dataset.width), height = Number(photo.dataset.height);
    const edges = Object.fromEntries([...row.querySelectorAll("[data-edge]")].map((one) => [one.dataset.edge, one]));
    const away = photo.querySelector(".away"), kept = photo.querySelector(".kept");
    let held = [];

    const set = (edge, value) => {
      edges[edge].value = Math.max(0, Math.min(value, 1000 - LEAST - Number(edges[opposite[edge]].value)));
    };

    function draw() {
      const at = (edge) => Number(edges[edge].value) / 1000;
      const left = at("left") * width, right = (1 - at("right")) * width, top = at("top") * height, bottom = (1 - at("bottom")) * height;
      const inside = `M${left} ${top}V${bottom}H${right}V${top}Z`;
      away.setAttribute("d", `M0 0H${width}V${height}H0Z${inside}`);
      kept.setAttribute("d", inside);
    }

    // Where the finger is, in thousandths of the photo, and how far from each edge, in pixels of the screen.
    function place(event) {
      const box = photo.getBoundingClientRect();
      const x = 1000 * (event.clientX - box.left) / box.width, y = 1000 * (event.clientY - box.top) / box.height;
      const value = {left: x, right: 1000 - x, top: y, bottom: 1000 - y};
      const far = Object.fromEntries(Object.keys(value).map((edge) => [edge, Math.abs(value[edge] - Number(edges[edge].value)) / 1000 * (edge === "left" || edge === "right" ? box.width : box.height)]));
      return {value, far};
    }

    photo.addEventListener("pointerdown", (event) => {
      const {far} = place(event);
      // A corner is two edges; of two that are near, the nearer.
      held = [["left", "right"], ["top", "bottom"]].map((pair) => pair.sort((one, other) => far[one] - far[other])[0]).filter((edge) => far[edge] < NEAR / 2);
      if (!held.length) return;
      event.preventDefault();
      photo.setPointerCapture(event.pointerId);
    });
    photo.addEventListener("pointermove", (event) => {
      if (!held.length) return;
      const {value} = place(event);
      for (const edge of held) set(edge, Math.round(value[edge]));
      draw();
    });
    for (const end of ["pointerup", "pointercancel"]) photo.addEventListener(end, () => { held = []; });
    // A finger that is on an edge does not move the page.
    photo.addEventListener("touchstart", (event) => {
      const {far} = place(event.touches[0]);
      if (Object.values(far).some((one) => one < NEAR / 2)) event.preventDefault();
    }, {passive: false});
    for (const [edge, slider] of Object.entries(edges)) {
      slider.addEventListener("input", () => { set(edge, Number(slider.value)); draw(); });
    }
    const apply = row.querySelector(".apply");
    if (apply) apply.hidden = true;
  }
})();
