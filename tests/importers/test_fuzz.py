"""Broken documents of every kind still become a lesson, or are refused with our own error."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edubox.errors import EduboxError
from edubox.importers.folder import build_lesson
from tests.importers.building import write
from tests.importers.packages import (
    CONTAINER,
    epub,
    epub_members,
    h5p,
    h5p_members,
    imsmanifest,
    library,
    resource,
    scorm,
    zipped,
)
from tests.importers.packages import entry as sco
from tests.importers.test_folder import TOML
from tests.importers.test_html import html
from tests.importers.test_notebook import PNG, code, data, markdown, notebook
from tests.importers.test_pdf import made
from tests.importers.test_quiz import QUIZ
from tests.pack.fuzzing import EXAMPLES, broken, mutated

DOCUMENTS = {
    "a.html": html(
        "T", '<h1>A</h1><img src="b.png" srcset="c 2x"><a href="../x?y#z">', "<style>@import url(x)</style>"
    ).encode(),
    "a.md": b"---\ntitle: x\n---\n# A\n[b](a.html) ![c](d.png) $x^2$\n\n|a|b|\n|-|-|\n|1|2|\n<b onclick=1>\n",
    "a.ipynb": notebook(markdown("# A"), code("x", data(png=PNG, html="<p>"))).encode(),
    "a.css": b"@import 'b.css'; p { background: url(c.png) }",
    "a.pdf": made(title="T"),
    "lesson.toml": TOML.encode(),
    "a.h5p": h5p(),
    "a.epub": epub(),
    "a.zip": scorm(),
    "a.gift": QUIZ.encode(),
}


def builds(files):
    with tempfile.TemporaryDirectory() as name:
        output = Path(name) / "x.edpack"
        try:
            build_lesson(
                write(Path(name) / "x", {"page.html": "<title>x</title>"} | files), output, {"language": "fr"}
            )
        except EduboxError:
            assert not output.exists()


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(max_examples=max(20, EXAMPLES // 4), deadline=None)
@given(data=st.data())
def test_fuzz_documents(name, data):
    builds({name: data.draw(broken(DOCUMENTS[name]) | st.binary(max_size=60))})


@settings(max_examples=max(20, EXAMPLES // 4), deadline=None)
@given(mutated(json.loads(DOCUMENTS["a.ipynb"])))
def test_fuzz_notebooks(value):
    builds({"a.ipynb": json.dumps(value)})


names = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40)


@settings(max_examples=max(20, EXAMPLES // 4), deadline=None)
@given(st.lists(names.filter(lambda name: name not in {".", ".."} and len(name.encode()) < 200), max_size=4))
def test_fuzz_file_names(given):
    builds(
        {
            f"{number % 2}/{name}.{kind}": b"# x"
            for number, (name, kind) in enumerate(zip(given, ("html", "md", "ipynb", "gz"), strict=False))
        }
    )


# --- what is inside containers -------------------------------------------------------------------------

CONTENT = {
    "question": "<p>a</p>",
    "part": {"library": "H5P.Other 2.0", "params": {"path": "https://a.example/b"}},
    "list": [["x", 1]],
}
XML = {
    "META-INF/container.xml": CONTAINER.encode(),
    "OPS/book.opf": epub_members()["OPS/book.opf"].encode(),
    "imsmanifest.xml": imsmanifest(
        sco("a", "r", "A", sco("b", "r", "B")), resource("r", "sco.html?x=1")
    ).encode(),
}


@settings(max_examples=max(20, EXAMPLES // 4), deadline=None)
@given(
    mutated(json.loads(h5p_members()["h5p.json"])),
    mutated(CONTENT),
    mutated(json.loads(library("H5P.Other 2.0")["H5P.Other-2.0/library.json"])),
)
def test_fuzz_exercises(described, content, other):
    libraries = library("H5P.Tiny 1.0") | {"H5P.Other-2.0/library.json": json.dumps(other)}
    members = {"h5p.json": json.dumps(described), "content/content.json": json.dumps(content)} | libraries
    builds({"a.h5p": zipped(members), "b/a.h5p": h5p(libraries={})})


@pytest.mark.parametrize("name", XML)
@settings(max_examples=max(20, EXAMPLES // 4), deadline=None)
@given(data=st.data())
def test_fuzz_descriptions_of_books_and_courses(name, data):
    members = {"sco.html": "x"} if name == "imsmanifest.xml" else epub_members()
    builds({"a.zip": zipped(members | {name: data.draw(broken(XML[name]))})})


@settings(max_examples=max(20, EXAMPLES // 4), deadline=None)
@given(
    st.lists(
        names | st.sampled_from(["../x", "/x", "a//b", "C:/x", "con", "x.gz", "H5P.JSON", "é", "e\u0301"]),
        max_size=5,
    )
)
def test_fuzz_names_inside_containers(given):
    members = h5p_members() | {f"content/{name}": b"x" for name in given if "\0" not in name}
    builds({"a.h5p": zipped(members), "a.h5p.d": b"x", "b/a.h5p.d/x.txt": b"x", "b/a.h5p": zipped(members)})


signs = st.lists(
    st.sampled_from(
        [*"{}~=#:%/[]\\<>-. \n$aàT50", "->", "::", "####", "%50%", "..", "[html]", "<b>", "\n\n"]
    ),
    max_size=60,
).map("".join)


@settings(max_examples=max(20, EXAMPLES), deadline=None)
@given(signs)
def test_fuzz_quizzes(text):
    builds({"a.gift": f"A ?{{T}}\n\n{text}"})
