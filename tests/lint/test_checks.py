from __future__ import annotations

import io

import pytest
from PIL import Image

from edubox.importers.folder import build_lesson
from edubox.lint import (
    alternatives,
    identifiers,
    links,
    mails,
    names,
    notices,
    phones,
    places,
    weight,
)
from edubox.lint.lesson import Built
from tests.box.school import manifest_of


@pytest.fixture
def lesson(tmp_path):
    """A lesson built from files: their text, or bytes."""

    def make(files, **about):
        source, tree = tmp_path / "source", tmp_path / "tree"
        for path, text in files.items():
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            (source / path).write_bytes(text if isinstance(text, bytes) else text.encode())

        def lay_out(manifest, where):
            for path, location in where.items():
                (tree / path).parent.mkdir(parents=True, exist_ok=True)
                (tree / path).write_bytes(location.read_bytes())

        built = build_lesson(
            source, tmp_path / "out.edpack", {"title": "T", "language": "fr"}, lay_out=lay_out
        )
        return Built(built.manifest, tree, **about)

    return make


def picture(**more) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", **more)
    return out.getvalue()


def test_a_lesson_with_nothing_wrong_is_told_nothing(lesson):
    seen = lesson(
        {
            "lire.md": "# Lune\n\n![La lune pleine](lune.jpg)\n\nElle tourne en 27 jours.",
            "lune.jpg": picture(),
        }
    )
    assert notices(seen) == []


def test_pictures_without_words_are_counted(lesson):
    seen = lesson({
        "a.md": "# A\n\n![](lune.jpg) ![ ](lune.jpg) ![La lune](lune.jpg)", "lune.jpg": picture(),
        "b.html": "<!doctype html><html lang=fr><title>B</title><h1>B</h1><img src=lune.jpg><img src=lune.jpg alt=''><img src=lune.jpg aria-hidden=true>",
    })  # fmt: skip
    assert {one.details["path"]: one.details["number"] for one in alternatives.check(seen)} == {
        "a.md": 2,
        "b.html": 1,
    }


def test_links_that_leave_are_told_with_their_sites(lesson):
    seen = lesson(
        {
            "a.md": "# Titre\n\n[a](https://a.example/x) [b](http://b.example) [c](#c) <https://c.example> <https://d.example>"
        }
    )
    (found,) = links.check(seen)
    assert found.details["sites"] == ["a.example", "b.example", "c.example", "d.example"]


def test_links_of_many_parts_are_one_notice(lesson):
    seen = lesson({f"{at}.md": f"# Titre {at}\n\n[a](https://{at}.example/x)" for at in range(1, 9)})
    (found,) = links.check(seen)
    assert (found.details["number"], len(found.details["sites"]), found.details["sites"][-1]) == (8, 7, "…")


def test_personal_data_says_the_file_and_what_it_is(lesson):
    seen = lesson({
        "notes/sortie.md": "# Sortie\n\nTél : 06 37 58 66 13, lea@ac-lyon.fr, INE 1234567890D",
        "liste.html": "<!doctype html><html lang=fr><title>L</title><h1>L</h1><table>"
        + "".join(f"<tr><td>{last}</td><td>Léa</td><td>12/03/2014</td></tr>" for last in ("DUPONT", "MARTIN", "DIALLO", "PETIT", "NOIR")) + "</table>",
    })  # fmt: skip
    found = [*phones.check(seen), *mails.check(seen), *identifiers.check(seen)]
    assert [one.details["where"] for one in found] == ["notes/sortie.md"] * 3
    assert [one.details["found"] for one in found][:2] == ["06 37 58 66 13", "lea@ac-lyon.fr"]
    (listed,) = names.check(seen)
    assert (listed.details["where"], listed.details["number"]) == ("liste.html", 5)


def test_the_page_of_a_document_is_named(tmp_path):
    from edubox.pack.manifest import Item

    files = {"doc.pdf": b"%PDF", "doc.pdf.txt": b"Bonjour\fTel 06 37 58 66 13"}
    manifest = manifest_of(files, toc=[Item("Doc", "pdf", "doc.pdf", text="doc.pdf.txt")])
    for path, data in files.items():
        (tmp_path / path).write_bytes(data)
    (found,) = phones.check(Built(manifest, tmp_path))
    assert str(found).startswith("doc.pdf, page 2 ")


def test_what_is_said_twice_is_told_once(lesson):
    seen = lesson({"a.md": "# A\n\n06 37 58 66 13 et 06.37.58.66.13", "b.md": "# B\n\n06 37 58 66 13"})
    assert len(list(phones.check(seen))) == 1


def test_a_photo_that_says_where_it_was_taken_is_told(tmp_path):
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    files = {"ici.jpg": picture(exif=exif), "la.jpg": picture(), "faux.jpg": b"nothing"}
    for path, data in files.items():
        (tmp_path / path).write_bytes(data)
    assert [one.details["path"] for one in places.check(Built(manifest_of(files), tmp_path))] == ["ici.jpg"]


def test_a_position_that_a_photo_says_in_xmp_is_told(tmp_path):
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" exif:GPSLatitude="48,51.3N"/>'
    (tmp_path / "ici.jpg").write_bytes(picture(xmp=xmp))
    manifest = manifest_of({"ici.jpg": picture(xmp=xmp)})
    assert len(list(places.check(Built(manifest, tmp_path)))) == 1


def test_a_photo_that_was_imported_says_no_place(lesson):
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    assert not list(places.check(lesson({"ici.jpg": picture(exif=exif)})))


def test_a_list_in_a_file_to_download_is_told(lesson):
    rows = "".join(f"{last};Léa;12/03/2014\n" for last in ("DUPONT", "MARTIN", "DIALLO", "PETIT", "NOIR"))
    seen = lesson({"lire.md": "# Lire", "classe.csv": rows.encode("cp1252")})
    assert [one.details["where"] for one in names.check(seen)] == ["classe.csv"]


def test_a_huge_lesson_is_read_to_a_limit(lesson, monkeypatch):
    monkeypatch.setattr("edubox.lint.lesson.READ", 1000)
    seen = lesson({f"{at:02}.md": f"# Page {at}\n\n" + "mot " * 300 for at in range(1, 20)})
    assert 1 <= len([one for one in seen.said if one.where.endswith(".md")]) < 5
    assert 1 <= len(list(seen.pages())) < 5


def test_what_takes_a_class_minutes_is_told_for_that_class(lesson):
    seen = lesson({"a.md": "# A", "film.mp4": b"\0" * 3_000_000}, pupils=35, air=1000)
    (found,) = weight.check(seen)
    assert found.details == {"pupils": 35, "minutes": 14}
    assert not list(weight.check(Built(seen.manifest, seen.tree, pupils=2, air=20_000)))


@pytest.mark.parametrize("check", [phones, mails, identifiers, names])
def test_a_hostile_text_costs_no_time(check, lesson):
    seen = lesson(
        {
            "a.txt": "x",
            "b.md": "# B\n\n"
            + "+33 1 " * 20_000
            + "A" * 50_000
            + "@" * 20_000
            + "a." * 50_000
            + "1 " * 50_000
            + "DE " * 20_000,
        }
    )
    list(check.check(seen))
