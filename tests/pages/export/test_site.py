"""A site on a disk shows what the box shows, and is brought up to date by writing it again."""

from __future__ import annotations

import gzip
import re
import urllib.request
from urllib.parse import quote

import pytest

from edubox.box.library import Library
from edubox.errors import AlreadyExists
from edubox.pages.export.shelf import Chosen
from edubox.pages.player import players
from tests.box.school import page, serving
from tests.pages.export.reading import exported, school_in

#: Pages that are not the box's.
AT_HOME = {f"{page}/index.html" for page in ("fr/donnees", "en/data", "fr/classe", "en/class")}

#: The one line of a page that is the school's alone: at home there is no desk.
DESK = re.compile(rb'<a href="/bureau/" rel="nofollow">[^<]*</a>\n')


@pytest.fixture
def school(tmp_path):
    return school_in(tmp_path / "data")


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read()


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_every_file_of_the_site_is_byte_for_byte_what_the_box_answers(school, tmp_path):
    out = tmp_path / "out"
    with serving(school.data) as (pages, lessons):
        exported(school.data, out, lessons=lessons, address=pages, players=players())
        compared = 0
        for path in files(out):
            # What a box answers in other ways: by its language, with an error, through its own search; and the two pages
            # that say what is so at school only (docs/adr/0014-home.md).
            if (
                path.endswith((".gz", "qr.svg"))
                or path in {"index.html", "404.html"} | AT_HOME
                or path.startswith("find/text/")
            ):
                continue
            origin = lessons if path.startswith(("c/", "p/", "forget")) else pages
            address = path.removesuffix("index.html") if origin == pages else path
            answered = DESK.sub(b"", get(f"{origin}/{quote(address)}"))
            assert (out / path).read_bytes() == answered, path
            assert b'"/bureau/"' not in answered
            compared += 1
    assert compared > 40


def test_every_link_of_every_page_leads_to_a_file(school, tmp_path):
    out = tmp_path / "out"
    exported(school.data, out, address="https://l.example")
    for path in files(out):
        if path.endswith(".html") and path.startswith(("fr/", "en/")):
            for link in re.findall(r'\s(?:href|src|action)="/([^"#?]*)', (out / path).read_text()):
                # A class and its reports are the school's: they are where the school is.
                if not re.match(r"(fr|en)/(classe?|signaler|report)/", link):
                    assert (out / link / "index.html").is_file() or (out / link).is_file(), (path, link)


def test_what_is_so_at_school_only_is_not_said_at_home(school, tmp_path):
    out = tmp_path / "out"
    exported(school.data, out, address="https://l.example")
    kept, code = ((out / page).read_text() for page in ("en/data/index.html", "en/class/index.html"))
    assert "In this box" not in kept
    assert "sees which pages you ask for" in kept
    assert "At home, use the link that your teacher gave you." in code
    assert 'name="code"' not in code
    for path in files(out):
        if path.endswith(".html") and path.startswith(("fr/", "en/")):
            text = (out / path).read_text()
            assert "now.json" not in text
            assert not re.search(r"[Tt]hese lessons are in your school|dans votre école", text), path
            assert 'method="post"' not in text, path


def test_a_site_that_knows_no_address_of_its_own_shows_no_squares(school, tmp_path):
    exported(school.data, tmp_path / "out")
    exported(school.data, tmp_path / "known", address="https://l.example")
    lesson = "en/lesson/ministry/test/marees"
    for name in (f"{lesson}/index.html", f"{lesson}/print/index.html"):
        assert "qr.svg" in (tmp_path / "known" / name).read_text()
        assert "qr.svg" not in (tmp_path / "out" / name).read_text()
        assert "a square" not in (tmp_path / "out" / name).read_text()


def test_only_a_site_whose_lessons_have_an_origin_has_the_page_that_empties_it(school, tmp_path):
    exported(school.data, tmp_path / "one")
    exported(school.data, tmp_path / "two", "/" + "a" * 26, lessons="https://lessons.example")
    assert not (tmp_path / "one/forget.html").exists()
    assert 'data-lessons=""' in (tmp_path / "one/en/my-device/index.html").read_text()
    assert (tmp_path / "two" / ("a" * 26) / "forget.html").is_file()
    mine = (tmp_path / "two" / ("a" * 26) / "en/my-device/index.html").read_text()
    assert f'data-lessons="https://lessons.example/{"a" * 26}/forget.html"' in mine


def test_a_text_has_its_compressed_copy(school, tmp_path):
    out = tmp_path / "out"
    exported(school.data, out)
    page = out / "fr/lecon/ministry/test/marees/index.html"
    assert gzip.decompress(page.with_name("index.html.gz").read_bytes()) == page.read_bytes()


def test_writing_it_again_touches_nothing(school, tmp_path):
    out = tmp_path / "out"
    exported(school.data, out)
    times = {path: (out / path).stat().st_mtime_ns for path in files(out)}
    again = exported(school.data, out)
    assert (again.written, again.removed) == (0, 0)
    assert {path: (out / path).stat().st_mtime_ns for path in files(out)} == times


def test_a_lesson_that_is_no_longer_there_leaves_and_what_others_put_there_stays(school, tmp_path):
    out = tmp_path / "out"
    exported(school.data, out)
    (out / "fr/lecon/ministry/test/frac/note.txt").write_text("mine")
    (out / "google.html").write_text("mine")
    school.catalogue.withdraw("ministry/test", "frac", 2)
    assert exported(school.data, out).removed > 5
    left = [path for path in files(out) if "frac" in path or path == "google.html"]
    assert left == ["fr/lecon/ministry/test/frac/note.txt", "google.html"]
    assert "Moitié" not in "".join(
        (out / path).read_text() for path in files(out) if path.endswith((".html", ".json"))
    )


def test_a_new_version_replaces_pages_and_files(school, tmp_path):
    out = tmp_path / "out"
    exported(school.data, out)
    before = set(files(out / "c"))
    school.add("frac", {"index.html": page("Tiers")}, version=2, title="Les tiers", about=["maths"])
    exported(school.data, out)
    assert "Les tiers" in (out / "fr/lecon/ministry/test/frac/index.html").read_text()
    text = gzip.decompress((out / "fr/lecon/ministry/test/frac/index.html.gz").read_bytes()).decode()
    assert "Les tiers" in text
    assert (
        len(
            {path.partition("/")[0] for path in files(out / "c")}
            - {path.partition("/")[0] for path in before}
        )
        == 1
    )
    assert len({path.partition("/")[0] for path in files(out / "c")}) == 2


def test_a_folder_that_holds_something_else_is_left_alone(school, tmp_path):
    out = tmp_path / "photos"
    out.mkdir()
    (out / "index.html").write_text("mine")
    with pytest.raises(AlreadyExists):
        exported(school.data, out)
    assert files(out) == ["index.html"]


def test_a_cut_leaves_nothing_that_is_never_removed(school, tmp_path):
    from edubox.pages.export.folder import Folder

    out = tmp_path / "out"
    cut = Folder(out)
    cut.put("fr/orphan/index.html", b"x" * 2000)  # and then the power goes
    exported(school.data, out)
    assert not (out / "fr/orphan").exists()


def test_lessons_without_an_origin_of_their_own_get_none_at_all(school, tmp_path):
    out = tmp_path / "out"
    exported(school.data, out)
    text = (out / "fr/lecon/ministry/test/marees/1/index.html").read_text()
    sandbox = re.search(r'sandbox="([^"]*)"', text)[1]
    assert "allow-scripts" in sandbox
    assert "allow-same-origin" not in sandbox


def test_what_is_not_chosen_is_in_no_file_at_all(school, tmp_path):
    out = tmp_path / "out"
    shelf = Chosen(Library(school.data), lambda card: card.address.endswith("/frac"))
    exported(school.data, out, shelf=shelf)
    for path in files(out):
        assert b"mar\xc3\xa9e" not in (out / path).read_bytes(), path
        assert "marees" not in path


def test_a_secret_folder_is_whole_and_names_nothing_outside_itself(school, tmp_path):
    out, key = tmp_path / "out", "/abcdefghijklmnopqrstuvwxyz"
    exported(school.data, out, key)
    assert {path.partition("/")[0] for path in files(out)} == {key[1:]}
    for path in files(out):
        if path.endswith(".html") and "/c/" not in path and "/p/" not in path and "/take/" not in path:
            text = (out / path).read_text()
            links = re.findall(r'\s(?:href|src|action|data-[a-z]+)="(/[^"]*)', text)
            assert [link for link in links if not link.startswith(f"{key}/")] == []
            if "<head>" in text and "refresh" not in text and not path.endswith("forget.html"):
                assert 'name="robots" content="noindex"' in text, path


def test_a_portable_site_has_no_link_from_a_root(school, tmp_path):
    out = tmp_path / "out"
    exported(school.data, out, portable=True)
    for path in files(out):
        if path.startswith(("fr/", "en/")) and path.endswith(".html"):
            text = (out / path).read_text()
            assert not re.search(r'\s(?:href|src|action)="/', text), path
            assert "/take/" not in text
            for link in re.findall(r'\s(?:href|src)="([^"#?:]*)"', text):
                if link and not re.search(r"((classe?|signaler|report)/index.html|qr.svg)$", link):
                    assert (out / path).parent.joinpath(link).resolve().is_file(), (path, link)
