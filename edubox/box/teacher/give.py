"""Giving a lesson to a class, in a child of its own: what is asked for in ``school.db`` is done, from the draft to the list.

The draft is built if it changed since, the lesson is published, what is for teachers only with it, pupils are shown it, the
classes get it, and at last the errand is struck out. A child that is killed leaves a lesson that is published or a draft,
and the errand: doing it again finds done what is done. A synchronisation that runs is told to let go meanwhile
(``Keeper.make_way``); what it holds a moment longer is waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from edubox.box.own.identity import now_on
from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.box.teacher import drafts, versions
from edubox.box.teacher.versions import AGAIN, GIVE, Errand
from edubox.box.teacher.work import Telling, telling
from edubox.errors import Busy, NotFound

if TYPE_CHECKING:
    from edubox.pages.classroom import Given
    from edubox.publishing.job import Published

#: What the work is at, in the words of ``progress``.
BUILDING, PUBLISHING, SHOWING, GIVING = "building", "publishing", "showing", "giving"
#: Seconds to wait for others who hold the box's folder.
PATIENCE = 300.0
T = TypeVar("T")


def progress_of(data: Path, slug: str) -> Path:
    """Where the work on the lesson *slug* tells how far it is."""
    return data / "staging" / f"giving-{slug}.json"


def carry_out(
    data: Path, settings: dict[str, Any], slug: str, *, machine: str | None = None, system: datetime | None = None
) -> int:  # fmt: skip
    """Do what is asked for with the lesson *slug*; the version that pupils read then (of a withdrawal: that says so).

    *machine*, *system*: this computer and its clock (UTC) unless given. Raises NotFound (there is no such lesson, or nothing
    is asked for), what building and publishing raise, NoRoom, Busy; then it stays asked for, and can be done again.
    """
    school = SchoolFile(data)
    lesson = versions.of_slug(school, slug)
    if lesson is None or lesson.errand is None:
        raise NotFound(what=f"Anything to do with the lesson {slug}")
    with telling(progress_of(data, slug)) as say:
        return _done(_Work(data, settings, slug, say, machine, system), school, lesson.errand)


class _Work:
    """The box on which the work is done, and where it tells how far it is."""

    def __init__(
        self, data: Path, settings: dict[str, Any], slug: str, say: Telling, machine: str | None, system: datetime | None
    ) -> None:  # fmt: skip
        self.data, self.settings, self.slug, self.say = data, settings, slug, say
        self.here: dict[str, Any] = {"machine": machine, "system": system}
        self.now = now_on(data, system)

    def patiently(self, work: Callable[[], T]) -> T:
        """Do *work*; again while others hold the folder. Raises Busy after PATIENCE."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return work()
            except Busy:
                if time.monotonic() > deadline:
                    raise


def _done(work: _Work, school: SchoolFile, errand: Errand) -> int:
    from edubox.box.catalog import Catalogue
    from edubox.box.own import lessons
    from edubox.box.own.repository import staff_of
    from edubox.box.own.show import show_own

    data, slug, title = work.data, work.slug, ""
    if errand.what == GIVE:
        published, title = _from_draft(work, errand)
    elif errand.what == AGAIN:
        work.say(PUBLISHING)
        published = work.patiently(lambda: lessons.publish_again(data, slug, errand.version, **work.here))
    else:
        work.say(PUBLISHING)
        published = work.patiently(lambda: lessons.withdraw(data, slug, **work.here))
    work.say(SHOWING)
    work.patiently(lambda: show_own(data, work.settings, Catalogue(data), work.now))
    if errand.classes:
        work.say(GIVING)
        _to_classes(work, school, errand, published.address, title)
    versions.done(
        school, slug, errand, version=published.index.version, at=int(work.now.timestamp()), title=title,
        staff=staff_of(data, slug),
    )  # fmt: skip
    return published.index.version


def _from_draft(work: _Work, errand: Errand) -> tuple[Published, str]:
    """Publish the draft as it is now."""
    from edubox.box.own import lessons
    from edubox.box.teacher import build, preview

    data = work.data
    place = drafts.folder(data, errand.draft)
    if not build.is_current(data, drafts.read(data, errand.draft)):
        work.say(BUILDING)
        build.build(data, errand.draft)
    work.say(PUBLISHING)
    staff = place / drafts.STAFF_BUILT
    published = work.patiently(lambda: lessons.publish(
        data, place / drafts.BUILT, work.slug, errand.author or None,
        lambda _, done, total: work.say(PUBLISHING, done, total),
        staff=staff if staff.is_file() else None, **work.here,
    ))  # fmt: skip
    preview.end(data, errand.draft)
    return published, drafts.read(data, errand.draft).title or published.index.name


def _to_classes(work: _Work, school: SchoolFile, errand: Errand, address: str, title: str) -> None:
    for code in errand.classes:
        if classes.of_teachers(school, code) is None:
            continue  # it was deleted meanwhile
        before = _given(school, code, address)
        note = before.note if before else ""
        classes.give(school, code, address, title, day=int(work.now.timestamp()), note=note)
        one = _given(school, code, address)
        if one is not None and one.opens != errand.opens:
            classes.plan(
                school,
                code,
                one.id,
                heading=one.heading,
                opens=errand.opens,
                due=one.due,
                party=one.party,
                note=note,
            )


def _given(school: SchoolFile, code: str, address: str) -> Given | None:
    """The whole lesson at *address* in the list of the class."""
    shown = classes.of_teachers(school, code)
    return (
        next((one for one in shown.given if (one.lesson, one.part) == (address, "")), None) if shown else None
    )
