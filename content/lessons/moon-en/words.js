// What the simulator says, in this lesson's language.
"use strict";
const WORDS = {
  above: "Seen from space",
  aboveText: "The Earth in the middle, the Moon on its orbit, the Sun far away on the right.",
  fromEarth: "Seen from the Earth",
  sun: "Sun far to the right",
  size: "enlarged",
  days: "Days since the new Moon",
  before: "− 1 day",
  after: "+ 1 day",
  play: "Play",
  pause: "Stop",
  jump: "Go to",
  from: "I am looking from",
  north: "the northern hemisphere",
  south: "the southern hemisphere",
  // Names of the eight phases, from the new Moon on.
  phases: [
    "New Moon", "Waxing crescent", "First quarter", "Waxing gibbous",
    "Full Moon", "Waning gibbous", "Last quarter", "Waning crescent",
  ],
  right: "on the right",
  left: "on the left",
  number: (value) => value.toLocaleString("en-GB", { maximumFractionDigits: 1 }),
  percent: (value) => `${value}%`,
  hour: (hour) => (hour === 0 ? "midnight" : hour === 12 ? "noon" : `${hour % 12} ${hour < 12 ? "a.m." : "p.m."}`),
  title: (day, phase) => `Day ${day}: ${phase}.`,
  angle: (degrees) => `Angle Sun-Earth-Moon: ${degrees}°.`,
  lit: (percent, side) => `Lit part of the disc: ${percent}${side ? `, ${side}` : ""}.`,
  times: (rise, set) => `It rises about ${rise} and sets about ${set} (Sun time).`,
  unseen: "It is in the Sun’s direction: it cannot be seen.",
};
