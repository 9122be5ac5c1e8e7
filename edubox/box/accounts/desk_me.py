"""``/bureau/moi/``: one's own name and password.

Another password ends every other session at once: whoever lost a telephone or left a computer open changes it.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort

from edubox.box.accounts import guard, invitations, journal, passwords, people
from edubox.box.accounts.desk_people import back, field
from edubox.box.accounts.door import came_from
from edubox.box.accounts.people import Account
from edubox.box.accounts.person import me
from edubox.box.desk import surroundings
from edubox.box.site import Site
from edubox.errors import Crowded, NameTaken, WeakPassword
from edubox.pages import entering
from edubox.pages import people as pages

_HERE = "me"


def me_desk(desk: Blueprint, site: Site) -> None:
    """Add the page to *desk*."""

    @desk.get("/moi/")
    def my_account() -> str:
        return pages.me(*surroundings(site, _HERE))

    @desk.post("/moi/")
    def change_my_account() -> Response:
        action = field("action")
        if action == "name":
            return _rename(site)
        return _set_password(site) if action == "password" else abort(400)


def _rename(site: Site) -> Response:
    name, before = people.tidy(field("name")), me()
    if not name:
        return _again(site, entering.NAMELESS)
    try:
        people.rename(site.school, before.id, name)
    except NameTaken as error:
        return _again(site, entering.sentence(error), name)
    if name != before.name:
        journal.note(site.school, me(), "changed-name", before.name)
    return back(site, "moi/")


def _set_password(site: Site) -> Response:
    account, password = own_account(site), field("password")
    try:
        if said := wrong_password(site, account, field("old")):
            return _again(site, said)
        passwords.check(password, account.name, site.settings["name"])
        people.set_password(site.school, account.id, passwords.hashed(password))
    except WeakPassword as error:
        return _again(site, str(error))
    except Crowded:
        return _again(site, entering.CROWDED)
    invitations.forget_resets(site.school, account.id)
    site.sessions.end_all(account.id)
    journal.note(site.school, account.person, "changed-password")
    return guard.let_in(site, back(site, "moi/"), own_account(site))


def wrong_password(site: Site, account: Account, password: str) -> str:
    """Why *password* does not show that *account* is its owner's, in words; empty if it does. Raises Crowded.

    Trying costs as much patience as at the door: a computer that was left open is no place to guess.
    """
    key, peer = people.same(account.name), came_from()
    if site.tries.wait(key, peer):
        return entering.WAIT
    if not passwords.is_right(account.secret, password):
        site.tries.wrong(key, peer)
        return pages.WRONG_PASSWORD
    site.tries.right(key, peer)
    return ""


def own_account(site: Site) -> Account:
    """The account of who asks."""
    account = people.account(site.school, me().id)
    if account is None or account.closed:
        abort(404)
    return account


def _again(site: Site, said: str, name: str = "") -> Response:
    return Response(pages.me(*surroundings(site, _HERE), said=said, details={"name": name}), 400)
