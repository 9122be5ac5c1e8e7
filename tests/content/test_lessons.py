"""Every starter lesson, in both editions: it can be built, every link leads somewhere, everybody can read it."""

import importlib.util
import re
import unicodedata
from itertools import pairwise
from urllib.parse import unquote, urlsplit

import pytest

from edubox.importers.folder import build_lesson
from edubox.importers.pictures import COVER_BYTES
from tests.content.contrast import colours, contrast
from tests.content.shipped import (
    CONTENT,
    COURSES,
    EDITIONS,
    LESSONS,
    SLUGS,
    UPDATES,
    country,
    described,
    files,
    pages,
)

LARGEST_FILE, LARGEST_BINARIES = 300_000, 1_500_000
TEXT = (".html", ".css", ".js", ".toml")
#: Attributes that a reader hears or sees as text.
SPOKEN = ("alt", "aria-label", "title", "data-reply", "data-why", "data-right", "data-check")
#: Text colour and what it stands on, by their names in lesson.css.
READ_ON = [
    ("ink", "paper"), ("ink", "card"), ("ink", "tint"), ("ink", "again-tint"), ("soft", "paper"), ("soft", "card"),
    ("accent", "paper"), ("accent", "card"), ("accent", "tint"), ("on-accent", "accent"), ("good", "good-tint"),
    ("again", "again-tint"),
]  # fmt: skip

editions = pytest.mark.parametrize(("slug", "edition"), EDITIONS)
lessons = pytest.mark.parametrize("slug", SLUGS)
courses = pytest.mark.parametrize("course", COURSES)


def test_every_lesson_exists_in_french_and_in_english():
    assert sorted(SLUGS) == sorted(path.name for path in LESSONS.iterdir() if path.is_dir())
    assert sorted(SLUGS) == sorted(path.name for path in UPDATES.iterdir() if path.is_dir())
    assert len(COURSES) == 3


# --- what a box makes of it ---


@editions
def test_it_is_built_without_a_warning(slug, edition, tmp_path):
    folder = tmp_path / slug
    for path, data in files(slug, edition).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    built = build_lesson(folder, tmp_path / "lesson.edpack", {})
    assert built.warnings == []
    assert built.manifest.language == slug[-2:]
    assert built.manifest.image == "cover.svg"
    assert [item.entry for item in built.manifest.items()] == [
        item["entry"] for item in described(slug, edition)["item"]
    ]


@editions
def test_it_says_what_a_catalogue_needs(slug, edition):
    said = described(slug, edition)
    assert set(said) == {
        "title", "language", "description", "level", "subject", "licence", "author", "duration", "keyword", "item",
    }  # fmt: skip
    assert said["language"] == slug[-2:]
    assert said["duration"] == "PT45M"
    assert said["licence"] == "CC-BY-SA-4.0"
    known = country()
    assert set(said["level"]) <= {level["id"] for level in known["level"]}
    assert set(said["subject"]) <= {subject["id"] for subject in known["subject"]}
    assert said["level"]
    assert said["subject"]


@editions
def test_it_begins_with_a_plan_and_ends_with_the_teachers_page(slug, edition):
    entries = [item["entry"] for item in described(slug, edition)["item"]]
    assert entries[0] == "index.html"
    assert entries[-1] == "class.html"
    assert sorted(entries) == sorted(pages(slug, edition))


@editions
def test_its_files_are_few_small_and_normalised(slug, edition):
    for path, data in files(slug, edition).items():
        assert len(data) <= LARGEST_FILE, path
        assert unicodedata.is_normalized("NFC", path)
        if path.endswith(TEXT):
            assert unicodedata.is_normalized("NFC", data.decode()), path


@courses
def test_a_lesson_has_one_picture_in_every_language(course):
    french, english = (files(f"{course}-{language}", 1)["cover.svg"] for language in ("fr", "en"))
    assert french == english
    assert len(french) <= COVER_BYTES


def test_all_that_is_not_text_stays_small_together():
    binaries = [
        path for layer in (LESSONS, UPDATES) for path in layer.rglob("*.*") if path.suffix not in TEXT
    ]
    assert {path.suffix for path in binaries} == {".mp3", ".svg"}
    assert sum(path.stat().st_size for path in binaries) <= LARGEST_BINARIES


# --- links ---


@editions
def test_every_link_leads_to_something_in_the_lesson(slug, edition):
    own = files(slug, edition)
    for path, page in pages(slug, edition).items():
        for element in page.elements:
            for key in ("href", "src", "poster", "data"):
                if key not in element.attrs:
                    continue
                link = urlsplit(element.attrs[key])
                assert not link.scheme, (path, element)
                assert not link.netloc, (path, element)
                target = unquote(link.path) or path
                assert target in own, (path, element)
                if link.fragment:
                    assert link.fragment in pages(slug, edition)[target].ids(), (path, element)


@editions
def test_nothing_is_fetched_from_elsewhere(slug, edition):
    for path, data in files(slug, edition).items():
        if path.endswith(TEXT):
            text = data.decode()
            assert not re.search(r"https?:|[\"'(=]//|@import|\burl\(|<form|fetch\(|XMLHttpRequest", text), (
                path
            )


# --- pages ---


@editions
def test_pages_are_well_formed(slug, edition):
    for path, page in pages(slug, edition).items():
        assert page.faults == [], path
        assert len(page.ids()) == len(set(page.ids())), path
        assert page.all("html")[0].attrs["lang"] == slug[-2:]


@editions
def test_headings_make_an_outline(slug, edition):
    for path, page in pages(slug, edition).items():
        levels = [int(one.tag[1]) for one in page.elements if re.fullmatch(r"h[1-6]", one.tag)]
        assert levels.count(1) == 1, path
        assert levels[0] == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), (
            path,
            levels,
        )


@editions
def test_every_picture_has_words_or_is_decoration(slug, edition):
    for path, page in pages(slug, edition).items():
        for at, element in enumerate(page.elements):
            if element.tag != "svg" or element.attrs.get("aria-hidden") == "true":
                continue
            assert element.attrs.get("role") == "img", (path, element)
            assert page.elements[at + 1].tag == "title", (path, element)
            assert set(element.attrs["aria-labelledby"].split()) <= set(page.ids()), (path, element)


@editions
def test_every_control_has_a_name(slug, edition):
    for path, page in pages(slug, edition).items():
        labelled = {label.attrs.get("for") for label in page.all("label")}
        for element in page.all("input"):
            assert "label" in element.inside or element.attrs.get("id") in labelled, (path, element)
        assert len(page.all("legend")) == len(page.all("fieldset")), path


@editions
def test_a_recording_has_its_words_on_the_page_and_is_called_synthetic(slug, edition):
    for path, page in pages(slug, edition).items():
        for audio in page.all("audio"):
            assert audio.attrs["data-text"] in page.ids(), path
            assert audio.attrs["preload"] == "none"
        captions = [text for inside, text in page.texts if inside[-1:] == ("figcaption",)]
        marked = [text for text in captions if re.search("voix de synthèse|synthetic voice", text)]
        assert len(marked) == len(page.all("audio")), path


@editions
def test_it_can_be_read_and_answered_without_scripts(slug, edition):
    for path, page in pages(slug, edition).items():
        for element in page.elements:
            if element.tag == "fieldset" and element.attrs.get("class") == "quiz":
                follows = page.elements[page.elements.index(element) :]
                assert next(one for one in follows if one.tag in {"details", "nav"}).tag == "details", path
    words = sum(len(text.split()) for page in pages(slug, edition).values() for _, text in page.texts)
    assert words > 1500


@lessons
def test_colours_can_be_told_apart_in_light_and_in_dark(slug):
    for scheme, named in colours(files(slug, 2)["lesson.css"].decode()).items():
        for text, ground in READ_ON:
            assert contrast(named[text], named[ground]) >= 4.5, (scheme, text, ground)


@courses
def test_french_typography(course):
    for edition in (1, 2):
        for path, page in pages(f"{course}-fr", edition).items():
            spoken = [
                element.attrs[key] for element in page.elements for key in SPOKEN if key in element.attrs
            ]
            for text in [text for _, text in page.texts] + spoken:
                assert not re.search(r"'|\"| [;:?!»]|« |\w[?!;]|[^\s\d]:\s", text), (path, text)


# --- twins and editions ---


@courses
def test_the_twins_have_the_same_structure(course):
    for edition in (1, 2):
        french, english = (pages(f"{course}-{language}", edition) for language in ("fr", "en"))
        assert list(french) == list(english)
        for path, page in french.items():
            assert _outline(page) == _outline(english[path]), path
        for path, data in files(f"{course}-fr", edition).items():
            if path.endswith((".js", ".css")) and path != "words.js":
                assert data == files(f"{course}-en", edition)[path], path


@lessons
def test_the_second_edition_holds_only_what_changed_and_says_so(slug):
    first = files(slug, 1)
    changed = {path.relative_to(UPDATES / slug).as_posix(): path for path in (UPDATES / slug).rglob("*.*")}
    for name, path in changed.items():
        assert path.read_bytes() != first.get(name), name
    assert len(changed) < len(first)
    words = " ".join(text for _, text in pages(slug, 2)["class.html"].texts)
    assert re.search("Deuxième édition|Second edition", words)
    assert not re.search(
        "Deuxième édition|Second edition", " ".join(text for _, text in pages(slug, 1)["class.html"].texts)
    )


@lessons
def test_the_second_edition_keeps_most_of_every_page(slug):
    for path, page in pages(slug, 1).items():
        before = {text for _, text in page.texts if text.strip()}
        after = {text for _, text in pages(slug, 2)[path].texts}
        assert len(before & after) >= 0.85 * len(before), path


def _outline(page) -> list[str]:
    """The tags of a page that carry its structure; the inside of a drawing may follow the language."""
    inline = {"strong", "em", "span", "a"}
    return [one.tag for one in page.elements if "svg" not in one.inside and one.tag not in inline]


# --- the map ---


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_map_is_what_its_maker_draws(language):
    spec = importlib.util.spec_from_file_location("printing_map", CONTENT / "make" / "map.py")
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    page = files(f"printing-{language}", 1)["europe.html"].decode()
    assert maker.draw(language) in page
    table = page[page.index("<table>") : page.index("</table>")]
    for year, _, _, french, english, _ in maker.TOWNS:
        assert (french if language == "fr" else english) in table
        assert str(year) in table or 1467 <= year <= 1489
