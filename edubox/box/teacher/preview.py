"""What a draft looks like to pupils, before they can see it: found by a token that only its teacher knows.

The pages' origin shows it under ``/apercu/<token>/…`` with the functions that render any lesson, the lessons' origin has its
files under an address that begins in the same way. Both read what the last build laid out (``build.SITE``) and nothing
else: what is for teachers only is never there. The token is in the draft's note; it goes when the draft is given or thrown
away, and a button makes another one. Plain HTTP, no account: whoever was told the address may look, nobody finds it.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from edubox.box.teacher import drafts
from edubox.box.teacher.build import SITE, report
from edubox.box.teacher.draft import Draft
from edubox.errors import EditedMeanwhile, EduboxError, NotFound
from edubox.pack.manifest import parse
from edubox.pages.contents import parts
from edubox.pages.model import Card, Lesson
from edubox.pages.weights import reading_bytes

PREFIX = "/apercu/"
_ADDRESS = re.compile(r"(/apercu/([a-z2-7]{26}))(/.*)\Z", re.DOTALL)
#: Seconds between two looks at all drafts for tokens that are not known: guessing must not cost more.
_OFTEN = 1.0


class Previews:
    """The previews of the box in *data*; safe to use from many threads."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._known: dict[str, str] = {}
        self._looked, self._given = -_OFTEN, 0
        self._lock = threading.Lock()

    def draft(self, token: str) -> Draft | None:
        """The draft whose preview *token* opens now, None if there is none."""
        with self._lock:
            if token not in self._known:
                self._look()
            ident = self._known.get(token)
        if ident is None:
            return None
        try:
            draft = drafts.read(self._data, ident)
        except NotFound:
            draft = None
        if draft is None or draft.token != token or draft.thrown:
            with self._lock:
                self._known.pop(token, None)
            return None
        return draft

    def _look(self) -> None:
        """Learn all tokens, unless that was just done and none was made since."""
        given = _last_given(self._data)
        if given != self._given or time.monotonic() - self._looked >= _OFTEN:
            self._looked, self._given = time.monotonic(), given
            self._known = drafts.tokens(self._data)

    def files(self, path_info: str) -> tuple[str, str, Draft] | None:
        """What an address of a preview's file says: what it begins with, the rest, and the draft; None for another address."""
        found = _ADDRESS.match(path_info)
        draft = self.draft(found[2]) if found else None
        return None if found is None or draft is None else (found[1], found[3], draft)


def site(data: Path, draft: Draft) -> Path:
    """The folder with the files of *draft* as pupils will get them, by the id of what was built."""
    return drafts.folder(data, draft.id).resolve() / SITE


def types(data: Path, draft: Draft, _manifest: str = "") -> dict[str, str]:
    """Path → media type of the files of *draft* whose names tell another one."""
    found = report(data, draft.id).get("types")
    return {str(path): str(kind) for path, kind in found.items()} if isinstance(found, dict) else {}


def lesson(data: Path, draft: Draft) -> Lesson | None:
    """*draft* as it was last built, as pages show it; None if it never was."""
    ident = str(report(data, draft.id).get("manifest", ""))
    try:
        manifest = parse((site(data, draft) / f"{ident}.json").read_bytes())
    except (OSError, EduboxError):
        return None
    said: dict[str, Any] = manifest.metadata
    card = Card(
        f"{PREFIX.strip('/')}/{draft.id}", manifest.name, manifest.language, said.get("description", ""),
        tuple(said.get("educationalLevel", ())), tuple(said.get("about", ())), said.get("timeRequired", ""), manifest.size,
        draft.changed, keywords=tuple(said.get("keywords", ())), picture=f"{ident}/{manifest.image}" if manifest.image else "",
    )  # fmt: skip
    original = manifest.file(manifest.original) if manifest.original else None
    return Lesson(
        card, max(draft.version, 1), ident, tuple(parts(manifest)), tuple(said.get("author", ())), said.get("license", ""),
        original.path if original else "", original.size if original else 0, reading_bytes(manifest),
    )  # fmt: skip


def with_token(data: Path, draft: Draft, *, anew: bool = False) -> Draft:
    """*draft* with a token for its preview, another one if *anew*. Raises NotFound, EditedMeanwhile, NoRoom, Busy."""
    if draft.token and not anew:
        return draft
    changed = drafts.change(data, replace(draft, token=drafts.new_ident()))
    with contextlib.suppress(OSError):
        os.utime(data / drafts.FOLDER)  # whoever has just looked for another token looks again
    return changed


def _last_given(data: Path) -> int:
    """Another number whenever a token was made."""
    try:
        return (data / drafts.FOLDER).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def end(data: Path, ident: str) -> None:
    """The preview of the draft *ident* is not needed any more. Raises NotFound, NoRoom, Busy."""
    draft = drafts.read(data, ident)
    if draft.token:
        # Who changes it just now has a page open that shows the preview: it ends the next time.
        with contextlib.suppress(EditedMeanwhile):
            drafts.change(data, replace(draft, token=""))
