"""The bytes in docs/formats/bundle.md are bytes that the code makes and reads."""

from __future__ import annotations

import io
import lzma
import re
from pathlib import Path

from edubox.pack.bundle import write_bundle
from tests.pack.lessons import lesson, opener

PAGE = Path(__file__).parents[2] / "docs" / "formats" / "bundle.md"


def test_the_example_bytes_of_the_specification_are_what_the_code_writes():
    before, after = (
        {"a.html": b"La Terre tourne autour du Soleil.\n"},
        {
            "a.html": b"La Terre tourne autour du Soleil en un an.\n",
            "b.html": b"",
        },
    )
    out = io.BytesIO()
    write_bundle(out, lesson(after), opener(after), lesson(before), opener(before))
    content = lzma.decompress(out.getvalue())
    block = PAGE.read_text("utf-8").split("<!-- example")[1].split("```")[1]
    magic, tail = (
        bytes.fromhex("".join(re.findall(r"^((?:[0-9a-f]{2} ?)+)(?:\s|$)", part, re.MULTILINE)))
        for part in block.split("…")
    )
    assert content.startswith(magic)
    assert content.endswith(tail)
