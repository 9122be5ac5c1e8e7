// What the simulator says, in this lesson's language.
"use strict";
const WORDS = {
  above: "Vue de l’espace",
  aboveText: "La Terre au centre, la Lune sur son orbite, le Soleil loin à droite.",
  fromEarth: "Vue de la Terre",
  sun: "Soleil loin à droite",
  size: "agrandie",
  days: "Jours depuis la nouvelle Lune",
  before: "− 1 jour",
  after: "+ 1 jour",
  play: "Faire tourner",
  pause: "Arrêter",
  jump: "Aller à",
  from: "Je regarde depuis",
  north: "l’hémisphère Nord",
  south: "l’hémisphère Sud",
  // Names of the eight phases, from the new Moon on.
  phases: [
    "Nouvelle Lune", "Premier croissant", "Premier quartier", "Gibbeuse croissante",
    "Pleine Lune", "Gibbeuse décroissante", "Dernier quartier", "Dernier croissant",
  ],
  right: "à droite",
  left: "à gauche",
  number: (value) => value.toLocaleString("fr", { maximumFractionDigits: 1 }),
  percent: (value) => `${value} %`,
  hour: (hour) => (hour === 0 ? "minuit" : hour === 12 ? "midi" : `${hour} h`),
  title: (day, phase) => `Jour ${day} : ${phase}.`,
  angle: (degrees) => `Angle Soleil-Terre-Lune : ${degrees}°.`,
  lit: (percent, side) => `Part éclairée du disque : ${percent}${side ? `, ${side}` : ""}.`,
  times: (rise, set) => `Elle se lève vers ${rise} et se couche vers ${set} (heure du Soleil).`,
  unseen: "Elle est dans la direction du Soleil : on ne la voit pas.",
};
