"""The lessons' scripts in a browser: what a pupil who answers, drags or types gets to see."""

import base64
import json

import pytest
from pypdf import PdfReader

from tests.content.shipped import EDITIONS, SLUGS, pages

pytestmark = pytest.mark.browser
languages = pytest.mark.parametrize("language", ["fr", "en"])


@pytest.mark.parametrize(("slug", "edition"), EDITIONS)
def test_every_page_fits_a_small_phone_and_complains_of_nothing(slug, edition, opened, shelf):
    tab = opened(slug, "index.html", edition=edition, width=320, height=640, phone=True)
    for path in pages(slug, edition):
        tab.open((shelf / f"{slug}-{edition}" / path).as_uri())
        assert tab.js("document.documentElement.scrollWidth") <= 320, path


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_touched_is_large_enough(slug, opened, shelf):
    tab = opened(slug, "index.html", width=360, height=640, phone=True)
    for path in pages(slug, 2):
        tab.open((shelf / f"{slug}-2" / path).as_uri())
        small = tab.js(
            """[...document.querySelectorAll("button, summary, select, audio, nav a, ol.plan a, .course a, label:has(input[type=radio]), "
              + "input:not([type=radio])")].filter((e) => e.offsetParent && e.getBoundingClientRect().height < 43.5)
              .map((e) => e.outerHTML.slice(0, 120))"""
        )
        assert small == [], path


@pytest.mark.parametrize(("slug", "path", "frame"), [
    ("fractions-fr", "add.html", ".drill"), ("moon-fr", "simulate.html", ".simulation"), ("printing-fr", "europe.html", "#time"),
])  # fmt: skip
def test_without_scripts_no_empty_frame_is_left(slug, path, frame, opened, shelf):
    tab = opened(slug, "index.html")
    tab.send("Emulation.setScriptExecutionDisabled", value=True)
    tab.open((shelf / f"{slug}-2" / path).as_uri())
    assert (
        tab.js(f"[...document.querySelectorAll('{frame}')].map((e) => getComputedStyle(e).display)[0]")
        == "none"
    )
    assert tab.js("document.querySelectorAll('.later').length") == 0


@pytest.mark.parametrize(("path", "printed"), [("practise.html", False), ("class.html", True)])
def test_paper_shows_answers_to_the_teacher_only(path, printed, opened, tmp_path):
    tab = opened("moon-fr", path)
    sheet = tmp_path / "sheet.pdf"
    sheet.write_bytes(base64.b64decode(tab.send("Page.printToPDF")["data"]))
    text = " ".join(page.extract_text() for page in PdfReader(sheet).pages)
    assert "La Lune et ses phases" in text
    assert ("« pleine Terre »" in text.replace("\xa0", " ")) == printed


# --- the Moon ---


def _moon(tab, day):
    return tab.js(
        f"""(() => {{ const s = document.querySelector("#day"); s.value = {day}; s.dispatchEvent(new Event("input"));
        return document.querySelector("output").textContent; }})()"""
    )


def test_the_moon_is_described_as_the_almanac_has_it(opened):
    tab = opened("moon-en", "simulate.html")
    assert "New Moon" in _moon(tab, 0)
    assert "cannot be seen" in _moon(tab, 0)
    quarter = _moon(tab, 7.5)
    assert "First quarter" in quarter
    assert "on the right" in quarter
    assert "rises about noon and sets about midnight" in quarter
    full = _moon(tab, 15)
    assert "Full Moon" in full
    assert "100%" in full
    assert "rises about 6 p.m. and sets about 6 a.m." in full
    assert "on the left" in _moon(tab, 22)
    assert "26%" in _moon(tab, 5)
    assert "26%" in _moon(tab, 24.5)


def test_the_lit_side_changes_with_the_hemisphere(opened):
    tab = opened("moon-fr", "simulate.html")
    assert "à droite" in _moon(tab, 7.5)
    tab.js("""document.querySelector("input[value=south]").click()""")
    assert "à gauche" in tab.js("""document.querySelector("output").textContent""")


@pytest.mark.parametrize("day", [2, 6, 9, 13, 17, 20, 24, 28])
def test_the_drawn_part_is_the_part_that_is_said(opened, day):
    tab = opened("moon-en", "simulate.html")
    said = int(_moon(tab, day).split("Lit part of the disc: ")[1].split("%")[0])
    drawn = tab.js(
        """(() => { const path = document.querySelector(".phase"), svg = path.ownerSVGElement; let lit = 0, all = 0;
        for (let x = -104; x < 105; x += 4) for (let y = -104; y < 105; y += 4) {
          if (x * x + y * y > 104 * 104) continue;
          const point = svg.createSVGPoint(); point.x = x; point.y = y; all++; lit += path.isPointInFill(point);
        } return 100 * lit / all; })()"""
    )
    assert abs(said - drawn) < 4


def test_the_moon_turns_only_when_asked_and_never_for_those_who_want_no_motion(opened):
    tab = opened("moon-fr", "simulate.html")
    day = """document.querySelector("#day").value"""
    before = tab.js(day)
    tab.js("""document.querySelector("button.motion").click()""")
    tab.wait(lambda: tab.js(day) != before, "a moving Moon")
    tab.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    assert tab.js("""getComputedStyle(document.querySelector("button.motion")).display""") == "none"


# --- fractions ---


@pytest.mark.parametrize("edition", [1, 2])
@languages
def test_every_item_knows_its_answer_and_explains_every_mistake(language, edition, opened):
    tab = opened(f"fractions-{language}", "share.html", edition=edition)
    report = json.loads(
        tab.js(
            r"""(() => { const bad = [], kinds = Object.keys(KINDS); let items = 0;
        const text = (html) => html.replace(/<[^>]*>/g, "");
        const answer = (item, kind) => {
          if (item.fields === "sign") return [text(item.answer).match(/[<=>]/g).pop()];
          return text(item.answer).split("/").map(Number);
        };
        for (const kind of kinds) for (let number = 1; number <= 99; number++) {
          const list = series(kind, number);
          if (list.length < 5) bad.push([kind, number, "short series"]);
          for (const item of list) {
            items++;
            const right = item.fields === "sign" ? ["<", "=", ">"].filter((sign) => item.judge(sign) === true) : answer(item, kind);
            if (item.fields === "sign" ? right.length !== 1 : item.judge(...right) !== true) bad.push([kind, number, item.answer]);
            for (const said of [item.ask, item.hint, item.explain, item.answer]) {
              if (typeof said !== "string" || /undefined|NaN|Infinity|\[object|-\d|−\d/.test(said)) bad.push([kind, number, said]);
            }
            const tries = item.fields === "sign" ? [["<"], ["="], [">"]] : item.fields === "number"
              ? [...Array(80).keys()].map((n) => [n]) : [...Array(24).keys()].flatMap((n) => [...Array(24).keys()].slice(1).map((d) => [n, d]));
            for (const given of tries) {
              const verdict = item.judge(...given);
              if (verdict !== true && (typeof verdict !== "string" || verdict.length < 15)) bad.push([kind, number, given, verdict]);
            }
          }
        }
        return JSON.stringify({ bad: bad.slice(0, 5), items, kinds }); })()"""
        )
    )
    assert report["bad"] == []
    assert report["items"] == len(report["kinds"]) * 99 * 5
    assert len(report["kinds"]) == (7 if edition == 1 else 8)


def test_typical_mistakes_get_their_own_explanation(opened):
    tab = opened("fractions-en", "add.html")
    numbers = "(item) => item.ask.replace(/<[^>]*>/g, '').match(/\\d+/g).map(Number)"
    for kind, typed, said in [
        ("add", "([a, b, c, d]) => [a + c, b + d]", "added the denominators too"),
        ("subtract", "([a, b, c, d]) => [a * d + c * b, b * d]", "You added"),
        ("equal", "([n, d, m]) => [n + m - d]", "That changes the fraction"),
        ("equal", "([n]) => [n]", "parts are smaller"),
        ("share", "([n, d, whole]) => [n * whole]", "must also divide"),
        ("simplify", "([n, d]) => [n, d]", "It is the same fraction"),
    ]:
        answer = tab.js(
            f"(() => {{ const item = series('{kind}', 1)[0]; return item.judge(...({typed})(({numbers})(item))); }})()"
        )
        assert said in str(answer), kind


@languages
def test_a_series_is_the_same_on_every_device(language, opened):
    listed = "JSON.stringify(Object.keys(KINDS).map((kind) => series(kind, 3).map((item) => item.answer.replace(/<[^>]*>/g, ''))))"
    first = opened(f"fractions-{language}", "add.html").js(listed)
    assert opened(f"fractions-{language}", "class.html").js(listed) == first


def test_a_pupil_types_an_answer_reads_why_and_goes_on(opened):
    tab = opened("fractions-fr", "add.html")
    said = """document.querySelector("[data-drill=add] .said").textContent"""

    def answer(numerator, denominator):
        tab.js(
            f"""(() => {{ const [n, d] = document.querySelectorAll("[data-drill=add] .write input");
            n.value = "{numerator}"; d.value = "{denominator}"; d.focus(); }})()"""
        )
        tab.press("Enter")

    wanted = tab.js("series('add', 1).map((item) => item.answer.replace(/<[^>]*>/g, '').split('/'))")
    answer("", "")
    assert "Écris d’abord" in tab.js(said)
    answer(3, 0)
    assert "ne peut pas être 0" in tab.js(said)
    answer(99, 98)
    assert tab.js(said).startswith("↻")
    for numerator, denominator in wanted:
        answer(numerator, denominator)
        assert tab.js(said).startswith("✓ Exact.")
        assert tab.js("document.activeElement.tagName") == "BUTTON"
        tab.press("Enter")
    assert "4 sur 5 du premier coup" in tab.js(said)


def test_the_teacher_reads_the_answers_of_any_series(opened):
    tab = opened("fractions-fr", "class.html")
    assert tab.js("document.querySelectorAll('.answers tr').length") == 8
    tab.js(
        "(() => { const i = document.querySelector('[data-answers] input'); i.value = 7; i.dispatchEvent(new Event('change')); })()"
    )
    assert "série 7" in tab.js("document.querySelector('.answers caption').textContent")


# --- printing ---


@languages
def test_towns_appear_when_their_first_press_does(language, opened):
    tab = opened(f"printing-{language}", "europe.html")

    def at(year):
        tab.js(f"slider.value = {year}; slider.dispatchEvent(new Event('input'))")
        return tab.js("document.querySelectorAll('.town:not(.later)').length")

    assert [at(year) for year in (1450, 1460, 1470, 1500)] == [1, 2, 8, 19]
    assert "19" in tab.js("document.querySelector('output').textContent")


@languages
def test_the_steps_can_be_put_in_order_with_the_keyboard(language, opened):
    tab = opened(f"printing-{language}", "workshop.html")
    said = "document.querySelector('.said').textContent"
    check = "document.querySelector('ol.order + button').click()"
    tab.js(check)
    assert tab.js(said).startswith("↻")
    tab.js("document.querySelector('li[data-place=\"1\"] button').focus()")
    tab.press("Enter")
    tab.press("Enter")
    assert tab.js("document.querySelector('ol.order').firstElementChild.dataset.place") == "1"
    for place in range(2, 7):
        while (
            tab.js(
                f"[...document.querySelector('ol.order').children].findIndex((li) => li.dataset.place === '{place}')"
            )
            > place - 1
        ):
            tab.js(f"document.querySelector('li[data-place=\"{place}\"] button').click()")
    tab.js(check)
    assert tab.js(said).startswith("✓")


@languages
def test_a_recording_can_be_played(language, opened):
    tab = opened(f"printing-{language}", "sources.html")
    seconds = tab.js(
        """Promise.all([...document.querySelectorAll("audio")].map((sound) => new Promise((done, failed) => {
        sound.onloadedmetadata = () => done(sound.duration); sound.onerror = () => failed(new Error(sound.src));
        sound.preload = "metadata"; sound.load(); })))"""
    )
    assert len(seconds) == 3
    assert all(10 < one < 60 for one in seconds)


# --- questions ---


@pytest.mark.parametrize(("slug", "path"), [
    (slug, path) for slug in SLUGS for path, page in pages(slug, 2).items()
    if any(one.attrs.get("class") == "quiz" for one in page.all("fieldset"))
])  # fmt: skip
def test_every_choice_says_why_and_one_is_right(slug, path, opened):
    tab = opened(slug, path)
    answers = tab.js(
        """[...document.querySelectorAll("fieldset.quiz")].map((question) => [...question.querySelectorAll("input")].map((choice) => {
          choice.click(); return question.querySelector(".said").textContent; }))"""
    )
    for said in answers:
        assert len(set(said)) == len(said)
        assert all(len(one) > 12 for one in said)
        assert sum(one.startswith("✓") for one in said) == 1
