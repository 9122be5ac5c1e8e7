"""Pages as text: what stands on them, that they are whole HTML, and that nothing from outside becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from edubox.pages import render
from edubox.pages.addresses import Place
from edubox.pages.assets import asset
from edubox.pages.country import Country, Topic
from edubox.pages.kinds import FRAME_RIGHTS, view
from edubox.pages.model import Card, Frame, Hit, Lesson, Part

EVIL = "</title><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"
COUNTRY = Country(
    (Topic("sixieme", {"fr": "Sixième"}, {"fr": "6e"}), Topic("cinquieme", {"fr": "Cinquième"}, {"fr": "5e"})),
    (Topic("maths", {"fr": "Mathématiques", "en": "Mathematics"}, colour="#2563eb", icon="calculator"),
     Topic("svt", {"fr": "SVT"}, colour="#2f9e44", icon="leaf")),
)  # fmt: skip
FRAME = Frame("Collège Marie-Curie", ("fr", "en"), "fr", COUNTRY, "http://box:8081", "/style.css")
CARD = Card(
    "ministry/test/fractions", "Les fractions", "fr", "Partager en parts égales.", ("sixieme",), ("maths",), "PT45M",
    131_000, 1_795_500_000,
)  # fmt: skip
HASH = "ab" * 32
PARTS = (
    Part(0, "Découvrir", "chapter"),
    Part(1, "Lire", "html", 1, "page 1.html", "text/html", 2000),
    Part(2, "Le film", "video", 1, "film.mp4", "video/mp4", 9_000_000, (("film.webm", "video/webm"), ("film.en.vtt", "text/vtt"))),
    Part(3, "La fiche", "pdf", 0, "fiche.pdf", "application/pdf", 50_000),
    Part(4, "Une image", "image", 0, "i.png", "image/png", 5000),
    Part(5, "Un son", "audio", 0, "s.mp3", "audio/mpeg", 5000),
    Part(6, "Un tableur", "file", 0, "t.ods", "application/vnd.oasis.opendocument.spreadsheet", 5000),
    Part(7, "Plus tard", "video", 0, "p.mp4", "video/mp4", 5_000_000, (), False),
)  # fmt: skip
LESSON = Lesson(CARD, 3, HASH, PARTS, ("Mme Dupont",), "CC-BY-SA-4.0", "fiche.odt")
ENGLISH = replace(CARD, address="ministry/test/fractions-en", title="Fractions", language="en")


def test_levels_stand_in_the_order_of_school():
    text = render.lessons(FRAME, Place("lessons"), [replace(CARD, levels=("cinquieme", "sixieme"))])
    assert "6e, 5e" in text


def test_a_lesson_shows_its_own_picture_over_the_drawn_one():
    card = replace(CARD, picture=f"{HASH}/img/la lune.webp")
    image = (
        f'<img src="http://box:8081/c/{HASH}/img/la%20lune.webp" crossorigin alt="" width="400" height="300"'
    )
    assert f'</svg></svg>{image} loading="lazy" decoding="async"></span>' in render.home(FRAME, [card])
    assert f'{image} decoding="async">' in render.lesson(FRAME, replace(LESSON, card=card))
    assert "<img" not in render.home(FRAME, [CARD])


def test_a_picture_is_shown_light_and_leads_to_its_original():
    light = replace(PARTS[4], alternatives=(("i.png.webp", "image/webp"),))
    text = render.part(FRAME, replace(LESSON, parts=(replace(light, number=1),)), 1)
    assert (
        f'<a href="http://box:8081/c/{HASH}/i.png"><img src="http://box:8081/c/{HASH}/i.png.webp" crossorigin'
        in text
    )


def test_a_very_long_query_does_not_fill_the_page():
    text = render.search(FRAME, "a" * 200, [])
    assert "a" * 100 not in re.search("<h1>.*?</h1>", text)[0]
    assert f'value="{"a" * 200}"' in text, "what was typed can be corrected"


class Tags(HTMLParser):
    """Checks that tags are nested, and collects them."""

    VOID = frozenset({"meta", "link", "input", "img", "br", "source", "track"})

    def __init__(self, text):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag

    def all(self, tag):
        return [attrs for name, attrs in self.seen if name == tag]


def every_page(frame=FRAME, card=CARD, lesson=LESSON, text="fractions"):
    hit = Hit(card, 1, lesson.parts[1].title, "autre page.html", ("les ", text, " décimales"))
    yield "home", render.home(frame, [card, ENGLISH])
    yield "empty", render.home(frame, [])
    yield "first start", render.first_start(frame)
    yield "list", render.lessons(frame, Place("lessons", "sixieme", "maths"), [card, ENGLISH])
    yield "lesson", render.lesson(frame, lesson)
    for number in range(1, 8):
        yield f"part {number}", render.part(frame, lesson, number)
    yield "answers", render.search(frame, text, [hit])
    yield "no answer", render.search(frame, text, [])
    yield "no question", render.search(frame, "", [])
    yield "data", render.data(frame)
    yield "device", render.device(frame)
    yield "accessibility", render.accessibility(frame)
    yield "missing", render.missing(frame)
    yield "failed", render.failed(frame)


@pytest.mark.parametrize(
    ("name", "text"), list(every_page()), ids=lambda value: value if len(value) < 20 else ""
)
def test_every_page_is_whole_has_landmarks_and_asks_nothing_of_others(name, text):
    tags = Tags(text)
    assert tags.all("html")[0] == {"lang": "fr", "dir": "ltr"}
    assert len(tags.all("main")) == 1
    assert len(tags.all("h1")) == 1
    assert 'class="skip" href="#main"' in text
    named = [attrs.get(key, "") for _, attrs in tags.seen for key in ("href", "src", "action")]
    assert all(one.startswith(("/", "#", "data:image", "http://box:8081/c/")) for one in named if one), named
    assert [one["src"] for one in tags.all("script")] == [
        asset("mine.js" if name == "device" else "pupil.js").address
    ]
    assert not [
        attrs for _, attrs in tags.seen if "style" in attrs or any(key.startswith("on") for key in attrs)
    ]


@pytest.mark.parametrize(("name", "text"), list(every_page(
    replace(FRAME, school=EVIL, country=Country((Topic("sixieme", {"fr": EVIL}),), (Topic("maths", {"fr": EVIL}, icon=EVIL),))),
    replace(CARD, title=EVIL, description=EVIL, language="fr", duration=EVIL),
    replace(LESSON, card=replace(CARD, title=EVIL, description=EVIL), authors=(EVIL,), licence=EVIL, original=EVIL,
            parts=tuple(replace(part, title=EVIL, path=EVIL if part.path else "") for part in PARTS)),
    EVIL,
)), ids=lambda value: value if len(value) < 20 else "")  # fmt: skip
def test_nothing_from_outside_becomes_markup(name, text):
    tags = Tags(text)
    assert [one["src"] for one in tags.all("script")] == [
        asset("mine.js" if name == "device" else "pupil.js").address
    ]
    assert not [one for one in tags.all("img") if "onerror" in one]
    assert "alert(1)</" not in text


def test_from_the_first_page_a_tap_leads_to_a_lesson_and_another_to_its_first_line():
    home, lesson = Tags(render.home(FRAME, [CARD])), Tags(render.lesson(FRAME, LESSON))
    assert "/fr/lecon/ministry/test/fractions/" in [one["href"] for one in home.all("a")]
    assert "/fr/lecon/ministry/test/fractions/1/" in [one["href"] for one in lesson.all("a")]


def test_a_lesson_tells_what_how_long_how_heavy_by_whom_and_under_which_licence():
    text = render.lesson(FRAME, LESSON).replace("\xa0", " ")
    for said in ("Les fractions", "Partager en parts égales.", "45 min", "131 ko", "Mme Dupont", "CC-BY-SA-4.0", "24 novembre 2026",
                 "Commencer", "Télécharger l’original", f"http://box:8081/c/{HASH}/fiche.odt?download"):  # fmt: skip
        assert said in text


def test_the_subjects_of_the_first_page_say_how_many_lessons_they_have():
    text = render.home(FRAME, [CARD, ENGLISH])
    assert "/fr/matiere/maths/" in text
    assert "2 leçons" in text
    assert "/fr/matiere/svt/" not in text, "an empty shelf leads nowhere"
    assert "/fr/niveau/sixieme/" in text


def test_the_readers_language_comes_first_and_the_others_are_marked():
    text = render.home(FRAME, [ENGLISH, CARD])
    assert text.index("Les fractions") < text.index(">Fractions<")
    assert 'lang="en" dir="ltr">Fractions' in text


def test_a_reader_whose_language_has_no_lesson_is_told_so():
    assert "pas encore de leçon dans cette langue" in render.home(FRAME, [ENGLISH])
    assert "pas encore de leçon dans cette langue" not in render.home(FRAME, [ENGLISH, CARD])


def test_the_language_switch_keeps_the_page():
    english = [one for one in Tags(render.lesson(FRAME, LESSON)).all("a") if one.get("hreflang") == "en"]
    assert english[0]["href"] == "/en/lesson/ministry/test/fractions/"
    searching = [
        one for one in Tags(render.search(FRAME, "l'eau", [])).all("a") if one.get("hreflang") == "en"
    ]
    assert searching[0]["href"] == "/en/search/?q=l%27eau"


def test_a_list_is_turned_page_by_page():
    cards = [replace(CARD, address=f"ministry/test/l{number}") for number in range(60)]
    first, last = (render.lessons(FRAME, Place("lessons", page=number), cards) for number in (1, 3))
    assert first.count('<li class="card') == 24
    assert last.count('<li class="card') == 12
    assert "/fr/lecons/2/" in first
    assert render.lessons(FRAME, Place("lessons", page=4), cards) is None
    assert render.lessons(FRAME, Place("lessons", subject="none"), cards) is None


def test_filters_combine_and_can_be_taken_off():
    other = replace(CARD, address="ministry/test/x", title="Autre", levels=("cinquieme",), subjects=("svt",))
    text = render.lessons(FRAME, Place("lessons", "sixieme", "maths"), [CARD, other])
    assert "Les fractions" in text
    assert "Autre" not in text
    hrefs = [one["href"] for one in Tags(text).all("a")]
    assert "/fr/niveau/sixieme/" in hrefs
    assert "/fr/matiere/maths/" in hrefs
    empty = render.lessons(FRAME, Place("lessons", "cinquieme", "maths"), [CARD, other])
    assert "Rien ici pour le moment" in empty


# --- parts ---


@pytest.mark.parametrize(
    ("number", "kind"),
    [(1, "page"), (2, "video"), (3, "pdf"), (4, "picture"), (5, "audio"), (6, "file"), (7, "waiting")],
)
def test_every_kind_of_part_is_shown_in_its_way(number, kind):
    assert view(PARTS[number]) == kind
    assert f'class="open {kind}"' in render.part(FRAME, LESSON, number)


def test_a_page_of_a_lesson_is_framed_with_few_rights():
    (frame,) = Tags(render.part(FRAME, LESSON, 1)).all("iframe")
    assert frame["src"] == f"http://box:8081/c/{HASH}/page%201.html"
    assert set(frame["sandbox"].split()) == set(FRAME_RIGHTS.split())
    assert not {
        "allow-top-navigation",
        "allow-popups",
        "allow-top-navigation-by-user-activation",
        "allow-pointer-lock",
    } & set(FRAME_RIGHTS.split())


def test_only_a_pdf_is_framed_without_a_sandbox():
    frames = {number: Tags(render.part(FRAME, LESSON, number)).all("iframe") for number in range(1, 8)}
    assert [number for number, found in frames.items() if any("sandbox" not in one for one in found)] == [3]


def test_a_film_has_controls_its_other_forms_and_subtitles():
    tags = Tags(render.part(FRAME, LESSON, 2))
    assert "controls" in tags.all("video")[0]
    assert [one["type"] for one in tags.all("source")] == ["video/mp4", "video/webm"]
    assert tags.all("track")[0]["srclang"] == "en"


def test_parts_lead_to_their_neighbours_and_back_to_the_lesson():
    hrefs = [one["href"] for one in Tags(render.part(FRAME, LESSON, 2)).all("a")]
    begin = "/fr/lecon/ministry/test/fractions/"
    assert {f"{begin}1/", f"{begin}3/", begin} <= set(hrefs)
    assert f"{begin}0/" not in render.part(FRAME, LESSON, 1)
    assert "Terminer" in render.part(FRAME, LESSON, 7)


@pytest.mark.parametrize("number", [0, 8, -1])
def test_there_is_no_part_beyond_the_last(number):
    assert render.part(FRAME, LESSON, number) is None


def test_a_film_that_has_not_come_yet_says_so_kindly():
    text = render.part(FRAME, LESSON, 7).replace("\xa0", " ")
    assert "encore en chemin" in text
    assert "5,0 Mo" in text
    assert f"{HASH}/p.mp4" not in text, "nothing that would fail is offered"
    assert "encore en chemin" in render.lesson(FRAME, replace(LESSON, card=replace(CARD, incomplete=True)))


# --- states ---


def test_an_empty_box_and_a_first_start_are_two_calm_pages():
    assert "pas encore de leçon ici" in render.home(FRAME, [])
    assert "premières leçons sont en chemin" in render.first_start(FRAME)


@pytest.mark.parametrize(("days", "noted"), [(0, False), (60, False), (120, True), (500, True)])
def test_old_news_is_a_note_in_plain_words_and_takes_nothing_away(days, noted):
    text = render.home(replace(FRAME, stale_days=days), [CARD])
    assert ("Les dernières nouvelles" in text) is noted
    assert "Les fractions" in text


def test_a_language_written_from_the_right_turns_the_page():
    text = render.home(
        replace(FRAME, language="ar", languages=("ar", "fr")), [replace(CARD, language="ar", title="الكسور")]
    )
    assert '<html lang="ar" dir="rtl">' in text
    assert 'dir="rtl">الكسور' in text


def test_answers_mark_what_was_asked_and_lead_to_the_place():
    text = render.search(
        FRAME, "fractions", [Hit(CARD, 1, "Lire", "autre page.html", ("les ", "fractions", " décimales"))]
    )
    assert "les <mark>fractions</mark> décimales" in text
    assert "/fr/lecon/ministry/test/fractions/1/?file=autre+page.html" in text
    assert re.search(r"1 réponse pour", text)


def test_who_installs_a_box_reads_what_its_card_got_wrong_before_all_else():
    text = render.first_start(FRAME, ('Ligne 1 : Écrivez : name = "École"',))
    assert '<li lang="fr" dir="ltr">Ligne 1 : Écrivez : name = &#34;École&#34;</li>' in text
    assert "il fonctionne" not in text
