"""*Leaving*: one's files in one zip, and the account closed. Lessons that were given stay with the school.

The zip leaves while it is made. Drafts and the right to change the lessons go to a colleague, or the drafts are erased;
both happen before the account is closed, and doing it again after a power cut finds done what is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from flask import Blueprint, Response, abort

from edubox.box.accounts import guard, journal, people
from edubox.box.accounts.desk_me import own_account, wrong_password
from edubox.box.accounts.desk_people import field, now_of
from edubox.box.accounts.people import Account
from edubox.box.accounts.person import ADMIN, Person, me
from edubox.box.desk import see, surroundings
from edubox.box.school.colleagues import colleagues
from edubox.box.school.database import SchoolFile
from edubox.box.school.export import zipped
from edubox.box.site import Site
from edubox.box.teacher import drafts, versions
from edubox.errors import Busy, Crowded, EditedMeanwhile, LastAdministrator, NoRoom, NotFound
from edubox.pages import entering
from edubox.pages import people as pages

_HERE = "me"
_ERASE = "erase"


def leaving_desk(desk: Blueprint, site: Site) -> None:
    """Add the pages to *desk*."""

    @desk.get("/partir/")
    def leaving_page() -> str:
        return _page(site)

    @desk.get("/partir/edubox.zip")
    def take_everything() -> Response:
        journal.note(site.school, me(), "took-everything")
        answer = Response(zipped(_members(site.data, me())), mimetype="application/zip")
        answer.headers["Content-Disposition"] = 'attachment; filename="edubox.zip"'
        return answer

    @desk.post("/partir/")
    def leave_school() -> Response:
        account, to = own_account(site), field("drafts")
        heirs = _heirs(site)
        if field("action") != "leave" or (to != _ERASE and to not in heirs):
            abort(400)
        try:
            if (
                said := pages.LAST_GOES
                if _is_last(site, account)
                else wrong_password(site, account, field("password"))
            ):
                return Response(_page(site, said), 400)
            _hand_on(site, me(), 0 if to == _ERASE else int(to), heirs.get(to, ""))
            people.close(site.school, account.id, now_of(site))
        except LastAdministrator:
            return Response(_page(site, pages.LAST_GOES), 409)
        except Crowded:
            return Response(_page(site, entering.CROWDED), 503)
        except (Busy, NoRoom, EditedMeanwhile) as error:
            return Response(_page(site, entering.sentence(error)), 409)
        journal.note(site.school, account.person, "left")
        site.sessions.end_all(account.id)
        return guard.let_out(site, see(surroundings(site, _HERE)[1].at("entrer/")))


def _page(site: Site, said: str = "") -> str:
    person = me()
    lessons = [one for one in versions.every(site.school) if one.owner == person.id]
    return pages.leaving(
        *surroundings(site, _HERE), drafts=len(drafts.every(site.data, person)), lessons=len(lessons), heirs=_heirs(site),
        last=_is_last(site, own_account(site)), said=said,
    )  # fmt: skip


def _members(data: Path, person: Person) -> Iterator[tuple[str, Path | bytes, int]]:
    """What is in the zip: of each draft the files as they were given, those for teachers only, and the lesson."""
    for draft in drafts.every(data, person):
        place, name = drafts.folder(data, draft.id), versions.plain(draft.title)
        top = f"{name}-{draft.id[:6]}"
        for folder in (drafts.FILES, drafts.STAFF):
            for path in drafts.paths(place / folder):
                yield f"{top}/{folder}/{path}", place / folder / path, draft.changed
        if (place / drafts.BUILT).is_file():
            yield f"{top}/{name}.edpack", place / drafts.BUILT, draft.changed


def _hand_on(site: Site, person: Person, heir: int, name: str) -> None:
    """Give the drafts and the lessons of *person* to *heir*, called *name*; 0: erase the drafts.

    Raises Busy, NoRoom, EditedMeanwhile: the rest is still there.
    """
    listed = drafts.every(site.data, person)
    for draft in listed:
        try:
            if heir:
                drafts.change(site.data, replace(draft, owner=heir, token=""))
            else:
                drafts.delete(site.data, draft.id)
        except NotFound:
            continue  # it was erased just now
    for draft in drafts.every(site.data, person, thrown=True):
        drafts.delete(site.data, draft.id)
    if heir:
        _give_lessons(site.school, person.id, heir)
    if listed:
        journal.note(site.school, person, "handed-drafts" if heir else "erased-drafts", name)


def _give_lessons(school: SchoolFile, owner: int, heir: int) -> None:
    school.write(lambda db: db.execute("UPDATE own_lesson SET owner = ? WHERE owner = ?", (heir, owner)))


def _heirs(site: Site) -> dict[str, str]:
    """The colleagues who could go on with the drafts: their names, by the form's values."""
    return {str(number): name for number, name in colleagues(site).items() if number != me().id}


def _is_last(site: Site, account: Account) -> bool:
    able = [
        one.id for one in people.every(site.school) if one.role == ADMIN and one.secret and not one.closed
    ]
    return able == [account.id]
