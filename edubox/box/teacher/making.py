"""What every page of a draft shares: whose it is, whether it is being put together, and what is said when something cannot be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort

from edubox.box.accounts.person import me
from edubox.box.site import Site
from edubox.box.teacher import drafts
from edubox.box.teacher.build import fingerprint, report
from edubox.box.teacher.draft import Draft
from edubox.box.teacher.work import FAILED, said
from edubox.errors import Busy, EditedMeanwhile, NoRoom, NotFound, PrivateBackup, TooMany
from edubox.pages.drafting import Making

#: What becomes a page that says so: the code of an error and the status of the answer.
_STATUS = {NotFound: 404, TooMany: 409, Busy: 409, EditedMeanwhile: 409, NoRoom: 507}
T = TypeVar("T")


def open_draft(site: Site, ident: str) -> Draft:
    """The draft *ident* if who asks may see it; else a page that is not there."""
    try:
        draft = drafts.read(site.data, ident)
    except NotFound:
        abort(404)
    if draft.thrown or not drafts.allowed(draft, me()):
        abort(404)
    return draft


def done(work: Callable[[], T]) -> T:
    """What *work* gives; what is gone is not found, what is full, under way or was changed meanwhile is a conflict."""
    try:
        return work()
    except (NotFound, TooMany, Busy, EditedMeanwhile, NoRoom) as error:
        abort(_STATUS[type(error)])


def arguments(site: Site, ident: str) -> list[str]:
    """The command that puts the draft *ident* together."""
    return ["draft", "build", ident, "--data", str(site.data), "--json"]


def put_together(site: Site, draft: Draft, *, again: bool = False) -> Making:
    """Begin to put *draft* together if it changed since; what failed is not tried twice, unless somebody says *again*."""
    made = making(site, draft)
    if made.state == "old" or (again and made.state == FAILED):
        note = drafts.folder(site.data, draft.id) / drafts.PROGRESS
        if site.bench.start(arguments(site, draft.id), note):
            return Making("working")
    return made


def making(site: Site, draft: Draft) -> Making:
    """How far *draft* is: ``empty``, ``old`` (it changed since), ``working``, ``done`` or ``failed``."""
    place = drafts.folder(site.data, draft.id)
    told = said(place / drafts.PROGRESS)
    if not drafts.paths(place / drafts.FILES):
        # A backup of which nothing opens was deleted, and its teacher is to know why there is nothing.
        gone = told.get("error") == PrivateBackup.code
        return Making("failed", why=PrivateBackup.code) if gone else Making("empty")
    if site.bench.busy(arguments(site, draft.id)):
        return Making("working", _count(told.get("done")), _count(told.get("total")))
    of = fingerprint(site.data, draft)
    if report(site.data, draft.id).get("of") == of:
        return Making("done")
    if told.get("state") == FAILED and told.get("of") == of:
        return Making("failed", why=str(told.get("error", "")), about=_about(told))
    return Making("old")


def _about(told: dict[str, Any]) -> str:
    """The file that an error is about, as its author calls it."""
    details = told.get("details")
    path = details.get("path") if isinstance(details, dict) else ""
    return str(path).rpartition("/")[2] if path else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
