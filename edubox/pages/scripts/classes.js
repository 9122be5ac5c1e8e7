// The class of this device: the way to its page, and what its teacher shows to everybody. Its page brings the sentences
// along, in the reader's language, so that no other page has to carry them.
const classroom = one("#this-class");
if (classroom) {
  device.set("class", { ...classroom.dataset });
  classroom.hidden = false;
  one("button", classroom).onclick = () => {
    device.forget("class");
    location = classroom.dataset.away;
  };
}

// What this device handed in: the receipt of each drop-box.
//   handin:<class>:<drop-box>   <receipt>
const handed = one(".received");
const receiptKey = (from) => `handin:${from.class || classroom.dataset.code}:${from.dropbox}`;
if (handed) device.set(receiptKey(handed.dataset), handed.dataset.receipt);
for (const box of document.querySelectorAll("[data-dropbox]:not(.received)")) {
  const receipt = device.get(receiptKey(box.dataset));
  if (!receipt) continue;
  const link = one("a", box) || box;
  link.href += "?receipt=" + receipt;
  (one(".handed", box) || box).hidden = false;
}

// A line at the top of whatever page it is, with one thing to press.
const tell = (text, label, act) => {
  const bar = make("p", text + " ", { className: "told" });
  bar.setAttribute("role", "alert");
  bar.append(
    make("button", label, {
      type: "button",
      className: "button quiet",
      onclick() {
        bar.remove();
        act();
      },
    })
  );
  document.body.prepend(bar);
  return bar;
};

const follow = (code) => {
  let seconds = 8;
  const come = (myClass, now) => {
    const there = now.at[document.documentElement.lang];
    device.set("shown", now.show); // once: whoever goes elsewhere afterwards is left in peace
    if (!there || there === location.pathname) return;
    if (classroom) classroom.dataset.show = now.show; // it is left, not loaded again
    const going = setTimeout(() => {
      location = there + "#shown";
    }, 3000);
    tell(myClass.coming, myClass.stay, () => {
      clearTimeout(going);
      if (classroom) location.reload();
    });
  };
  const look = async () => {
    const myClass = device.get("class");
    if (!myClass || myClass.code !== code) return; // left, or the device was wiped
    if (!document.hidden) {
      try {
        const answer = await fetch(`/class/${code}/now.json`);
        if (answer.status === 404) return device.forget("class"); // there is no such class any more
        const now = await answer.json();
        seconds = now.next || seconds;
        if (now.show && now.show !== device.get("shown")) come(myClass, now);
        else if (classroom && now.show !== +classroom.dataset.show) return location.reload();
      } catch {
        // The box is away for a moment.
      }
    }
    setTimeout(look, seconds * (750 + Math.random() * 500)); // a class does not ask in step
  };
  setTimeout(look, Math.random() * 2000);
};

const myClass = device.get("class");
if (myClass) {
  const door = one("#my-class");
  if (door) {
    door.href += myClass.code + "/";
    one("span", door).textContent = door.dataset.mine.replace("#", myClass.name);
  }
  if (location.hash === "#shown") tell(myClass.shown, myClass.back, () => history.back());
  follow(myClass.code);
}
