"""Jupyter notebooks, nbformat 3 and 4: a page with the words, the code and the plain results of each cell.

Read with the standard library, since real notebooks break their own schema. Texts, pictures, tables and error
messages are shown; what needs a running program (widgets, scripts) is not. The author's file stays as the page's
alternative, for those who have Jupyter.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from html import escape
from typing import Any

from edubox.importers import formulas, html
from edubox.importers.markdown import render
from edubox.importers.notices import Notice
from edubox.importers.pictures import lighten
from edubox.importers.rendering import clean, page
from edubox.importers.workshop import Imported, Workshop, spoken

EXTENSIONS = ("ipynb",)
#: Bytes of the largest notebook that is rendered; results of many megabytes are no page for a phone.
LARGEST = 32 * 1024 * 1024
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|[\x00-\x08\x0b-\x1f\x7f]")
_ATTACHMENT = re.compile(r"attachment:([^\s)\"'>]+)")
#: Names of version 3 for the media types of version 4.
_OLD_NAMES = {"png": "image/png", "jpeg": "image/jpeg", "svg": "image/svg+xml", "html": "text/html",
              "latex": "text/latex", "text": "text/plain"}  # fmt: skip


def read(path: str, workshop: Workshop) -> Imported | None:
    """Import the notebook *path*, or None, with a warning, if it is not one."""
    notebook = _load(path, workshop)
    if notebook is None:
        workshop.warn(
            Notice(
                "%(path)s is not a notebook that can be read; it is offered as a download only.", path=path
            )
        )
        return None
    cells = _cells(notebook)
    language = _language(notebook)
    lost: list[str] = []
    body = "".join(_cell(cell, language, lost) for cell in cells) or "<p></p>\n"
    formulas.tell(path, lost, workshop)
    found = html.scan(body)
    uses, leads_to, links = html.follow(path, found, workshop, rewritten=True)
    used = uses | _read_by_code(cells, path, workshop)
    title = found.heading or spoken(workshop.given[path])
    shown = workshop.beside(path)
    body = lighten(clean(body, path, workshop), shown, workshop)
    workshop.make(shown, page(title, workshop.language, body))
    return Imported("notebook", shown, title, alternatives=(path,), links=links, uses=used, leads_to=leads_to)


def _load(path: str, workshop: Workshop) -> dict[str, Any] | None:
    if workshop.files[path].size > LARGEST:
        return None
    try:
        notebook = json.loads(workshop.data(path, LARGEST).decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    known = isinstance(notebook, dict) and (
        isinstance(notebook.get("cells"), list) or isinstance(notebook.get("worksheets"), list)
    )
    return notebook if known else None


def _cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        sheets = [sheet for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets for cell in _list(sheet.get("cells"))]
    return [cell for cell in cells if isinstance(cell, dict)]


def _language(notebook: dict[str, Any]) -> str:
    """The programming language, as a class for the code."""
    metadata = _dict(notebook.get("metadata"))
    name = _dict(metadata.get("language_info")).get("name") or _dict(metadata.get("kernelspec")).get(
        "language"
    )
    return re.sub(r"[^a-z0-9+#-]", "", str(name or "python").lower())[:30]


def _read_by_code(cells: list[dict[str, Any]], path: str, workshop: Workshop) -> frozenset[str]:
    """Files that the code names between quotes, such as ``open("data/cities.csv")``."""
    code = "\n".join(
        _text(cell.get("source", cell.get("input"))) for cell in cells if cell.get("cell_type") == "code"
    )
    names = re.findall(r"""["']([^"'\n]{3,200}\.\w{1,8})["']""", code)
    return frozenset(found for name in names if (found := workshop.target(path, name)) and found != path)


# --- cells ---------------------------------------------------------------------------------------------


def _cell(cell: dict[str, Any], language: str, lost: list[str]) -> str:
    """The cell as HTML that is not yet clean; formulas that cannot be translated are added to *lost*."""
    kind, source = cell.get("cell_type"), _text(cell.get("source", cell.get("input")))
    if kind == "markdown":
        return render(_ATTACHMENT.sub(lambda found: _attached(cell, found[1]), source), lost.append)
    if kind == "heading":
        return render(f"{'#' * _level(cell.get('level'))} {source}\n", lost.append)
    if kind != "code":
        return ""
    code = f'<pre><code class="language-{language}">{escape(source)}</code></pre>\n' if source.strip() else ""
    results = "".join(_output(_dict(output), lost) for output in _list(cell.get("outputs")))
    return f'<div class="code">\n{code}{results}</div>\n' if code or results else ""


def _level(value: Any) -> int:
    return value if type(value) is int and 1 <= value <= 6 else 1


def _attached(cell: dict[str, Any], name: str) -> str:
    found = _dict(_dict(cell.get("attachments")).get(name))
    return next((url for kind in _PICTURES if (url := _picture(kind, found.get(kind)))), f"attachment:{name}")


def _output(output: dict[str, Any], lost: list[str]) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        shown = _plain(output.get("text"))
    elif kind in ("error", "pyerr"):
        trace = "\n".join(_text(line) for line in _list(output.get("traceback")))
        shown = _plain(trace or f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}", "failed")
    else:
        old = {_OLD_NAMES[name]: value for name, value in output.items() if name in _OLD_NAMES}
        shown = _best(_dict(output.get("data")) or old, lost)
    return f'<div class="output">\n{shown}</div>\n' if shown else ""


def _best(data: dict[str, Any], lost: list[str]) -> str:
    """The richest form of a result that a page can show."""
    if svg := _text(data.get("image/svg+xml")):
        # As a picture, a drawing can neither run nor load anything.
        return _image(
            f"data:image/svg+xml;base64,{base64.b64encode(svg.encode('utf-8', 'replace')).decode()}", data
        )
    for kind in _PICTURES:
        if url := _picture(kind, data.get(kind)):
            return _image(url, data)
    if markup := _text(data.get("text/html")):
        return markup + "\n"  # cleaned with the whole page
    if words := _text(data.get("text/markdown")) or _text(data.get("text/latex")):
        return render(words, lost.append)
    return _plain(data.get("text/plain"))


def _picture(kind: str, value: Any) -> str | None:
    try:
        data = base64.b64decode("".join(_text(value).split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return f"data:{kind};base64,{base64.b64encode(data).decode()}" if data else None


def _image(url: str, data: dict[str, Any]) -> str:
    return f'<p><img src="{url}" alt="{escape(_text(data.get("text/plain"))[:200])}"></p>\n'


def _plain(value: Any, name: str = "") -> str:
    text = _ESCAPES.sub("", _text(value)).rstrip()
    return f'<pre class="{name}">{escape(text)}</pre>\n' if text else ""


def _text(value: Any) -> str:
    """A text of a notebook: one string, or a list of lines. Lone surrogates, which no file can hold, go."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
