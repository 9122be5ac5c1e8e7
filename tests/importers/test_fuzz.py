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
from tests.importers.test_folder import TOML
from tests.importers.test_html import html
from tests.importers.test_notebook import PNG, code, data, markdown, notebook
from tests.importers.test_pdf import made
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
