"""axe-core, Deque's checker of accessibility, run in a page of ``chromium.py``.

It comes from npm by name (package.json beside this file) and is only for tests: nothing of it is shipped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

_FILE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What depends on colours alone: asked again when they change.
COLOURS = ["color-contrast", "link-in-text-block"]


@cache
def program() -> str:
    """axe's script, or a skip that names what is missing; in CI a skip would hide a hole, so it fails."""
    if not _FILE.exists():
        reason = "axe-core is not installed: tests/setup-machine brings it, and needs npm"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return _FILE.read_text("utf-8")


def violations(evaluate: Callable[[str], object], *rules: str, without: tuple[str, ...] = ()) -> list[str]:
    """What axe finds wrong where *evaluate* runs scripts: rule, element, reason, one a line.

    *rules* narrows the question to some rules, *without* leaves some out. Frames are asked by themselves.
    """
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": _TAGS}
    switched = {"target-size": {"enabled": True}} | {rule: {"enabled": False} for rule in without}
    options = {
        "runOnly": only,
        "rules": {} if rules else switched,
        "iframes": False,
        "resultTypes": ["violations"],
    }
    if evaluate("typeof axe") == "undefined":
        evaluate(program() + "; 0")
    found = evaluate(f"""axe.run(document, {json.dumps(options)}).then(({{ violations }}) => JSON.stringify(violations.flatMap(
        ({{ id, nodes }}) => nodes.map(({{ html, failureSummary }}) => [id, html.slice(0, 160), failureSummary].join(' | ')))))""")
    assert isinstance(found, str)
    return json.loads(found)
