// A SCORM activity in its frame, with the interface that it looks for in the pages around it: scorm-again answers it by
// the rules of SCORM 1.2 or 2004, and what the reader would miss after a reload is kept on the device.
"use strict";
const KEPT = {
  API: ["suspend_data", "core.lesson_location", "core.lesson_status", "core.score.raw", "core.score.min", "core.score.max"],
  API_1484_11: [
    "suspend_data", "location", "completion_status", "success_status", "progress_measure", "score.scaled", "score.raw",
    "score.min", "score.max",
  ],
};

// What the package says of itself and of this activity: which of the two editions it is written for (older ones are by
// far the most), from how many points on it is passed, and a text for its start.
const described = async () => {
  const root = containerOf(place.path);
  const answer = await fetch(place.at(`${root}imsmanifest.xml`));
  const text = answer.ok ? await answer.text() : "<manifest/>";
  const manifest = new DOMParser().parseFromString(text, "text/xml");
  const all = (name, inside = manifest) => [...inside.getElementsByTagNameNS("*", name)];
  const launches = (item) => all("resource").some((resource) =>
    resource.getAttribute("identifier") === item.getAttribute("identifierref") && fileOf(resource) === place.path.slice(root.length));
  const item = all("item").find(launches) || (await named(all("item")));
  const said = (name) => (item && all(name, item)[0] ? all(name, item)[0].textContent.trim() : "");
  const newer = /^(2004|CAM\s*1\.3)/i.test(((all("schemaversion")[0] || {}).textContent || "").trim()) || text.includes("adlcp_v1p3");
  return { name: newer ? "API_1484_11" : "API", mastery: said("masteryscore"), data: said("datafromlms") || said("dataFromLMS") };
};

// The file of a resource, below the folders that it and the elements around it are in.
const fileOf = (resource) => {
  let path = (resource.getAttribute("href") || "").replace(/[?#].*/, "");
  for (let around = resource; around && around.getAttribute; around = around.parentNode) {
    path = (around.getAttribute("xml:base") || "") + path;
  }
  return path;
};

// A page that was added to launch an activity (importers/scorm.py) names it.
const named = async (items) => {
  if (!/(^|\/)launch-\d+\.html$/.test(place.path)) return null;
  const page = new DOMParser().parseFromString(await (await fetch(place.at(place.path))).text(), "text/html");
  const told = page.querySelector("meta[name=scorm-item]");
  return told && items.find((item) => item.getAttribute("identifier") === told.content);
};

const holder = (cmi, name) => name.split(".").slice(0, -1).reduce((inside, step) => inside[step], cmi);
const last = (name) => name.split(".").pop();

edubox.hello().then(async (answer) => {
  const { state, words } = answer;
  introduce(answer);
  try {
    if (!place) throw new TypeError("no place");
    const { name, mastery, data } = await described();
    const older = name === "API";
    await load(older ? "scorm/scorm12.js" : "scorm/scorm2004.js");
    const api = new (older ? Scorm12API : Scorm2004API)({ autocommit: false, logLevel: 5 });
    restore(api.cmi, KEPT[name], state, older);
    if (older && mastery) api.cmi.student_data.mastery_score = mastery;
    if (data) api.cmi.launch_data = data;
    for (const event of older ? ["LMSSetValue", "LMSCommit", "LMSFinish"] : ["SetValue", "Commit", "Terminate"]) {
      api.on(event, () => keep(api.cmi, KEPT[name], older));
    }
    window[name] = api;
    const frame = document.createElement("iframe");
    Object.assign(frame, { className: "fills", title: document.title, allow: "fullscreen", src: place.at(place.path) });
    document.body.append(frame);
  } catch (error) {
    trouble(words);
  }
});

// What was kept may be damaged or of another edition: what does not fit is left out, and the activity begins afresh.
const restore = (cmi, names, state, older) => {
  let known = null;
  try {
    known = JSON.parse(state);
  } catch (error) {
    // Nothing was kept that can be read.
  }
  const begun = known !== null && typeof known === "object";
  for (const name of names) {
    try {
      if (begun && typeof known[name] === "string" && known[name]) holder(cmi, name)[last(name)] = known[name];
    } catch (error) {
      // This value is refused by the rules; the others may serve.
    }
  }
  (older ? cmi.core : cmi).entry = begun ? "resume" : "ab-initio";
};

const keep = (cmi, names, older) => {
  const now = {};
  for (const name of names) now[name] = String(holder(cmi, name)[last(name)]);
  edubox.save(JSON.stringify(now));
  const over = older ? /passed|completed|failed/.test(now["core.lesson_status"]) : now.completion_status === "completed" || /passed|failed/.test(now.success_status);
  const points = older ? "core.score." : "score.";
  if (over && !keep.told) edubox.done(parseFloat(now[`${points}raw`]), parseFloat(now[`${points}max`]));
  keep.told = over;
};
