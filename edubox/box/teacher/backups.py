"""Moodle backups do not stay in a draft: they hold a school's users, and nobody asked for those.

Once a draft was put together, what its backups brought becomes files of the draft like any others (``unfolding``), in the same
order, and the backups are deleted; so they are in no later build, copy, backup of the box or farewell of their teacher. One of
which nothing opens is deleted as well.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edubox.box.teacher import drafts
from edubox.box.teacher.copying import lay_back
from edubox.box.teacher.draft import Draft, Entry
from edubox.box.teacher.unfolding import unfold

if TYPE_CHECKING:
    from edubox.pack.manifest import Manifest


def held(place: Path) -> list[str]:
    """Paths of the backups, and of parts of unpacked ones, among the files of the draft in *place*."""
    from edubox.importers.courses import is_backup, of_unpacked

    top = place / drafts.FILES
    every = drafts.paths(top)
    unpacked = {path for parts in of_unpacked(every).values() for path in parts}
    return [path for path in every if path in unpacked or is_backup(path, top / path)]


def remove(place: Path, backups: Iterable[str]) -> None:
    """Delete *backups* from the draft in *place*."""
    for path in backups:
        with contextlib.suppress(FileNotFoundError):
            (place / drafts.FILES / path).unlink()


def open_up(
    data: Path,
    draft: Draft,
    tree: Path,
    manifest: Manifest,
    lines: Iterable[Mapping[str, Any]],
    backups: Collection[str],
) -> Draft:
    """Let *draft* have what its *backups* brought instead of them; the draft as it is then.

    *manifest* was made of it, with its files in *tree* and *lines* (as in a report) as its contents. Raises EditedMeanwhile, NoRoom, Busy; then the
    backups stay until the next time.
    """
    place = drafts.folder(data, draft.id)
    entries: list[Entry] = []
    headings: list[Entry] = []
    aside, waiting = list(draft.aside), set(backups)
    for line in lines:
        path, title = line["path"], line["title"]
        if not path:
            headings.append(Entry("", title))
            continue
        if path not in backups:
            entries += [*headings, Entry(path, title)]
        elif path in waiting:  # it has a line for each of its parts when it is all that there is
            waiting.remove(path)
            found = unfold(manifest, f"{path}.d/")
            lay_back(place, found, manifest, tree.joinpath)
            entries += found.entries
            aside += found.aside
        headings = []
    kept = drafts.change(data, replace(draft, entries=tuple(entries), aside=tuple(aside)))
    remove(place, backups)
    return kept
