"""What may be left on a FAT stick that is pulled: a model that watches a real folder being written.

``Watched`` notes every change of the folder in order: what was written since the last look, renames, removals, syncs.
``states`` gives, for a moment, a folder that a FAT file system may show afterwards. What was synced is there; of what was
not, each write may be lost, torn at any byte, there, or of its whole size with nothing in it; each rename may leave the old name, the
new one, both or neither; each removal may not have happened.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

from edubox.store import fat

CLUSTER = 128 * 1024


class Watched:
    """Use as a context manager around the writing of *root*; *events* is what happened."""

    def __init__(self, root: Path, monkeypatch) -> None:
        self.root, self._patch = Path(os.path.realpath(root)), monkeypatch
        self.events: list[tuple] = []
        self._seen = self.before = contents(root)

    def __enter__(self):
        context = self._patch.context()
        self._context = context
        patch = context.__enter__()
        patch.setattr(fat, "sync_disk", lambda _: self._synced())
        for name in ("fsync", "replace", "rename", "unlink", "remove"):
            patch.setattr(os, name, self._watching(name, getattr(os, name)))
        return self

    def __exit__(self, *error):
        self._context.__exit__(*error)
        self._look()

    def _watching(self, name, usual):
        def call(*arguments, **options):
            self._look()
            paths = [self._inside(one) for one in arguments]
            done = usual(*arguments, **options)
            if None not in paths:
                self.events.append((name.replace("remove", "unlink").replace("rename", "replace"), *paths))
                self._seen = contents(self.root)
            return done

        return call

    def _synced(self):
        self._look()
        self.events.append(("sync",))

    def _inside(self, what) -> str | None:
        """The path below the root of a path or of an open file, None if it is elsewhere."""
        path = f"/proc/self/fd/{what}" if isinstance(what, int) else os.fspath(what)
        folder, name = os.path.split(path)
        real = Path(
            os.path.realpath(path) if isinstance(what, int) else os.path.join(os.path.realpath(folder), name)
        )
        return real.relative_to(self.root).as_posix() if real.is_relative_to(self.root) else None

    def _look(self) -> None:
        """Note what was written since the last look."""
        now = contents(self.root)
        for path, data in now.items():
            if self._seen.get(path) != data:
                self.events.append(("write", path, data))
        self._seen = now


def contents(root: Path) -> dict[str, bytes]:
    """Every file below *root*."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def state(
    before: dict[str, bytes], events: list[tuple], moment: int, source: random.Random
) -> dict[str, bytes]:
    """What the stick may hold when it is pulled after *moment* of *events*."""
    lasting, pending = dict(before), []
    for event in events[:moment]:
        if event[0] == "sync":
            _apply(lasting, pending)
            pending = []
        elif event[0] == "fsync":
            pending = _fsync(lasting, pending, event[1])
        else:
            pending.append(event)
    for event in pending:
        _perhaps(lasting, event, source)
    return lasting


def _fsync(lasting: dict[str, bytes], pending: list[tuple], path: str) -> list[tuple]:
    """A file's sync makes its bytes last and a folder's the names in it; returns what is still pending."""
    left = []
    for kind, name, *rest in pending:
        if kind == "write" and name == path and name not in lasting:
            left.append(("named", name, *rest))
        elif (kind == "write" and name == path) or (kind != "write" and os.path.dirname(name) == path):
            _apply(lasting, [(kind, name, *rest)])
        else:
            left.append((kind, name, *rest))
    return left


def _apply(files: dict[str, bytes], events: list[tuple]) -> None:
    for kind, *rest in events:
        if kind in {"write", "named"}:
            files[rest[0]] = rest[1]
        elif kind == "replace" and rest[0] in files:
            files[rest[1]] = files.pop(rest[0])
        elif kind == "unlink":
            files.pop(rest[0], None)


def _perhaps(files: dict[str, bytes], event: tuple, source: random.Random) -> None:
    kind, path = event[:2]
    if kind == "write":
        data, old = event[2], files.get(path, b"")
        cut = source.randrange(len(data) + 1)
        fate = source.choice(["lost", "torn", "mixed", "empty", "there"])
        if fate != "lost":
            files[path] = {
                "torn": data[:cut], "mixed": data[:cut] + old[cut:], "empty": bytes(len(data)), "there": data,
            }[fate]  # fmt: skip
    elif kind == "named":
        if source.random() < 0.5:
            files[path] = event[2]
    elif kind == "unlink":
        if source.random() < 0.5:
            files.pop(path, None)
    elif path in files:
        fate = source.choice(["old", "new", "both", "neither"])
        data = files[path]
        if fate in {"new", "neither"}:
            del files[path]
        if fate in {"new", "both"}:
            files[event[2]] = data
        elif fate == "neither":
            files.pop(event[2], None)


def lay(root: Path, files: dict[str, bytes]) -> Path:
    """Make the new folder *root* hold *files*."""
    root.mkdir()
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root
