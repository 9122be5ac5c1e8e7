"""The arrows of the house plan: which room may know which. A wrong import fails here."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "edubox"
EVERYWHERE = {"errors", "settings", "content", ""}
MAKES_AND_SHOWS = {"pack", "trust", "store", "publishing", "sync", "pages", "importers", "lint"}
ARROWS = {
    "errors": set(), "settings": set(), "content": set(), "program": set(), "": set(),
    "pack": set(), "trust": set(), "store": set(),
    "importers": {"pack"},
    "publishing": {"pack", "trust", "store"},
    "sync": {"pack", "trust", "store"},
    "pages": {"pack", "trust", "store"},
    "lint": {"pack", "importers", "pages"},
    "hardware": {"pack", "trust", "store", "program"},
    "box": MAKES_AND_SHOWS | {"hardware", "program"},
    "hub": MAKES_AND_SHOWS | {"program"},
    "cli": MAKES_AND_SHOWS | {"hardware", "box", "hub", "demo", "program"},
    "demo": MAKES_AND_SHOWS | {"box", "hub", "cli", "program"},
    "__main__": {"cli"},
}  # fmt: skip
#: Rooms within a room, and what of that room they may know besides themselves.
INNER = {"sync.fetching": set(), "sync.pacing": {"sync.fetching"}}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the arrow"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return {name for name in names if name.split(".")[0] == "edubox"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_knows_only_the_rooms_below_it(path):
    here = room(
        "edubox." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__")
    )
    allowed = ARROWS[here] | EVERYWHERE | {here}
    strangers = {name for name in imported(path) if name != "edubox" and room(name) not in allowed}
    assert not {name for name in strangers if name != "edubox.__version__"}, (
        f"{here} must not know {strangers}"
    )


@pytest.mark.parametrize("inner", INNER)
def test_an_inner_room_can_be_read_without_the_room_around_it(inner):
    outer = inner.partition(".")[0]
    allowed = tuple(f"edubox.{one}" for one in {inner, *INNER[inner]})
    paths = sorted((PACKAGE / inner.replace(".", "/")).glob("*.py"))
    known = {name for path in paths for name in imported(path) if room(name) == outer}
    assert paths
    assert not {name for name in known if not name.startswith(allowed)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_newcomer_can_ask_any_file_what_it_is_for(path):
    text = path.read_text("utf-8")
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "a module says what it is for"
    # errors.py and tables.py are lists with one subject each, which the house plan wants once.
    assert len(text.splitlines()) <= 400 or path.name in {"errors.py", "tables.py"}, (
        "400 lines: look for the second subject"
    )


def test_no_room_is_a_drawer_for_everything():
    assert not [path for path in MODULES if path.stem in {"utils", "helpers", "common", "misc"}]
