"""The door of the desk: coming in with a name and a password, and going.

Wrong names and wrong passwords get the same words after the same work, and ``tries`` makes guessing slow. How a box gets
its first administrator is in ``beginning``, how colleagues come by an invitation in ``accepting``.
"""

from __future__ import annotations

import contextlib
import ipaddress
from dataclasses import replace

from flask import Blueprint, Response, request

from edubox.box.accounts import guard, journal, passwords, people
from edubox.box.accounts.guard import needs
from edubox.box.accounts.people import Account
from edubox.box.accounts.person import ANYBODY, SUBSTITUTE
from edubox.box.desk import see, surroundings
from edubox.box.own.identity import now_on
from edubox.box.site import Site
from edubox.errors import Busy, Crowded, DamagedSchool, NoRoom
from edubox.pages import entering as pages

_HERE = "door"
#: Characters of a field that are looked at.
_LONGEST = 800


def door_pages(desk: Blueprint, site: Site) -> None:
    """Add the pages to *desk*."""

    @desk.get("/entrer/")
    @needs(ANYBODY)
    def enter() -> str | Response:
        after = guard.inside(request.args.get("next", "")[:_LONGEST])
        if guard.entered() is not None:
            return see(after)
        if not has_people(site):
            return see(surroundings(site, _HERE)[1].at("premier/"))
        return pages.enter(*surroundings(site, _HERE), after)

    @desk.post("/entrer/")
    @needs(ANYBODY)
    def come_in() -> Response:
        name, password = _field("name"), _field("password")
        key, peer, after = people.same(name), came_from(), guard.inside(_field("next"))

        def again(status: int, said: str, wait: int = 0) -> Response:
            frame, here = surroundings(site, _HERE)
            answer = Response(pages.enter(frame, here, after, name=name, said=said, seconds=wait), status)
            if wait:
                answer.headers["Retry-After"] = str(wait)
            return answer

        if wait := site.tries.wait(key, peer):
            return again(429, pages.WAIT, wait)
        account = people.named(site.school, name)
        able = account is not None and account.is_open(_now(site))
        try:
            right = passwords.is_right(account.secret if account and able else "", password)
            if account is None or not right:
                if site.tries.wrong(key, peer) and account is not None:
                    journal.note(site.school, account.person, "guessed")
                return again(401, pages.WRONG)
            site.tries.right(key, peer)
            account = _at_todays_cost(site, account, password)
        except Crowded:
            return again(503, pages.CROWDED)
        journal.note(site.school, account.person, "came-in")
        return guard.let_in(site, see(after), account)

    @desk.post("/sortir/")
    @needs(SUBSTITUTE)
    def go() -> Response:
        return guard.let_out(site, see(surroundings(site, _HERE)[1].at("entrer/")))


def came_from() -> str:
    """The address that asks, as ``tries`` counts it: a computer has as many IPv6 addresses as it likes in its network."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if address.version == 6 and (mapped := address.ipv4_mapped):
        return str(mapped)
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


def _at_todays_cost(site: Site, account: Account, password: str) -> Account:
    """*account*, whose password is right, kept at today's cost; another time if there is no room or no turn now."""
    if passwords.is_outdated(account.secret):
        with contextlib.suppress(NoRoom, Busy):
            secret = passwords.hashed(password)
            people.set_password(site.school, account.id, secret)
            return replace(account, secret=secret)
    return account


def has_people(site: Site) -> bool:
    """Whether anybody can come in by a password; nobody can while the file of accounts is damaged."""
    try:
        return any(one.secret and not one.closed for one in people.every(site.school))
    except DamagedSchool:
        return False


def _now(site: Site) -> int:
    return int(now_on(site.data).timestamp())


def _field(name: str) -> str:
    return request.form.get(name, "")[:_LONGEST]
