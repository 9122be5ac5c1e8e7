"""Building lessons from files given in a test."""

from __future__ import annotations

import pytest

from edubox.importers.folder import build_lesson
from edubox.pack.edpack import extract


def write(folder, files):
    """Write *files* (path → text or bytes) to *folder* and return it."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


class Lesson:
    """A lesson built from *files*, or from *source*: its manifest, its warnings, its files."""

    def __init__(self, tmp_path, files=None, source=None, **described):
        source = source or write(tmp_path / "Ma leçon", files)
        output = tmp_path / "lesson.edpack"
        built = build_lesson(source, output, {"language": "fr"} | described)
        self.manifest, self.warnings = built.manifest, built.warnings
        self.folder = tmp_path / "out"
        extract(output, self.folder)

    @property
    def toc(self):
        """(title, type, entry) of each entry; a chapter is (title, [entries])."""
        return [_short(item) for item in self.manifest.toc]

    def item(self, title):
        (found,) = [item for top in self.manifest.toc for item in top.walk() if item.title == title]
        return found

    def read(self, path):
        return (self.folder / path).read_text("utf-8")

    def said(self, *words):
        """Whether one warning holds all *words*."""
        return any(all(word in warning for word in words) for warning in self.warnings)


def _short(item):
    return (
        (item.title, [_short(one) for one in item.items])
        if item.items
        else (item.title, item.type, item.entry)
    )


def html(title="", body="", head="", lang="fr"):
    return f"<!doctype html><html lang={lang}><head><meta charset=utf-8><title>{title}</title>{head}</head><body>{body}</body></html>"


def samples(name):
    """The sample file *name*, or a skip that says which one is missing."""
    import os
    from pathlib import Path

    root = Path(__file__).parents[2]
    folder = Path(os.environ.get("EDUBOX_SAMPLES", root.parent / "shared" / "samples"))
    path = root / folder / name
    if not path.is_file():
        pytest.skip(f"sample {name} is not here (EDUBOX_SAMPLES names their folder)")
    return path
