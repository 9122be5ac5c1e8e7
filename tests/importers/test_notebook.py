from __future__ import annotations

import base64
import json

import pytest

from tests.importers.building import Lesson

PNG = base64.b64encode(b"\x89PNG picture").decode()


def code(source, *outputs):
    return {
        "cell_type": "code",
        "source": source,
        "outputs": list(outputs),
        "execution_count": 1,
        "metadata": {},
    }


def data(**kinds):
    names = {
        "png": "image/png",
        "svg": "image/svg+xml",
        "html": "text/html",
        "text": "text/plain",
        "latex": "text/latex",
        "markdown": "text/markdown",
    }
    return {"output_type": "execute_result", "data": {names[key]: value for key, value in kinds.items()}}


def notebook(*cells, **more):
    return json.dumps(
        {"cells": list(cells), "nbformat": 4, "metadata": {"language_info": {"name": "python"}}} | more
    )


def markdown(*lines, **more):
    return {"cell_type": "markdown", "source": list(lines)} | more


def page_of(tmp_path, text, **files):
    lesson = Lesson(tmp_path, {"cours.ipynb": text} | files)
    return lesson, lesson.read(lesson.manifest.items()[0].entry)


def test_a_notebook_becomes_a_page_and_stays_downloadable(tmp_path):
    text = notebook(
        markdown("# Les piles\n", "\n", "du *texte*"),
        code(["a = 1\n", "print(a < 2)"], {"output_type": "stream", "text": ["True\n"]}),
    )
    lesson, page = page_of(tmp_path, text)
    assert lesson.toc == [("Les piles", "notebook", "cours.ipynb.html")]
    assert lesson.manifest.toc[0].alternatives == ("cours.ipynb",)
    assert lesson.read("cours.ipynb") == text
    assert "<em>texte</em>" in page
    assert '<pre><code class="language-python">a = 1\nprint(a &lt; 2)</code></pre>' in page
    assert "<pre>True</pre>" in page.replace(' class=""', "")


def test_results_are_shown_in_their_richest_form_that_cannot_act(tmp_path):
    _, page = page_of(tmp_path, notebook(code(
        "x", data(png=PNG, text="<Figure>"), data(svg="<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        data(html=["<table onclick='x()'><tr><td colspan=2>7</td></tr></table>", "<script>alert(2)</script><style>p{}</style>"]),
        data(latex="$x^2$"), data(text="<b>"), data(markdown="**gras**"), data(png="not base64!", text="repli"),
    )))  # fmt: skip
    assert f'src="data:image/png;base64,{PNG}"' in page
    assert 'alt="&lt;Figure&gt;"' in page or 'alt="<Figure>"' in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert '<td colspan="2">7</td>' in page
    assert '<math display="inline" alttext="x^2">' in page
    assert "&lt;b&gt;" in page
    assert "<strong>gras</strong>" in page
    assert "repli" in page
    assert "<script" not in page
    assert "onclick" not in page
    assert "alert(2)" not in page


def test_error_messages_lose_their_colours_and_keep_their_words(tmp_path):
    error = {
        "output_type": "error",
        "ename": "ZeroDivisionError",
        "evalue": "division",
        "traceback": ["\x1b[0;31mZero\x1b[0m", "line 1"],
    }
    _, page = page_of(
        tmp_path, notebook(code("1/0", error, {"output_type": "error", "ename": "E", "evalue": "v"}))
    )
    assert '<pre class="failed">Zero\nline 1</pre>' in page
    assert "E: v" in page
    assert "\x1b" not in page


def test_pictures_attached_to_a_cell_are_shown(tmp_path):
    cell = markdown(
        "![schéma](attachment:image.png) ![perdu](attachment:absent.png)",
        attachments={"image.png": {"image/png": PNG}},
    )
    lesson, page = page_of(tmp_path, notebook(cell))
    assert f'<img src="data:image/png;base64,{PNG}" alt="schéma">' in page
    assert lesson.said("absent.png") or "absent" not in page


def test_files_read_by_the_code_are_no_parts_of_their_own(tmp_path):
    lesson, _ = page_of(
        tmp_path,
        notebook(code("open('villes.csv')\nImage(\"img/x.png\")")),
        **{"villes.csv": b"", "autre.csv": b""},
    )
    assert [one[0] for one in lesson.toc] == ["Cours", "autre.csv"]


def test_links_between_notebooks_lead_to_their_pages(tmp_path):
    _, page = page_of(
        tmp_path, notebook(markdown("[suite](suite.ipynb)")), **{"suite.ipynb": notebook(markdown("# S"))}
    )
    assert 'href="suite.ipynb.html"' in page


def test_a_notebook_of_version_3_is_read(tmp_path):
    old = {"nbformat": 3, "metadata": {"name": ""}, "worksheets": [{"cells": [
        {"cell_type": "heading", "level": 1, "source": ["Vieux cours"]}, {"cell_type": "markdown", "source": "mots"},
        {"cell_type": "code", "input": ["print(1)"], "language": "python", "prompt_number": 1, "outputs": [
            {"output_type": "stream", "stream": "stdout", "text": ["1"]}, {"output_type": "pyout", "text": ["deux"], "png": PNG},
            {"output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": ["trois"]},
            {"output_type": "display_data", "svg": "<svg/>"},
        ]},
    ]}]}  # fmt: skip
    lesson, page = page_of(tmp_path, json.dumps(old))
    assert lesson.toc[0][0] == "Vieux cours"
    assert "print(1)" in page
    assert "trois" in page
    assert page.count("<img") == 2


@pytest.mark.parametrize("cells", [
    [], [None, 3, "x", []], [{"cell_type": "code"}], [{"cell_type": "code", "source": 3, "outputs": [None, {"output_type": []}]}],
    [{"cell_type": "markdown", "source": ["a", None, "\ud800"], "attachments": []}], [{"cell_type": "raw", "source": "x"}],
    [{"cell_type": "heading", "level": "x", "source": "h"}], [{"cell_type": "code", "source": "x", "outputs": "x"}],
    [{"cell_type": "code", "source": "x", "outputs": [{"output_type": "display_data", "data": {"image/png": 3, "text/html": {}, "text/plain": None}}]}],
])  # fmt: skip
def test_a_notebook_that_breaks_its_schema_is_still_shown(tmp_path, cells):
    lesson, page = page_of(tmp_path, notebook(*cells, metadata=[]))
    assert lesson.manifest.items()[0].type == "notebook"
    assert "</html>" in page


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"cells": 3}', b"\xff\xfe\x00", "[" * 100_000, '{"worksheets": "x"}']
)
def test_what_is_no_notebook_is_a_download_with_a_warning(tmp_path, text):
    lesson = Lesson(tmp_path, {"cours.ipynb": text})
    assert lesson.toc == [("cours.ipynb", "file", "cours.ipynb")]
    assert lesson.said("cours.ipynb is not a notebook")


def test_worksheets_that_are_none_show_nothing(tmp_path):
    _, page = page_of(tmp_path, '{"worksheets": [3, {"cells": 4}]}')
    assert "</html>" in page
