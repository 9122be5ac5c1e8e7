"""Lay distinct states out as folders and check each, in as many processes as the machine has."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import traceback
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from tests.faults.crash.disk import Moment, fingerprint, moments, state
from tests.faults.crash.trace import Image, Op

#: Moments to look at for one distinct state, before there seem to be no more.
_PATIENCE = 30


def explore(
    ops: list[Op], before: Image, wanted: int, work: Path, check: Callable[[Path], str]
) -> dict[str, int]:
    """Check *wanted* distinct states (fewer if there are fewer); what *check* said of them, counted.

    *check* gets the state as a folder that it may change, and says in a word what it found. Raises AssertionError with the
    first state that it did not accept.
    """
    workers = min(os.cpu_count() or 1, 4)
    chosen = _distinct(ops, before, wanted)
    context = multiprocessing.get_context("fork")
    with context.Pool(workers, _begin, (ops, before, work, check)) as pool:
        counted: dict[str, int] = {}
        for word, fault in pool.imap_unordered(_check_one, chosen, chunksize=8):
            assert not fault, fault
            counted[word] = counted.get(word, 0) + 1
    return counted


def _distinct(ops: list[Op], before: Image, wanted: int) -> list[Moment]:
    chosen, known = [], set()
    for moment in islice(moments(ops), wanted * _PATIENCE):
        found = fingerprint(state(ops, before, moment))
        if found not in known:
            known.add(found)
            chosen.append(moment)
            if len(chosen) == wanted:
                break
    return chosen


def lay_out(image: Image, folder: Path) -> None:
    """Make *folder* hold *image*, hard links too."""
    first: dict[int, Path] = {}
    for name in sorted(image.names):
        file, path = image.names[name], folder / name
        if file is None:
            path.mkdir(parents=True, exist_ok=True)
        elif file in first:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.link(first[file], path)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(image.data[file])
            first[file] = path


_GIVEN: tuple = ()


def _begin(*given: object) -> None:
    global _GIVEN  # noqa: PLW0603 - a worker's own copy
    _GIVEN = given


def _check_one(moment: Moment) -> tuple[str, str]:
    ops, before, work, check = _GIVEN
    folder = work / f"state-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lay_out(state(ops, before, moment), folder)
    try:
        return check(folder), ""
    except Exception:  # noqa: BLE001 - which state it was is what matters
        last = ops[moment.op - 1] if moment.op else None
        where = f"{last.kind} {last.path} {last.to}" if last else "nothing"
        return "", f"{moment}, after {where}\n{traceback.format_exc()}"
