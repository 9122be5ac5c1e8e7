"""Every file that a teacher may have opens, shows its honest card, or is refused with a reason; nothing leaves the school.

Run with ``-s`` it prints the table.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from edubox.errors import EduboxError
from tests.box.school import School, serving
from tests.browser.chromium import Browser
from tests.browser.needs import players_or_skip
from tests.browser.proxy import proxy
from tests.importers.building import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FOLDER = Path(os.environ.get("EDUBOX_SAMPLES", Path(__file__).parents[3] / "shared" / "samples"))
SOURCES = sorted(path for path in FOLDER.glob("*/*") if path.is_file()) if FOLDER.is_dir() else []
#: Parts of each lesson that are opened: the long courses are walked to their end in test_samples.py.
PARTS = 2
#: What is a lesson's own mistake, and rightly told: files that it names and lacks, other sites that it asks for, and what the
#: scripts of a wiki ask of its server.
THEIRS = re.compile(
    r"/c/[0-9a-f]{64}/|violates the following Content Security Policy|Refused to (load|connect|execute)|/w/load\.php\?"
)
#: What tells that a player plays, asked in its page.
PLAYS = {
    "h5p": "!!document.querySelector('iframe') && !!document.querySelector('iframe').contentDocument.querySelector('.h5p-content *')",
    "scorm": "!!document.querySelector('iframe.fills')",
    "epub": "!document.querySelector('.waits')",
}


@dataclass
class Row:
    """What became of one source."""

    name: str
    outcome: str
    why: str = ""


@pytest.fixture(scope="module")
def visited(tmp_path_factory):
    """The table of outcomes, what the console said of us, and what the proxy saw."""
    if not SOURCES:
        pytest.skip("the samples are not here (EDUBOX_SAMPLES names their folder)")
    players_or_skip()
    folder = tmp_path_factory.mktemp("all")
    school, rows, slugs = School(folder / "box"), [], {}
    for number, source in enumerate(SOURCES):
        name = f"{source.parent.name}/{source.name}"
        try:
            (folder / str(number)).mkdir()
            built = Lesson(folder / str(number), source=source)
        except EduboxError as error:
            rows.append(Row(name, "refused", str(error)))
            continue
        files = {file.path: (built.folder / file.path).read_bytes() for file in built.manifest.files}
        school.install(f"l{number}", built.manifest, files)
        slugs[name] = f"l{number}", built
    complaints = []
    with serving(school.data) as origins, proxy(*origins) as seen:
        browser = Browser(folder / "profile", *seen.flags)
        try:
            for name, (slug, built) in slugs.items():
                rows.append(
                    visit(browser, f"{origins[0]}/fr/lecon/ministry/test/{slug}/", name, built, complaints)
                )
        finally:
            browser.close()
    return SimpleNamespace(rows=rows, complaints=complaints, seen=seen)


def visit(browser, address, name, built, complaints) -> Row:
    """Open the first parts of a lesson; *complaints* gets what the console said of us."""
    tab, views = browser.tab(390, 844, phone=True), []
    tab.open(address)
    for number in range(1, 1 + min(PARTS, len(built.manifest.items()))):
        tab.open(f"{address}{number}/")
        view = tab.js("document.body.className").split()[-1]
        if view in PLAYS:
            tab.wait(lambda view=view: plays(tab, view), f"{name} {number}: a player that plays")
        views.append("card" if tab.js("!!document.querySelector('.empty')") else view)
    complaints += [f"{name}: {one}" for one in tab.complaints if not THEIRS.search(one)]
    tab.close()
    kinds = ", ".join(dict.fromkeys(views))
    return Row(
        name, "carded" if set(views) == {"card"} else "opened", "; ".join([kinds, *built.warnings])[:150]
    )


def plays(tab, view):
    assert not tab.in_frame(f"/{view}.html", "!!document.querySelector('.trouble')"), "a player gave up"
    return tab.in_frame(f"/{view}.html", PLAYS[view])


def test_every_sample_opens_or_is_carded_or_is_refused_with_a_reason(visited):
    print(f"\n{'sample':62} {'':8} why")
    for row in sorted(visited.rows, key=lambda row: row.name):
        print(f"{row.name:62} {row.outcome:8} {row.why}")
    outcomes = {row.name: row.outcome for row in visited.rows}
    assert len(outcomes) == len(SOURCES)
    assert all(row.why for row in visited.rows)
    for kind in ("av", "epub", "html5", "ipynb", "pdf", "textbook-fr", "scorm"):
        assert {outcome for name, outcome in outcomes.items() if name.startswith(f"{kind}/")} == {"opened"}, (
            kind
        )


def test_the_console_says_nothing_of_ours(visited):
    assert visited.complaints == []


def test_no_request_leaves_the_school(visited):
    assert len(visited.seen.passed) > 100, "the proxy was asked at all"
    assert visited.seen.refused == []
