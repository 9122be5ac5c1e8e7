"""Read the printing lesson's texts aloud with a synthetic voice: ``python content/make/voices.py``.

The words come from the page itself: ``<audio src="voice-story.mp3" data-text="story">`` is the reading of
the element whose id is ``story``, so that what is heard and what is written stay the same. Needs the Debian
packages espeak-ng and ffmpeg. A test compares nothing with these files: encoders differ from one version
to the next; run this again after changing a text.
"""

from __future__ import annotations

import subprocess
import tempfile
from html.parser import HTMLParser
from pathlib import Path

CONTENT = Path(__file__).resolve().parent.parent
VOICES = {"fr": "fr-fr", "en": "en-gb"}
#: Words a minute: slower than conversation, for pupils who follow the text with a finger.
SPEED = 138
BITRATE = "32k"
#: Quotation marks are not spoken; the spaces of French typography are only spaces.
PLAIN = str.maketrans({"«": "", "»": "", "“": "", "”": "", "\u00a0": " ", "\u202f": " ", "’": "'"})
#: Ends a spoken sentence; the others only close an inline element.
BLOCKS = {"p", "li"}


class Page(HTMLParser):
    """Collects which text each recording reads, and the text of every element that has an id."""

    def __init__(self) -> None:
        super().__init__()
        self.recordings: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self._open: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a recording, or that the text from here on belongs to an id."""
        found = dict(attrs)
        if tag == "audio":
            self.recordings[found["src"] or ""] = found["data-text"] or ""
        if tag not in {"meta", "link", "input", "br", "img"}:
            self._open.append((tag, found.get("id")))

    def handle_endtag(self, tag: str) -> None:
        """Close the element; a paragraph ends with a pause."""
        if tag in BLOCKS:
            self.handle_data("\n\n")
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Add *data* to the text of every open element that has an id."""
        for _, name in self._open:
            if name:
                self.texts[name] = self.texts.get(name, "") + data


def speak(text: str, voice: str, target: Path) -> None:
    """Write *text*, spoken by *voice*, to *target* as a small mono MP3. Raises CalledProcessError."""
    words = text.translate(PLAIN)
    with tempfile.NamedTemporaryFile(suffix=".wav") as wave:
        subprocess.run(
            ["espeak-ng", "-v", voice, "-s", str(SPEED), "-p", "42", "-g", "4", "-w", wave.name],
            input=words.encode(), check=True,
        )  # fmt: skip
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-i", wave.name, "-af", "highpass=f=70,loudnorm=I=-18:TP=-2",
             "-ac", "1", "-ar", "22050", "-b:a", BITRATE, "-map_metadata", "-1", "-bitexact", str(target)],
            check=True,
        )  # fmt: skip


def main() -> None:
    """Record every text of every page, first and second editions."""
    for folder in sorted(CONTENT.glob("*/printing-*")):
        for path in sorted(folder.glob("*.html")):
            page = Page()
            page.feed(path.read_text("utf-8"))
            for source, text in page.recordings.items():
                base = CONTENT / "lessons" / folder.name / source
                if folder.parent.name == "lessons" or not base.exists():
                    speak(page.texts[text], VOICES[folder.name[-2:]], folder / source)


if __name__ == "__main__":
    main()
