"""``docs/operate.md`` is true: its own commands, in its order, on two computers, make a country in which a class reads a lesson."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.machines import two, wait_until_said

PAGE = Path(__file__).parents[2] / "docs" / "operate.md"
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: What stands behind the three ticks, and what the test does with such a block.
KINDS = {"sh hub", "sh box", "sh hub window", "sh box window", "open hub", "open box", "stop hub", "text"}


@dataclass(frozen=True)
class Block:
    """What the page tells a person to do, and what it says will be seen."""

    kind: str
    text: str
    seen: str


def blocks():
    """The page's blocks in their order, each with the ``text`` that follows it, if one does before the next block."""
    found = _FENCE.findall(PAGE.read_text("utf-8"))
    assert {kind for kind, _ in found} <= KINDS
    told = []
    for number, (kind, text) in enumerate(found):
        if kind != "text":
            after = found[number + 1] if number + 1 < len(found) else ("", "")
            told.append(Block(kind, text.strip(), after[1] if after[0] == "text" else ""))
    return told


def is_seen(promised, said):
    """Whether the lines that the page promises are in what was *said*, in their order; ``…`` stands for anything."""
    lines = [re.escape(line.strip()).replace("…", ".*") for line in promised.splitlines() if line.strip()]
    return re.search(r"\n(?:.*\n)*?".join(rf"[^\n]*{line}[^\n]*" for line in lines), said) is not None


def text_of(page):
    """What a person reads of a page."""
    return html.unescape(re.sub(r"<[^>]+>", "\n", page))


def only(pattern, page):
    """The one place of *page* that *pattern* finds first."""
    found = re.search(pattern, page)
    assert found, f"{pattern} is not in:\n{text_of(page)}"
    return html.unescape(found[1])


def fetch(machine, address):
    """The page at *address*, as that computer gets it."""
    return machine.run(
        f"curl -sSfL -H 'Accept-Language: en' --retry 20 --retry-connrefused --retry-delay 1 '{address}'"
    )


@pytest.mark.slow
def test_whoever_follows_the_page_has_a_country_with_a_school_that_reads(tmp_path):
    with two(tmp_path, "hub", "box") as (hub, box):
        machines = {"hub": hub, "box": box}
        #: What a person has on paper, by the name that a block asks for.
        paper = {"EDUBOX_PASSPHRASE": "five plain words of mine"}
        for block in blocks():
            what, name, *window = block.kind.split()
            machine = machines[name]
            if what == "stop":
                machine.stop()
                continue
            if what == "open":
                said = text_of(fetch(machine, block.text))
            elif window:
                said = wait_until_said(
                    machine.window(block.text), lambda text, b=block: is_seen(b.seen, text)
                )
            else:
                typed = [
                    paper[one] for one in re.findall(r"^read .* ([A-Z_]+)(?:;|$)", block.text, re.MULTILINE)
                ]
                if "academy sign" in block.text:
                    typed.append("y")
                said = machine.run(block.text, "".join(f"{one}\n" for one in typed))
            assert is_seen(block.seen, said), f"{block.text}\n\npromised:\n{block.seen}\nsaid:\n{said}"
            if code := re.search(r";([0-9A-Z]{4}(?:-[0-9A-Z]{4}){2});", said):
                paper["CODE"] = code[1]

        # The hub is off. A pupil taps the lesson, then Begin, and reads.
        at = "http://box.example.org:8080"
        lesson = fetch(
            hub, at + only(r'href="(/en/[^"]+)"[^>]*>\s*(?:<[^>]+>\s*)*Tides', fetch(hub, f"{at}/en/"))
        )
        part = fetch(hub, at + only(r'href="(/en/[^"]+)"[^>]*>\s*(?:<[^>]+>\s*)*Begin', lesson))
        told = fetch(hub, only(r'<iframe[^>]* src="([^"]+)"', part))
        assert "Twice a day the sea comes and goes." in told
        with pytest.raises(AssertionError):
            hub.run("curl -sSf http://localhost:8090/")


def test_every_block_says_on_which_computer_it_is_typed():
    found = _FENCE.findall(PAGE.read_text("utf-8"))
    assert found
    for kind, text in found:
        assert kind in KINDS, f"```{kind}\n{text}"


def test_what_is_promised_must_be_said_line_by_line():
    assert is_seen("a … c\n   d\n", "x\n1 a b c\nother\nd e\n")
    assert not is_seen("d\na\n", "a\nd\n")
    assert not is_seen("a.c", "abc")
