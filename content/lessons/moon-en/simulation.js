// The Moon around the Earth, seen from space and from the ground at once.
//
// Model: a circular orbit at constant speed. `day` counts from the new Moon; the angle Sun-Earth-Moon is
// 360° × day / 29.53; the lit part of the disc is (1 − cos angle) / 2; the Moon crosses the south
// (the north in the southern hemisphere) angle / 15° hours after noon, and is up for six hours on either side.
"use strict";

const MONTH = 29.53; // days from new Moon to new Moon (synodic month)
const DAYS_A_SECOND = 1.5; // speed of the animation
const CENTRE = 150, ORBIT = 105, MOON = 18, DISC = 105; // lengths in SVG units

const state = { day: 4, south: false, playing: false };
const box = document.getElementById("simulation");
box.innerHTML = `
  <div class="views">
    <figure><figcaption>${WORDS.above} <small>${WORDS.sun}</small></figcaption>
      <svg class="sky" viewBox="0 0 300 300" role="img" aria-label="${WORDS.aboveText}"><title>${WORDS.aboveText}</title>
        <path class="ray" d="M296 40h-40l9-6m-9 6l9 6M296 260h-40l9-6m-9 6l9 6"/>
        <circle class="faint" cx="${CENTRE}" cy="${CENTRE}" r="${ORBIT}"/>
        <line class="faint sight" x1="${CENTRE}" y1="${CENTRE}"/>
        <circle class="earth" cx="${CENTRE}" cy="${CENTRE}" r="24"/>
        <path class="shade" d="M${CENTRE} ${CENTRE - 24}a24 24 0 0 0 0 48z"/>
        <g class="handle"><circle r="48" fill="transparent"/><circle class="night" r="${MOON}"/>
          <path class="lit" d="M0 ${-MOON}a${MOON} ${MOON} 0 0 1 0 ${2 * MOON}z"/></g>
      </svg></figure>
    <figure><figcaption>${WORDS.fromEarth} <small>${WORDS.size}</small></figcaption>
      <svg class="sky" viewBox="0 0 300 300" role="img" aria-labelledby="seen"><title id="seen"></title>
        <g class="disc" transform="translate(150 150)"><circle class="night" r="${DISC}"/><path class="lit phase"/></g>
      </svg></figure>
  </div>
  <output for="day"></output>
  <div><label for="day">${WORDS.days}</label><input type="range" id="day" min="0" max="29.5" step="0.5"></div>
  <div class="row"><button type="button" data-step="-1">${WORDS.before}</button><button type="button" data-step="1">${WORDS.after}</button>
    <button type="button" class="main motion">${WORDS.play}</button></div>
  <div class="row jump" role="group" aria-label="${WORDS.jump}">${[0, 2, 4, 6].map((phase) =>
    `<button type="button" data-phase="${phase}">${WORDS.phases[phase]}</button>`).join("")}</div>
  <fieldset><legend>${WORDS.from}</legend>
    <label><input type="radio" name="from" value="north" checked> ${WORDS.north}</label>
    <label><input type="radio" name="from" value="south"> ${WORDS.south}</label></fieldset>`;
box.hidden = false;

const find = (selector) => box.querySelector(selector);
const slider = find("#day"), output = find("output"), play = find("button.motion"), handle = find(".handle");

/** The outline of the lit part of a disc of radius 1 × size, as seen from the northern hemisphere. */
function litPath(angle, size) {
  const waxing = angle <= 180, crescent = Math.cos(angle * Math.PI / 180) > 0;
  const width = Math.abs(Math.cos(angle * Math.PI / 180)) * size;
  const limb = waxing ? 1 : 0; // along the edge: right side for a waxing Moon
  const back = crescent === waxing ? 0 : 1; // along the line between day and night
  return `M0 ${-size}A${size} ${size} 0 0 ${limb} 0 ${size}A${width} ${size} 0 0 ${back} 0 ${-size}Z`;
}

/** The hour of the day (0 to 23) that is `hours` after midnight, rounded. */
const clock = (hours) => ((Math.round(hours) % 24) + 24) % 24;

function show() {
  const angle = (state.day / MONTH * 360) % 360, turn = angle * Math.PI / 180;
  const x = CENTRE + ORBIT * Math.cos(turn), y = CENTRE - ORBIT * Math.sin(turn);
  handle.setAttribute("transform", `translate(${x} ${y})`);
  find(".sight").setAttribute("x2", x);
  find(".sight").setAttribute("y2", y);
  find(".phase").setAttribute("d", litPath(angle, DISC));
  find(".disc").setAttribute("transform", `translate(150 150) rotate(${state.south ? 180 : 0})`);

  const percent = Math.round((1 - Math.cos(turn)) * 50);
  const phase = WORDS.phases[Math.floor(angle / 45 + 0.5) % 8];
  const onRight = (angle < 180) !== state.south;
  const side = percent < 2 || percent > 98 ? "" : onRight ? WORDS.right : WORDS.left;
  const noon = 12 + angle / 15;
  const title = WORDS.title(WORDS.number(state.day), phase);
  const text = [
    title, WORDS.angle(Math.round(angle <= 180 ? angle : 360 - angle)), WORDS.lit(WORDS.percent(percent), side),
    percent < 2 ? WORDS.unseen : WORDS.times(WORDS.hour(clock(noon - 6)), WORDS.hour(clock(noon + 6))),
  ].join(" ");
  output.textContent = text;
  find("#seen").textContent = text;
  slider.value = state.day;
  slider.setAttribute("aria-valuetext", title);
}

function go(day) {
  state.day = ((day % MONTH) + MONTH) % MONTH;
  show();
}

function setPlaying(playing) {
  state.playing = playing;
  play.textContent = playing ? WORDS.pause : WORDS.play;
  output.setAttribute("aria-live", playing ? "off" : "polite"); // a screen reader is not talked over
  if (playing) requestAnimationFrame((first) => animate(first, first));
}

function animate(before, now) {
  if (!state.playing) return;
  go(state.day + (now - before) / 1000 * DAYS_A_SECOND);
  requestAnimationFrame((next) => animate(now, next));
}

slider.addEventListener("input", () => { setPlaying(false); state.day = Number(slider.value); show(); });
play.addEventListener("click", () => setPlaying(!state.playing));
box.addEventListener("click", (event) => {
  const { step, phase } = event.target.dataset;
  if (step === undefined && phase === undefined) return;
  setPlaying(false);
  go(step === undefined ? Number(phase) / 8 * MONTH : Math.round(state.day) + Number(step));
});
box.addEventListener("change", (event) => {
  if (event.target.name === "from") { state.south = event.target.value === "south"; show(); }
});

// Dragging the Moon itself: an extra for fingers and mice; the slider does the same with the keyboard.
handle.addEventListener("pointerdown", (event) => { setPlaying(false); handle.setPointerCapture(event.pointerId); });
handle.addEventListener("pointermove", (event) => {
  if (!handle.hasPointerCapture(event.pointerId)) return;
  const frame = handle.ownerSVGElement.getBoundingClientRect(), unit = frame.width / 300;
  const turn = Math.atan2(CENTRE - (event.clientY - frame.top) / unit, (event.clientX - frame.left) / unit - CENTRE);
  go(turn / (2 * Math.PI) * MONTH);
});

setPlaying(false);
show();
