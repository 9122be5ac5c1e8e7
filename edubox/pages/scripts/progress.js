// Going on: which part of a lesson was opened last, which are done, where a film stopped, which lessons are favourites.
// Kept by the lesson's address and the part's path, so that a corrected lesson finds what its older version left.
//   lesson:<address>        {title, part, path, when, star, finished}    `when` in seconds since 1970
//   item:<address>:<path>   {done, second} and what a player adds
const opened = (({ lesson, item, part }) => item && { lesson, path: item, number: +part, key: `item:${lesson}:${item}` })(document.body.dataset);
const finish = () => device.update(opened.key, { done: true });
const lessons = () =>
  device.keys("lesson:").map((key) => ({ ...device.get(key), address: key.slice(7) }))
    .filter(({ title }) => title).sort((a, b) => (b.when || 0) - (a.when || 0));

if (opened) {
  const key = `lesson:${opened.lesson}`;
  const when = Math.floor(Date.now() / 1000);
  device.update(key, { title: document.body.dataset.title, part: opened.number, path: opened.path, when, finished: false });
  const onward = one(".walk [rel=next], .walk .done");
  if (onward) {
    onward.addEventListener("click", () => {
      if (!one("body.waiting")) finish(); // what is still on its way was not seen
      if (onward.matches(".done")) device.update(key, { finished: true });
    });
  }
  const film = one(".stage video, .stage audio");
  if (film) {
    let kept = (device.get(opened.key) || {}).second || 0;
    const keep = () => {
      kept = film.ended ? 0 : Math.floor(film.currentTime);
      device.update(opened.key, { second: kept });
    };
    // At the first touch of its button: to move there earlier would fetch what nobody looks at yet.
    const resume = () => film.currentTime < 1 && kept < film.duration - 3 && (film.currentTime = kept);
    film.addEventListener("playing", resume, { once: true });
    film.addEventListener("timeupdate", () => film.currentTime > 1 && Math.abs(film.currentTime - kept) >= 5 && keep());
    film.addEventListener("pause", () => film.currentTime > 1 && keep());
    film.addEventListener("ended", finish);
    addEventListener("pagehide", () => film.currentTime > 1 && keep());
  }
}

// A lesson's own page: ticks, where to go on, the star.
{
  const about = one("article.lesson");
  if (about && storage) {
    const key = `lesson:${about.dataset.lesson}`;
    const known = device.get(key) || {};
    const begin = one(".begin a");
    for (const entry of document.querySelectorAll(".toc [data-item]")) {
      const link = one("a", entry);
      const { item, part } = entry.dataset;
      if ((device.get(`item:${about.dataset.lesson}:${item}`) || {}).done) link.append(one("#tick").content.cloneNode(true));
      if (begin && !known.finished && item === known.path) {
        begin.href = link.href;
        begin.firstChild.data = begin.dataset.goOn.replace("#", part) + " ";
      }
    }
    const star = one(".star");
    const show = (starred) => star.setAttribute("aria-pressed", !!starred);
    show(known.star);
    star.hidden = false;
    star.onclick = () => {
      const starred = star.getAttribute("aria-pressed") === "false";
      device.update(key, { title: about.dataset.title, star: starred });
      show(starred);
    };
  }
}

// The first page's lists of what is remembered.
{
  const goOn = one("#go-on");
  if (goOn) {
    const { at, part: words } = goOn.dataset;
    const rows = (list, found, link) => {
      for (const { title, address, part } of found) {
        const anchor = make("a", "", { href: at.replace("*", address) + (link ? `${part}/` : "") });
        anchor.append(make("bdi", title)); // it may be written the other way than the page
        if (link) anchor.append(make("small", words.replace("#", part)));
        const row = make("li", "");
        row.append(anchor);
        list.append(row);
      }
      list.closest("section").hidden = !found.length;
    };
    const [begun, starred] = goOn.querySelectorAll("ul");
    rows(begun, lessons().filter(({ part, finished }) => part && !finished).slice(0, 3), true);
    rows(starred, lessons().filter(({ star }) => star), false);
    goOn.hidden = begun.closest("section").hidden && starred.closest("section").hidden;
  }
}

// The address to copy is the one that this reader used; without the box there is no square to photograph.
{
  const share = one("#share");
  if (share) {
    const address = one("input", share);
    address.value = location.href.split("#")[0];
    address.onfocus = () => address.select();
    address.parentNode.hidden = false;
    one("img", share).onerror = ({ target }) => target.remove();
  }
}
