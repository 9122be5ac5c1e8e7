"""The fleet for programs: a table of all boxes (CSV), row by row whatever the country's size, and figures for Prometheus."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from sqlalchemy import Connection, select

from edubox.hub import queue
from edubox.hub.fleet import overview, rollouts
from edubox.hub.tables import boxes, check_ins

#: Boxes that are read at once.
_PAGE = 1000
_OF_BOX = ("publisher", "label", "authority", "state")
_TOLD = ("at", "version", "board", "system", "disk_free", "disk_total", "lessons", "waiting", "own", "failures", "failure", "clock_off", "month_hub", "month_near", "level", "health")  # fmt: skip
#: What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(connection: Connection, authority: str = "") -> Iterator[str]:
    """Lines of CSV (RFC 4180) of the boxes of *authority* (empty: of all), the names of columns first."""
    yield _line((*_OF_BOX, *_TOLD))
    after = 0
    while True:
        wanted = (
            select(
                boxes.c.id,
                *(boxes.c[name] for name in _OF_BOX),
                *(check_ins.c[name].label(f"told_{name}") for name in _TOLD),
            )
            .select_from(boxes.outerjoin(check_ins, boxes.c.id == check_ins.c.box))
            .where(boxes.c.publisher != "", boxes.c.id > after)
            .order_by(boxes.c.id)
            .limit(_PAGE)
        )
        if authority:
            wanted = wanted.where(boxes.c.authority == authority)
        rows = connection.execute(wanted).all()
        for row in rows:
            yield _line(["" if value is None else value for value in row[1:]])
        if len(rows) < _PAGE:
            return
        after = rows[-1].id


def _line(values: object) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_harmless(value) for value in values])  # type: ignore[attr-defined]
    return out.getvalue()


def _harmless(value: object) -> object:
    """Names are typed by schools: none may begin a formula in an officer's spreadsheet."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def prometheus(connection: Connection, now: int) -> str:
    """Figures in Prometheus' text format; *now* in seconds since 1970."""
    lines: list[str] = []

    def gauge(name: str, about: str, values: list[tuple[str, int]]) -> None:
        lines.append(f"# HELP edubox_{name} {about}")
        lines.append(f"# TYPE edubox_{name} gauge")
        lines.extend(f"edubox_{name}{labels} {value}" for labels, value in values)

    academies = overview.by_academy(connection, now)
    for name, about in (
        ("boxes", "Boxes that were taken in"), ("today", "Boxes that checked in during the last day"),
        ("silent", "Boxes that should have checked in and did not"), ("warning", "Boxes with a warning"),
        ("broken", "Boxes on which something does not work"),
    ):  # fmt: skip
        labelled = [(f'{{authority="{one.authority}"}}', getattr(one, name)) for one in academies]
        gauge(f"fleet_{name}", about, labelled)
    states = [(f'{{state="{state}"}}', number) for state, number in queue.counts(connection).items()]
    gauge("jobs", "Queued work", states)
    watched = [
        (f'{{pack="{one.pack}",version="{one.version}",result="{result}"}}', getattr(one, result))
        for one in rollouts.listed(connection)
        if one.state != rollouts.DONE
        for result in ("took", "failed")
    ]
    gauge("release_boxes", "Boxes that told how a release in stages went", watched)
    return "\n".join(lines) + "\n"
