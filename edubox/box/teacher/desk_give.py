"""The desk's pages on which a teacher gives a lesson: one button, versions, an older one back, withdraw, put back, offer upward.

With no class yet, the name of one makes it at once. A button writes down what is asked for (``versions.ask``) and starts a child that does it (``give``). A page shows how far
that is by what the child says and by whether anybody still does it: what a power cut interrupted is said to be so, and the
same button does it again. A draft is its owner's, a lesson its author's; an administrator may change all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from threading import Lock
from typing import Any

from flask import Blueprint, Response, abort, request

from edubox.box.accounts import journal
from edubox.box.accounts.person import me
from edubox.box.desk import see, surroundings
from edubox.box.own.identity import now_on, own_id
from edubox.box.school import classes
from edubox.box.school.colleagues import colleagues
from edubox.box.school.desk import mine
from edubox.box.site import Site
from edubox.box.teacher import drafts, versions
from edubox.box.teacher.draft import Draft
from edubox.box.teacher.give import progress_of
from edubox.box.teacher.making import done, open_draft
from edubox.box.teacher.versions import AGAIN, GIVE, WITHDRAW, Errand, OwnLesson
from edubox.box.teacher.work import Bench, said
from edubox.errors import EditedMeanwhile, NotFound
from edubox.pages import giving as pages
from edubox.pages.giving import FAILURES, STEPS, Offered, Shown, State, Version
from edubox.store.layout import bundle_path, publisher_prefix
from edubox.sync import offers
from edubox.sync.older import kept_versions

_HERE = "given"
#: Days ahead for which a lesson can be given.
_LONGEST = 366
#: Lessons of the list; a person's own come first.
_LISTED = 500


class Giving:
    """Starts the children that give lessons, one after the other on *bench*, and knows which of them still do."""

    def __init__(self, site: Site, bench: Bench) -> None:
        self._site, self._bench = site, bench
        self._started: set[str] = set()
        self._turn = Lock()

    def start(self, slug: str) -> bool:
        """Do what is asked for with the lesson *slug*; False if too much waits."""
        going = self.does(slug) or self._bench.start(
            self._arguments(slug), progress_of(self._site.data, slug)
        )
        with self._turn:
            self._started.add(slug)
        return going

    def does(self, slug: str) -> bool:
        """Whether what is asked for with the lesson *slug* is being done, or waits for its turn."""
        return self._bench.busy(self._arguments(slug))

    def busy(self) -> bool:
        """Whether anybody waits for the box's folder."""
        with self._turn:
            self._started = {slug for slug in self._started if self.does(slug)}
            return bool(self._started)

    def state(self, lesson: OwnLesson) -> State:
        """How far the work on *lesson* is."""
        if self.does(lesson.slug):
            told = said(progress_of(self._site.data, lesson.slug))
            step = told.get("what")
            return State(
                "working", step if step in STEPS else "waiting", _count(told.get("done")), _count(told.get("total"))
            )  # fmt: skip
        if lesson.errand is None:
            return State()
        told = said(progress_of(self._site.data, lesson.slug))
        if told.get("state") == "failed" and told.get("error") != "ended":
            why = told.get("error")
            return State("failed", why=why if why in FAILURES else "")
        return State("cut")

    def _arguments(self, slug: str) -> list[str]:
        return ["box", "give", slug, "--data", str(self._site.data), "--json"]


def give_desk(desk: Blueprint, site: Site, giving: Giving) -> None:
    """Add the pages of given lessons to *desk*."""
    school = site.school

    def here(rest: str) -> Response:
        return see(surroundings(site, _HERE)[1].at(rest))

    def found(slug: str) -> OwnLesson:
        return versions.of_slug(school, slug) or abort(404)

    @desk.get("/drafts/<ident>/give/")
    def choose_classes(ident: str) -> str:
        draft = open_draft(site, ident)
        given = versions.of_slug(school, draft.slug) if draft.slug else None
        having = _classes_of(site, given.slug) if given else []
        usable = [one for one in mine(site) if not one.archived]
        return pages.choose(
            *surroundings(site, _HERE),
            draft.title,
            ident,
            usable,
            _days(site),
            slug=draft.slug,
            note=draft.note,
            chosen=[code for code, _, _ in having],
            opens=max((day for _, _, day in having), default=""),
        )

    @desk.post("/drafts/<ident>/give/")
    def give_draft(ident: str) -> Response:
        draft, person = open_draft(site, ident), me()
        allowed = {one.code for one in mine(site) if not one.archived}
        codes = tuple(dict.fromkeys(request.form.getlist("class")))[: versions.CLASSES]
        opens = _opens(site)
        if not allowed.issuperset(codes):
            abort(400)
        if name := classes.line(_field("new-class"), classes.NAME):
            codes = (*codes, _class_called(site, name))
        # An administrator gives somebody's draft: the lesson is still theirs.
        author = replace(person, id=draft.owner, name=colleagues(site).get(draft.owner, person.name))
        slug = done(lambda: versions.reserve(school, draft.title, ident, author, _taken(site)))
        errand = Errand(GIVE, person.id, author.name, ident, codes, _field("note"), opens)
        done(lambda: versions.ask(school, slug, errand, instead=not giving.does(slug)))
        _remember(site, draft, slug)
        started = giving.start(slug)
        journal.note(school, person, "gave-lesson", draft.title)
        if not started:
            abort(409)
        return here(f"given/{slug}/")

    @desk.get("/given/")
    def given_lessons() -> str:
        every = sorted(versions.every(school), key=lambda one: one.owner != me().id)
        return pages.lessons(
            *surroundings(site, _HERE), [_shown(site, giving, one) for one in every[:_LISTED]]
        )

    @desk.get("/given/<slug>/")
    def given_lesson(slug: str) -> str:
        lesson = found(slug)
        shown = _shown(site, giving, lesson, whole=True)
        return pages.lesson(*surroundings(site, _HERE), shown)

    @desk.post("/given/<slug>/")
    def change_lesson(slug: str) -> Response:
        lesson, person = found(slug), me()
        if not versions.allowed(lesson, person):
            abort(403)
        action = _actions(site, giving, lesson).get(_field("action"))
        if action is None:
            abort(400)
        done(action)
        return here(f"given/{slug}/")


def _actions(site: Site, giving: Giving, lesson: OwnLesson) -> dict[str, Callable[[], Any]]:
    """What the buttons on a lesson's page do, by their names."""
    school, slug, person = site.school, lesson.slug, me()

    def begin(errand: Errand) -> None:
        versions.ask(school, slug, errand, instead=not giving.does(slug))
        giving.start(slug)

    def again(version: int) -> None:
        begin(Errand(AGAIN, person.id, person.name, note=_field("note"), version=version))

    def put_back() -> None:
        last = versions.editions(school, slug)
        again(last[0].version if last else abort(400))

    def take_back() -> None:
        offers.take_back(site.data, slug)
        begin(Errand(WITHDRAW, person.id, person.name))
        journal.note(school, person, "withdrew-lesson", lesson.title)

    def offer() -> None:
        last = versions.editions(school, slug)
        if not last or lesson.withdrawn or site.library.lesson(f"{own_id(site.data)}/{slug}") is None:
            abort(400)
        now = int(now_on(site.data).timestamp())
        offers.offer(site.data, slug, last[0].version, own_id(site.data) or "", now)

    def go_on() -> None:
        if lesson.errand is not None:
            giving.start(slug)

    return {
        "withdraw": take_back,
        "put-back": put_back,
        "again": lambda: again(_number("version")),
        "go-on": go_on,
        "leave": lambda: None if giving.state(lesson).name == "working" else versions.drop(school, slug),
        "open-now": lambda: _open_now(site, slug, _field("class")),
        "offer": offer,
        "keep": lambda: offers.take_back(site.data, slug),
    }


def _shown(site: Site, giving: Giving, one: OwnLesson, *, whole: bool = False) -> Shown:
    """The lesson *one* as its page tells it; with *whole* its versions and classes too."""
    address = f"{own_id(site.data)}/{one.slug}"
    lesson = site.library.lesson(address)
    here = _versions_here(site, one.slug) if whole else set()
    editions = versions.editions(site.school, one.slug) if whole else []
    return Shown(
        one.slug, one.title, one.author, one.draft if _is_there(site, one.draft) else "", lesson, one.withdrawn,
        f"notes/{address}/" if one.staff else "", versions.allowed(one, me()), giving.state(one),
        tuple(
            Version(made.version, made.at, made.note, made.author, made.again, made.version in here)
            for made in editions
        ),
        tuple(_classes_of(site, one.slug)) if whole else (),
        _offered(site, one.slug) if whole else None,
    )  # fmt: skip


def _offered(site: Site, slug: str) -> Offered | None:
    one = offers.of_slug(site.data, slug)
    return None if one is None else Offered(one.version, one.at, one.state, one.comments)


def _versions_here(site: Site, slug: str) -> set[int]:
    """Those versions of *slug* whose files are still on the box."""
    own, mirror = own_id(site.data), site.data / "mirror"
    found = kept_versions(mirror, own, slug) if own else []
    return {one.version for one in found if one.full and (mirror / bundle_path(one.full.sha256)).is_file()}


def _classes_of(site: Site, slug: str) -> list[tuple[str, str, str]]:
    """Code and name of the classes of who asks that have the lesson *slug*, and the day from which their pupils see it."""
    address = f"{own_id(site.data)}/{slug}"
    today = now_on(site.data).date().isoformat()
    return [
        (shown.code, shown.name, one.opens if one.opens > today else "")
        for shown in mine(site) for one in shown.lessons()
        if one.lesson == address and not one.part and not shown.archived
    ]  # fmt: skip


def _open_now(site: Site, slug: str, code: str) -> None:
    address = f"{own_id(site.data)}/{slug}"
    shown = next((one for one in mine(site) if one.code == code), None)
    for one in shown.given if shown else abort(404):
        if one.lesson == address:
            classes.plan(
                site.school, code, one.id, heading=one.heading, opens="", due=one.due, party=one.party, note=one.note
            )  # fmt: skip


def _class_called(site: Site, name: str) -> str:
    """The code of the class of who asks that is called *name*: pressed twice, the button makes one class."""
    known = next((one.code for one in mine(site) if one.name == name and not one.archived), "")
    made: str = known or done(lambda: classes.make(site.school, name, owner=me().id or None))
    return made


def _is_there(site: Site, ident: str) -> bool:
    try:
        draft = drafts.read(site.data, ident)
    except NotFound:
        return False
    return not draft.thrown and drafts.allowed(draft, me())


def _remember(site: Site, draft: Draft, slug: str) -> None:
    """Write the lesson's name into its draft, whoever else changes it at this moment."""
    for _ in range(3):
        if draft.slug == slug:
            return
        try:
            drafts.change(site.data, replace(draft, slug=slug))
        except EditedMeanwhile:
            draft = drafts.read(site.data, draft.id)
        else:
            return


def _taken(site: Site) -> frozenset[str]:
    """Names that lessons of this school have had, also those that a technician published."""
    own = own_id(site.data)
    if not own:
        return frozenset()
    folder = site.data / "mirror" / publisher_prefix(*own.split("/")) / "targets"
    return frozenset(path.name.partition(".")[2].removesuffix(".json") for path in folder.glob("*.json"))


def _days(site: Site) -> dict[str, str]:
    today = now_on(site.data).date()
    return {
        "today": today.isoformat(),
        "first": (today + timedelta(days=1)).isoformat(),
        "last": (today + timedelta(days=_LONGEST)).isoformat(),
    }


def _opens(site: Site) -> str:
    """The day in the form, empty for today and before."""
    text, today = _field("opens"), now_on(site.data).date()
    if not text:
        return ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        abort(400)
    if day > today + timedelta(days=_LONGEST):
        abort(400)
    return day.isoformat() if day > today else ""


def _field(name: str) -> str:
    return request.form.get(name, "")


def _number(name: str) -> int:
    text = _field(name)
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        abort(400)
    return int(text)


def _count(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
