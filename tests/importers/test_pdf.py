from __future__ import annotations

import io
import sys

import pypdf
import pytest
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from edubox.importers import pdf
from tests.importers.building import Lesson


def made(words="Le cycle de la lune", title=None, password=None):
    """A small PDF of one page with *words* on it."""
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(200, 200)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
    )
    content = DecodedStreamObject()
    content.set_data(f"BT /F1 12 Tf 20 100 Td ({words}) Tj ET".encode("latin-1"))
    page[NameObject("/Contents")] = writer._add_object(content)
    if title:
        writer.add_metadata({"/Title": title})
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_is_shown_and_its_text_kept_for_the_search(tmp_path):
    lesson = Lesson(tmp_path, {"eau.pdf": made(title="L'eau\x07 douce")})
    item = lesson.item("L'eau douce")
    assert (item.type, item.entry, item.text) == ("pdf", "eau.pdf", "eau.pdf.txt")
    assert "Le cycle de la lune" in lesson.read("eau.pdf.txt")
    assert lesson.toc == [("L'eau douce", "pdf", "eau.pdf")]
    assert lesson.warnings == []


@pytest.mark.parametrize("title", [None, "Microsoft Word - cours.doc", "Untitled", "these.dvi", " "])
def test_a_title_that_only_a_program_wrote_is_replaced_by_the_file_name(tmp_path, title):
    assert Lesson(tmp_path, {"cycle_eau.pdf": made(title=title)}).toc == [
        ("Cycle eau", "pdf", "cycle_eau.pdf")
    ]


def test_the_language_of_a_pdf_is_told_by_its_words(tmp_path):
    words = "The water of the sea is warm, and the wind that is on it brings the rain to us. " * 3
    lesson = Lesson(tmp_path, {"sea.pdf": made(words=words)}, language="")
    assert lesson.manifest.language == "en"
    assert not lesson.said("does not say its language")


def test_a_pdf_that_anyone_may_read_but_not_change_is_read(tmp_path):
    assert Lesson(tmp_path, {"a.pdf": made(password="")}).manifest.items()[0].text


@pytest.mark.parametrize(("data", "why"), [
    (made(password="secret"), "password"), (b"", "damaged"), (b"%PDF-1.4 rubbish", "damaged"), (made()[:300], "damaged"),
    (made(words=""), "no text"), (b"not a pdf at all" * 100, "damaged"),
])  # fmt: skip
def test_a_pdf_that_cannot_be_read_is_still_a_part_with_a_warning(tmp_path, data, why):
    lesson = Lesson(tmp_path, {"cours.pdf": data})
    assert lesson.toc == [("Cours", "pdf", "cours.pdf")]
    assert lesson.said("cours.pdf cannot be searched", why)
    assert (lesson.folder / "cours.pdf").read_bytes() == data


def test_without_pypdf_and_for_a_very_large_one_the_warning_says_why(tmp_path, monkeypatch):
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    monkeypatch.setattr(pdf, "MAX_BYTES", 10)
    assert Lesson(tmp_path / "1", {"cours.pdf": made()}).said("very large")
    monkeypatch.setitem(sys.modules, "pypdf", None)
    assert Lesson(tmp_path / "2", {"cours.pdf": made()}).said("importers")


def test_a_book_is_read_up_to_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "MAX_TEXT", 5)
    assert Lesson(tmp_path, {"a.pdf": made()}).read("a.pdf.txt") == "Le cy"
