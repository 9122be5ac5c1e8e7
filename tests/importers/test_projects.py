"""GeoGebra and Scratch: a page that says what the file is, shows its picture, and offers it."""

from __future__ import annotations

import json

import pytest

from tests.importers.backups import PNG
from tests.importers.building import Lesson, html, samples
from tests.importers.packages import zipped

GEOGEBRA = """<?xml version="1.0"?><geogebra format="5.0"><construction title="Le triangle" author="Madame X">
<element type="point" label="A"><caption val="Sommet"/></element><element type="segment" label="c"/></construction></geogebra>"""
SCRATCH = {"targets": [
    {"isStage": True, "name": "Stage", "costumes": [{"md5ext": "b.png", "dataFormat": "png"}], "comments": {"x": {"text": "Avance de dix"}}},
    {"isStage": False, "name": "Chat", "costumes": [{"md5ext": "c.svg", "dataFormat": "svg"}]},
]}  # fmt: skip


def test_a_construction_has_a_page_with_its_picture(tmp_path):
    lesson = Lesson(tmp_path, {"t.ggb": zipped({"geogebra.xml": GEOGEBRA, "geogebra_thumbnail.png": PNG})})
    assert lesson.toc == [("Le triangle", "html", "t.ggb.html")]
    page = lesson.read("t.ggb.html")
    assert "s’ouvre avec GeoGebra" in page
    assert "Sommet, c" in page
    assert 'src="t.ggb.png"' in page
    assert 'href="t.ggb" download' in page
    assert "Madame" not in page
    assert "t.ggb" in {file.path for file in lesson.manifest.files}


def test_a_project_has_a_page_with_its_sprites_and_notes(tmp_path):
    lesson = Lesson(
        tmp_path, {"jeu.sb3": zipped({"project.json": json.dumps(SCRATCH), "b.png": PNG, "c.svg": "<svg/>"})}
    )
    page = lesson.read("jeu.sb3.html")
    assert all(
        said in page for said in ("s’ouvre avec Scratch", "Chat", "Avance de dix", 'src="jeu.sb3.png"')
    )


@pytest.mark.parametrize("name", ["a.ggb", "a.sb3"])
@pytest.mark.parametrize(
    "data", [b"", b"PK", zipped({"x": "y"}), zipped({"geogebra.xml": "<a", "project.json": "[1"})]
)
def test_a_file_that_is_only_called_so_stays_a_download(tmp_path, name, data):
    lesson = Lesson(tmp_path, {"page.html": html("P"), name: data})
    assert lesson.toc[1] == (name, "file", name)
    assert lesson.said(f"{name} is offered as a download only", "it is not whole")


def test_a_real_project_opens(tmp_path):
    lesson = Lesson(tmp_path, {"c.sb3": samples("sb3/comments.sb3").read_bytes()})
    assert "A minimized stage comment" in lesson.read("c.sb3.html")
