"""Malformed and hostile files of every kind: clear words for the teacher, and nothing left on the disk."""

from __future__ import annotations

import io
import os
import random
import zipfile

import pytest

from edubox.errors import EduboxError
from edubox.importers.folder import build_lesson
from tests.importers.backups import course
from tests.importers.building import samples, write
from tests.importers.packages import epub, h5p, h5p_members, scorm, zipped
from tests.importers.photos import animation, drawing, photo
from tests.importers.test_pdf import made as pdf

MEGABYTE = 1024 * 1024
DOCX = zipped(
    {
        "word/document.xml": "<w:document><w:body><w:p><w:r><w:t>Le cycle</w:t></w:r></w:p></w:body></w:document>"
    }
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" {}>{}<circle r="1"/></svg>'


def spoiled(data, old, new):
    assert old in data
    return data.replace(old, new)


def closed(data):
    """The zip *data* whose members say that they are encrypted."""
    raw = bytearray(data)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        while at >= 0:
            raw[at + flags] |= 1
            at = raw.find(mark, at + 4)
    return bytes(raw)


#: Name and bytes → words of the one warning about it, or nothing where it is shown as what it is.
CARDS = {
    "exercice coupé": ("a.h5p", h5p()[:200], "a download only: it is damaged"),
    "exercice sans description": ("a.h5p", zipped({"x.txt": "x"}), "not an H5P exercise"),
    "exercice fermé": ("a.h5p", closed(h5p()), "closed with a password"),
    "exercice et description cassée": ("a.h5p", zipped(h5p_members() | {"h5p.json": "{"}), "h5p.json in it is damaged"),
    "exercice sorti de son dossier": ("a.h5p", zipped(h5p_members() | {"../../x": "x"}), "no honest program"),
    "bombe": ("a.h5p", zipped(h5p_members() | {"content/x": bytes(20 * MEGABYTE)}), "unpacks to more than it may"),
    "livre coupé": ("a.epub", epub()[:300], "a download only: it is damaged"),
    "livre qui n'en est pas un": ("a.epub", b"%PDF-1.4", "a download only: it is damaged"),
    "activité sans pages": ("a.zip", zipped({"imsmanifest.xml": "<manifest/>"}), "no list of contents"),
    "activité avec entités": (
        "a.zip", zipped({"imsmanifest.xml": '<!DOCTYPE a [<!ENTITY x "y">]><manifest>&x;</manifest>'}), "entities",
    ),
    "wiki cassé": ("a.zim", b"ZIM\x04" + bytes(100), "it is damaged"),
    "texte nommé docx": ("a.docx", b"bonjour", "damaged, closed with a password, or no office file"),
    "docx avec entités": (
        "a.docx", zipped({"word/document.xml": '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'}), "entities",
    ),
    "docx bombe": ("a.docx", zipped({"word/document.xml": b"<a>" + bytes(20 * MEGABYTE)}), ""),
    "docx sans un mot": ("a.docx", zipped({"word/document.xml": "<w:document/>"}), "no words or pictures"),
    "PDF fermé": ("a.pdf", pdf(password="secret"), "cannot be searched: it is closed with a password"),
    "PDF cassé": ("a.pdf", pdf()[:150], "cannot be searched: it is damaged"),
    "film qui n'en est pas un": ("a.avi", b"RIFF....AVI ", "save it as .mp4"),
    "son qui n'en est pas un": ("a.wma", b"x", "save it as .mp3"),
    "quiz sans question": ("a.gift", b"bonjour", "no question"),
    "cahier cassé": ("a.ipynb", b"{", "not a notebook"),
    "GeoGebra cassé": ("a.ggb", b"x", "not a GeoGebra file"),
    "Scratch cassé": ("a.sb3", b"x", "not a Scratch project"),
    "fichier sans nom": ("a.zip", spoiled(zipped({"q": "x"}), b"q", b"\0"), None),
    "zip dans un zip": ("a.zip", zipped({"b.zip": zipped({"c.zip": zipped({"d.txt": "x"})})}), None),
}  # fmt: skip


@pytest.mark.parametrize("case", CARDS)
def test_a_malformed_file_is_explained_and_the_rest_of_the_lesson_stays(tmp_path, case):
    name, data, said = CARDS[case]
    source = write(tmp_path / "x", {"page.html": "<title>La page</title>", name: data})
    built = build_lesson(source, tmp_path / "out.edpack", {"language": "fr"})
    about = [warning for warning in built.warnings if name in warning]
    assert len(about) == (said is not None)
    assert all(said in warning for warning in about)
    assert "La page" in [item.title for item in built.manifest.items()]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.edpack", "x"]


@pytest.mark.parametrize("inside", [
    "<script>alert(1)</script>", '<a href="javascript:alert(1)"/>', "<foreignObject><iframe/></foreignObject>",
    '<image href="https://example.org/x.png"/>', "<style>@import 'https://example.org/x.css';</style>",
    '<use href="data:image/svg+xml;base64,PHN2Zz4="/>', '<g onclick="alert(1)"/>',
    '<set attributeName="href" to="javascript:alert(1)"/>', '<?xml-stylesheet href="https://example.org/x.css"?>',
])  # fmt: skip
def test_a_drawing_loses_what_acts_and_keeps_what_it_shows(tmp_path, inside):
    source = write(tmp_path / "x", {"dessin.svg": SVG.format('onload="alert(2)"', inside)})
    kept = {}
    built = build_lesson(
        source, tmp_path / "out.edpack", {"language": "fr"},
        lay_out=lambda _, files: kept.update({name: path.read_text() for name, path in files.items()}),
    )  # fmt: skip
    drawn = kept["dessin.svg"]
    assert "circle" in drawn
    assert not [word for word in ("alert", "example.org", "iframe", "onload", "svg+xml") if word in drawn]
    assert [str(one) for one in built.warnings] == [
        "dessin.svg held a program or led to other sites: that was taken out, the drawing stays."
    ]


@pytest.mark.parametrize("data", [
    b'<!DOCTYPE svg [<!ENTITY x "<script>alert(1)</script>">]><svg xmlns="http://www.w3.org/2000/svg">&x;</svg>',
    b"<html><script>alert(1)</script></html>", b"<svg>" * 300,
])  # fmt: skip
def test_a_drawing_that_cannot_be_read_safely_is_left_out(tmp_path, data):
    source = write(tmp_path / "x", {"page.html": "<title>P</title>", "dessin.svg": data})
    built = build_lesson(source, tmp_path / "out.edpack", {"language": "fr"})
    assert {file.path for file in built.manifest.files} == {"page.html"}
    assert "cannot be read safely" in built.warnings[0]


def links(name, target):
    """A zip with a symbolic link."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, target)
        archive.writestr("page.html", "<title>P</title>")
    return out.getvalue()


#: A zip given as the lesson itself → the error's code, or nothing if it becomes a lesson.
WHOLE = {
    "glisse hors du dossier": (zipped({"../../x.html": "x"}), "unsafe-path"),
    "chemin absolu": (zipped({"/etc/x.html": "x"}), "unsafe-path"),
    "bombe": (zipped({"x.html": bytes(20 * MEGABYTE)}), "bomb"),
    "coupé": (zipped({"x.html": "x" * 999})[:60], "bad-archive"),
    "fermé": (closed(zipped({"x.html": "x"})), "bad-archive"),
    "vide": (zipped({}), "empty-pack"),
    "lien": (links("passwd", "/etc/passwd"), None),
    "dix mille fichiers": (zipped({f"{number}.txt": "x" for number in range(10_000)}, zipfile.ZIP_STORED), None),
    "zip dans un zip": (zipped({"b.zip": zipped({"../c.html": "x"})}), None),
}  # fmt: skip


@pytest.mark.parametrize("case", WHOLE)
def test_a_hostile_zip_is_refused_in_words_or_is_a_lesson(tmp_path, case):
    data, code = WHOLE[case]
    source = write(tmp_path / "x", {"cours.zip": data}) / "cours.zip"
    output = tmp_path / "out.edpack"
    if code is None:
        manifest = build_lesson(source, output, {"language": "fr"}).manifest
        assert "passwd" not in {file.path for file in manifest.files}
    else:
        with pytest.raises(EduboxError) as refused:
            build_lesson(source, output, {"language": "fr"})
        assert refused.value.code == code
        assert not output.exists()
    assert {path.name for path in tmp_path.iterdir()} <= {"out.edpack", "x"}


# --- bytes flipped and cut --------------------------------------------------------------------------------

#: How many broken copies of each file: a few in ``make test``, hundreds in ``make prove-fuzz`` (EDUBOX_FUZZ_EXAMPLES).
EACH = max(4, int(os.environ.get("EDUBOX_FUZZ_EXAMPLES", "60")) // 12)
WHOLE_FILES = {
    "a.jpg": photo(80, 60), "a.png": drawing(40, 30), "a.webp": photo(80, 60, "WEBP"), "a.gif": animation(2, 40, 30),
    "a.tiff": photo(40, 30, "TIFF"), "a.svg": SVG.format('onload="x"', "<script>x</script>").encode(), "a.docx": DOCX,
    "a.pdf": pdf(title="T"), "a.h5p": h5p(), "a.epub": epub(), "a.zip": scorm(), "a.mbz": course().tar(), "b.mbz": course().zip(),
}  # fmt: skip
SAMPLES = (
    "av/rabbit320.mp4", "zim/small_withns.zim", "sb3/comments.sb3", "imscc/single-page.imscc", "office/libreoffice-form.odt",
    "office/moved.pptx", "office/shp-inline-shape-access.docx",
)  # fmt: skip


def mutants(data, seed, each=EACH):
    """*data* with a few bytes changed, cut out or doubled, or cut short; the same ones for the same *seed*."""
    chance = random.Random(seed)
    for _ in range(each):
        raw = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(raw))
            match chance.randrange(4):
                case 0:
                    raw[at] = chance.randrange(256)
                case 1:
                    raw[at : at + chance.randint(1, 40)] = b""
                case 2:
                    raw[at:at] = raw[at : at + chance.randint(1, 40)]
                case _:
                    raw[at : at + 4] = chance.choice(
                        [b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", b"\0\0\0\x08"]
                    )
            raw = raw or bytearray(b"x")
        yield bytes(raw[: chance.randrange(len(raw))] if chance.random() < 0.2 else raw)


def is_a_lesson_or_refused(tmp_path, name, data):
    """Build a lesson of it; whatever happens, nothing but what was given and the lesson is on the disk."""
    source = write(tmp_path / "x", {"page.html": "<title>P</title>", name: data})
    output = tmp_path / "out.edpack"
    try:
        build_lesson(source, output, {"language": "fr"})
    except EduboxError:
        assert not output.exists()
    output.unlink(missing_ok=True)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.fixture(autouse=True)
def _without_programs(monkeypatch):
    """What is proven here is our own code: ffmpeg and LibreOffice are not there."""
    monkeypatch.setattr("shutil.which", lambda _: None)


@pytest.mark.parametrize("name", WHOLE_FILES)
def test_fuzz_a_broken_copy_of_a_file_is_a_lesson_or_refused(tmp_path, name):
    for data in mutants(WHOLE_FILES[name], name):
        is_a_lesson_or_refused(tmp_path, name, data)


@pytest.mark.parametrize("name", SAMPLES)
def test_fuzz_a_broken_copy_of_real_material_is_a_lesson_or_refused(tmp_path, name):
    for data in mutants(samples(name).read_bytes(), name, max(3, EACH // 2)):
        is_a_lesson_or_refused(tmp_path, name.rpartition("/")[2], data)
