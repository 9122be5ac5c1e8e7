"""Office files: words, tables and pictures as a page, a PDF where there is one; no notes, comments or programs for pupils."""

from __future__ import annotations

import stat

import pytest

from tests.importers.building import Lesson
from tests.importers.packages import zipped
from tests.importers.photos import photo
from tests.importers.test_pdf import made as pdf

REL = '<Relationships xmlns="x">{}</Relationships>'


def related(*targets, external=()):
    inside = [f'<Relationship Id="r{number}" Target="{one}"/>' for number, one in enumerate(targets, 1)]
    inside += [
        f'<Relationship Id="e{number}" TargetMode="External" Target="{one}"/>'
        for number, one in enumerate(external, 1)
    ]
    return REL.format("".join(inside))


def paragraph(words, style=""):
    kind = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{kind}<w:r><w:t>{words}</w:t></w:r></w:p>"


def docx(*inside, **more):
    """A Word file."""
    return zipped({
        "word/document.xml": f"<w:document><w:body>{''.join(inside)}</w:body></w:document>",
        "word/_rels/document.xml.rels": related("media/image1.jpg", external=["https://volcans.example/"]),
        "word/styles.xml": '<w:styles><w:style w:styleId="Titre1"><w:name w:val="heading 1"/></w:style></w:styles>',
        "word/media/image1.jpg": photo(80, 60),
    } | more)  # fmt: skip


PICTURE = '<w:p><w:r><w:drawing><wp:docPr descr="Un cône"/><a:blip r:embed="r1"/></w:drawing></w:r></w:p>'
TABLE = f"<w:tbl><w:tr><w:tc>{paragraph('Roche')}</w:tc><w:tc>{paragraph('Âge')}</w:tc></w:tr></w:tbl>"
WORD = docx(paragraph("Les volcans", "Titre1"), paragraph("La lave &lt;b&gt; coule"), TABLE, PICTURE)


def odf(body, **more):
    """An OpenDocument file."""
    return zipped(
        {
            "content.xml": f"<office:document-content><office:body>{body}</office:body></office:document-content>"
        }
        | more
    )


def pptx(**more):
    slide = "<p:sld><p:cSld><p:sp><p:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:txBody></p:sp></p:cSld></p:sld>"
    return zipped({
        "ppt/presentation.xml": '<p:presentation><p:sldIdLst><p:sldId r:id="r2"/><p:sldId r:id="r1"/></p:sldIdLst></p:presentation>',
        "ppt/_rels/presentation.xml.rels": related("slides/slide1.xml", "slides/slide2.xml"),
        "ppt/slides/slide1.xml": slide.format("La fin"), "ppt/slides/slide2.xml": slide.format("Le début"),
    } | more)  # fmt: skip


def xlsx(**more):
    return zipped({
        "xl/workbook.xml": '<workbook><sheets><sheet name="Notes" r:id="r1"/><sheet name="Caché" state="hidden" r:id="r2"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": related("worksheets/sheet1.xml", "worksheets/sheet2.xml"),
        "xl/sharedStrings.xml": "<sst><si><t>Magma</t></si></sst>",
        "xl/worksheets/sheet1.xml": '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1200</v></c></row></sheetData></worksheet>',
        "xl/worksheets/sheet2.xml": '<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>secret</v></c></row></sheetData></worksheet>',
    } | more)  # fmt: skip


@pytest.fixture(autouse=True)
def _without_libreoffice(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)


def page_of(lesson):
    return lesson.read(lesson.manifest.items()[0].entry)


def test_a_word_file_is_a_page_of_its_words_tables_and_pictures(tmp_path):
    lesson = Lesson(tmp_path, {"a.docx": WORD})
    assert [one[:2] for one in lesson.toc] == [("Les volcans", "html")]
    page = page_of(lesson)
    for expected in ("<h1>Les volcans</h1>", "La lave &lt;b&gt; coule", "<td>", "Âge", 'alt="Un cône"'):
        assert expected in page
    assert lesson.said("a.docx", "add a PDF with the same name")
    assert "a.docx" in lesson.manifest.items()[0].alternatives


def test_pictures_of_an_office_file_do_not_say_who_took_them(tmp_path):
    lesson = Lesson(tmp_path, {"a.docx": WORD})
    shown = list(lesson.folder.rglob("*.jpg"))
    assert shown
    assert not [path for path in shown if b"Secret" in path.read_bytes()]


@pytest.mark.parametrize(("name", "data", "words", "unseen"), [
    ("a.pptx", pptx(), ["Le début", "La fin"], []), ("a.xlsx", xlsx(), ["Magma", "1200"], ["secret"]),
    ("a.odt", odf('<office:text><text:h text:outline-level="1">Le cycle</text:h><text:p>de l’eau</text:p></office:text>'), ["Le cycle", "de l’eau"], []),
    ("a.odp", odf("<office:presentation><draw:page><text:p>Une page</text:p></draw:page></office:presentation>"), ["Une page"], []),
    ("a.ods", odf('<office:spreadsheet><table:table table:name="T"><table:table-row><table:table-cell><text:p>42</text:p>'
                  "</table:table-cell></table:table-row></table:table></office:spreadsheet>"), ["42", "<td>"], []),
])  # fmt: skip
def test_slides_sheets_and_open_documents_are_pages_in_their_order(tmp_path, name, data, words, unseen):
    page = page_of(Lesson(tmp_path, {name: data}))
    places = [page.find(word) for word in words]
    assert -1 not in places
    if name == "a.pptx":
        assert places == sorted(places)
    assert not [word for word in unseen if word in page]


def test_a_pdf_of_the_same_name_is_shown_and_the_file_beside_it(tmp_path):
    lesson = Lesson(tmp_path, {"a.docx": WORD, "a.pdf": pdf("Les volcans")})
    (item,) = lesson.manifest.items()
    assert (item.type, item.entry) == ("pdf", "a.pdf")
    assert "a.docx" in item.alternatives
    assert lesson.warnings == []


REMARKS = {
    "commentaires": ("a.docx", docx(paragraph("La lave"), **{"word/comments.xml": "<c>Élève faible</c>"}), "comments"),
    "suivi": ("a.docx", docx(paragraph("La lave"), "<w:p><w:del><w:r><w:delText>faux</w:delText></w:r></w:del></w:p>"), "tracked changes"),
    "notes": ("a.pptx", pptx(**{"ppt/notesSlides/notesSlide1.xml": "<a>corrigé</a>"}), "notes"),
    "feuille": ("a.xlsx", xlsx(**{"xl/comments1.xml": "<a>corrigé</a>"}), "comments"),
    "annotation": ("a.odt", odf("<office:text><text:p>La lave<office:annotation><text:p>corrigé</text:p></office:annotation></text:p></office:text>"), "comments"),
    "programme": ("a.docm", docx(paragraph("La lave"), **{"word/vbaProject.bin": "corrigé"}), "a program (macros)"),
}  # fmt: skip


@pytest.mark.parametrize("case", REMARKS)
def test_a_file_with_remarks_or_programs_is_shown_but_not_given_itself(tmp_path, case):
    name, data, said = REMARKS[case]
    lesson = Lesson(tmp_path, {name: data, "z.html": "<title>Z</title>"})
    assert name not in {file.path for file in lesson.manifest.files}
    assert lesson.said(name, said, "pupils do not get the file itself")
    kept = b"".join(path.read_bytes() for path in lesson.folder.rglob("*") if path.is_file())
    assert b"corrig\xc3\xa9" not in kept
    assert "Élève faible".encode() not in kept
    assert b"faux" not in kept


def test_a_file_of_the_nineties_is_a_download_with_advice(tmp_path):
    lesson = Lesson(tmp_path, {"a.doc": b"\xd0\xcf\x11\xe0" + bytes(600)})
    assert lesson.said("a.doc", "save it as PDF")


def test_a_picture_address_never_leaves_the_file(tmp_path):
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(photo(80, 60))
    data = docx(
        paragraph("La lave"), PICTURE, **{"word/_rels/document.xml.rels": related(f"../../../../..{secret}")}
    )
    lesson = Lesson(tmp_path, {"a.docx": data})
    assert not list(lesson.folder.rglob("*.jpg"))


# --- where LibreOffice is installed ---------------------------------------------------------------------------


def libreoffice(tmp_path, monkeypatch, script):
    """A program of ours that stands for LibreOffice."""
    tool = tmp_path / "soffice"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr("shutil.which", lambda name: str(tool) if name == "soffice" else None)


@pytest.mark.parametrize("name", ["a.docx", "a.doc"])
def test_where_libreoffice_is_the_file_is_shown_as_on_paper(tmp_path, monkeypatch, name):
    (tmp_path / "made.pdf").write_bytes(pdf("Les volcans"))
    libreoffice(tmp_path, monkeypatch, f"cp {tmp_path}/made.pdf document.pdf; ulimit -d > {tmp_path}/limit")
    lesson = Lesson(tmp_path, {name: WORD if name == "a.docx" else b"\xd0\xcf\x11\xe0" + bytes(600)})
    item = lesson.manifest.items()[0]
    assert (item.type, item.entry) == ("pdf", f"{name}.pdf")
    assert name in item.alternatives
    assert "Les volcans" in lesson.read(item.text)
    assert int((tmp_path / "limit").read_text()) <= 1_500_000


@pytest.mark.parametrize("script", ["exit 1", "echo no > document.pdf", "kill -9 $$"])
def test_when_libreoffice_gives_up_the_page_is_made(tmp_path, monkeypatch, script):
    libreoffice(tmp_path, monkeypatch, script)
    lesson = Lesson(tmp_path, {"a.docx": WORD})
    assert "La lave" in page_of(lesson)
    assert {path.name for path in tmp_path.iterdir()} == {"Ma leçon", "soffice", "lesson.edpack", "out"}
