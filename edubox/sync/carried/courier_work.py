"""What a box does with couriers, in a process that ends: bring in what was carried here, make one to take along.

Bringing in is a synchronisation whose source is the parts that are at hand. What they lack waits for other
parts, which may come in any order: what has been received of it lies in staging, and nothing is copied twice.
The parts on the shelf are looked at one by one first, so that a wrong one leaves with a word and spoils
nothing for the others.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edubox.errors import Busy, EduboxError, MissingFile, Postponed, Rollback
from edubox.store.space import reserve_of
from edubox.sync.carried.carry import chosen
from edubox.sync.carried.courier import export
from edubox.sync.carried.courier_shelf import Result, Shelf
from edubox.sync.carried.courier_source import MAX_ENTRIES, CourierSource
from edubox.sync.carried.enrolments import NONE, OTHERS, hear_carried
from edubox.sync.carried.wants import Want, parse
from edubox.sync.catalogue import Catalogue, Installed
from edubox.sync.job import synchronise
from edubox.sync.pacing.usage import count_carried
from edubox.sync.pinned import country_root, read_floor
from edubox.sync.report import Progress


@dataclass(frozen=True, slots=True)
class Brought:
    """*bytes* of lessons that were taken out of the parts, *lessons* that are new or newer or more complete now.

    *rest*: more come with other parts. *answer*: whether the academy's answer was among them (``enrolments.hear_carried``).
    """

    bytes: int
    lessons: int
    rest: bool
    answer: str = NONE


def bring(
    data: Path, parts: Sequence[Path], settings: dict[str, Any], catalogue: Catalogue, progress: Progress,
    system: datetime | None = None,
) -> Brought:  # fmt: skip
    """Bring what *parts* hold to the box in *data*. *system*: what its clock says (UTC), now if None.

    Raises BadArchive and its kin, NotFound (no courier), OtherCountry, and what ``synchronise`` raises, but
    not for what is in other parts.
    """
    source = CourierSource(parts)
    source.check_country(country_root(data))
    before = _versions(catalogue.installed())
    # It says under which name the directory, which comes with it, knows this box.
    answer = hear_carried(data, source, int(read_floor(data).now(system or datetime.now(UTC)).timestamp()))
    rest = False
    try:
        synchronise(data, [source], settings, catalogue, progress, system)
    except (MissingFile, Postponed, Rollback):  # an older courier has lessons too
        rest = True
    count_carried(data, read_floor(data), [source], well=not rest, system=system)
    after = _versions(catalogue.installed())
    return Brought(source.lesson_bytes, len(after - before), rest, answer)


def bring_shelf(
    shelf: Shelf, data: Path, settings: dict[str, Any], catalogue: Catalogue, progress: Progress
) -> None:
    """Bring what was handed in, until nothing waits, and remove it. Raises Busy, and then it waits; else the shelf is told."""
    while parts := shelf.waiting():
        listed = {part: _entries(shelf, data, part) for part in parts}
        parts = _together(listed)
        good = [part for part in parts if listed[part]]
        try:
            if good:
                brought = bring(data, good, settings, catalogue, progress)
                shelf.tell(_result(brought))
        except Busy:
            raise
        except EduboxError as error:
            shelf.tell(Result(time.time(), "in", error.code))
            progress.say(str(error))
        except Exception:
            _remove(parts)  # what brings the process down once does it again
            raise
        _remove(parts)


def _result(brought: Brought) -> Result:
    if brought.answer and not brought.bytes:
        # It holds no lesson, and lacks none.
        return Result(time.time(), "answer", "other-box" if brought.answer == OTHERS else "")
    return Result(time.time(), "in", "", brought.lessons, brought.bytes, brought.rest)


def make_asked(shelf: Shelf, data: Path, settings: dict[str, Any], progress: Progress) -> None:
    """Make the courier that somebody asked the shelf for, if any; how it went, the shelf is told."""
    asked = shelf.asked()
    if asked is None:
        return
    code = "not-a-list"
    try:
        wants = [parse(asked)] if asked else []
        code = ""
        export(
            data / "mirror", chosen(data / "mirror", wants), shelf.out, name_of(wants),
            reserve=reserve_of(data, settings), progress=progress.show,
        )  # fmt: skip
    except EduboxError as error:
        code = code or error.code
        progress.say(str(error))
    finally:
        shelf.made()
    shelf.tell(Result(time.time(), "out", code))


def name_of(wants: Sequence[Want]) -> str:
    """What ends the name of a courier's parts: the one box that it is for, or ``all``."""
    return wants[0].box if len(wants) == 1 else "all"


def _together(listed: Mapping[Path, int]) -> list[Path]:
    """The parts to look at now, of those that are *listed* with the number of their members; at least one."""
    parts = list(listed)
    while len(parts) > 1 and sum(listed[part] for part in parts) > MAX_ENTRIES:
        parts.pop()
    return parts


def _entries(shelf: Shelf, data: Path, part: Path) -> int:
    """How many members *part* has; 0 if it is none for this box, which the shelf is told."""
    try:
        source = CourierSource([part])
        source.check_country(country_root(data))
    except EduboxError as error:
        shelf.tell(Result(time.time(), "in", error.code))
        return 0
    return source.entries


def _remove(parts: Sequence[Path]) -> None:
    for part in parts:
        part.unlink(missing_ok=True)


def _versions(installed: Sequence[Installed]) -> set[tuple[str, str, int, str]]:
    return {(one.publisher, one.slug, one.version, one.state) for one in installed}
