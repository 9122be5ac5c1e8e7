// An exercise made with H5P, played from its opened folder by h5p-standalone. Its answers are kept every two seconds while
// somebody looks at it; its points are told when it says that it is completed.
"use strict";
edubox.hello().then(async (answer) => {
  const { state, words } = answer;
  const LOOK = 2000; // milliseconds
  const stage = document.getElementById("stage");
  const here = new URL(".", location.href).pathname;
  introduce(answer);
  let edition = 0;
  try {
    const folder = place.at(place.path.replace(/\/?[^/]*$/, "")).replace(/\/$/, "");
    edition = await editionOf(`${folder}/content/content.json`);
    const answers = answersOf(state, edition);
    await new H5PStandalone.H5P(stage, {
      id: "part", h5pJsonPath: folder, frameJs: `${here}h5p/frame.js`, frameCss: `${here}h5p/styles/h5p.css`,
      frame: true, fullScreen: true, copyright: true, icon: false,
      // It takes back a state only if it may save one by itself; once a day, since we look more often.
      saveFreq: 86400, contentUserData: [{ state: answers }],
    });
  } catch (error) {
    trouble(words);
    return;
  } finally {
    stage.classList.remove("comes");
  }
  stage.querySelector("iframe").title = document.title;
  new ResizeObserver(() => edubox.size(stage.scrollHeight)).observe(stage);

  H5P.externalDispatcher.on("xAPI", ({ data: { statement } }) => {
    const { verb, context, result } = statement;
    // A question inside the exercise tells its own points to the exercise, which tells the sum.
    const inside = context && context.contextActivities && context.contextActivities.parent;
    const over = /\/(completed|answered|passed|failed)$/.test(verb.id);
    if (over && !inside && result && result.score) edubox.done(result.score.raw, result.score.max);
  });

  let kept = state;
  const keep = () => {
    const { H5P: player } = stage.querySelector("iframe").contentWindow;
    const [exercise] = (player && player.instances) || [];
    if (document.hidden || !exercise || !exercise.getCurrentState) return;
    const now = JSON.stringify({ edition, answers: exercise.getCurrentState() });
    if (now !== kept) edubox.save((kept = now));
  };
  setInterval(keep, LOOK);
});

// A number that changes when the exercise's questions do: answers to other questions would confuse it.
const editionOf = async (address) => {
  const text = await (await fetch(address)).text();
  return [...text].reduce((sum, letter) => (31 * sum + letter.codePointAt(0)) | 0, 0);
};

const answersOf = (state, edition) => {
  try {
    const known = JSON.parse(state);
    return known.edition === edition ? JSON.stringify(known.answers || {}) : "{}";
  } catch (error) {
    return "{}";
  }
};
