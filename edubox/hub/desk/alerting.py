"""Who is told when boxes fall silent or break or a release stops, whether it arrives, and which boxes are silent now.

An officer has mail sent for their academy. A web address is entered by the ministry alone: the hub would knock at whatever door
of its own network an academy names.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request

from edubox.errors import BadInput
from edubox.hub.accounts import roles
from edubox.hub.accounts.roles import FLEET
from edubox.hub.desk import guard
from edubox.hub.desk.codes import academies
from edubox.hub.desk.door import see
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import HOME, field, needs
from edubox.hub.fleet import alerts, overview
from edubox.hub.hub import Hub

HERE = f"{HOME}alertes/"
#: Silent boxes on a page.
A_PAGE = 50


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


KINDS = {
    alerts.SILENT: _("boxes that fell silent"), alerts.BROKEN: _("boxes on which something does not work"),
    alerts.RELEASE: _("releases that were stopped"),
}  # fmt: skip
SAID = {
    "added": _("Noted. The hub looks every hour, and writes only when there is something new."),
    "removed": _("Nobody is told by this any more."),
    "tried": _("A word is on its way. Load this page again in a minute: here it says if it did not arrive."),
}
NO_MAIL = _("This hub sends no mail yet. Whoever runs it enters a mail server in hub.toml (mail).")
ODD = _("This is neither a mail address nor an address that begins with https://.")
FULL = _("There are twenty alerts already. Remove one first.")
NOT_YOURS = _("A web address is entered by the ministry. Take a mail address, or ask them.")


def alert_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    def listed(status: int = 200, said: str = "", wrong: str = "") -> Response:
        me, number = guard.me(), guard.page_asked()
        with hub.database.read() as connection:
            found = alerts.listed(connection, me.authority)
            trials = {one.id: alerts.trial(connection, one.id) for one in found}
            quiet = overview.silent(connection, hub.now(), me.authority, A_PAGE + 1, (number - 1) * A_PAGE)
        return show(
            hub, "schools", "alerts.html", status, found=found, trials=trials, quiet=quiet[:A_PAGE], more=len(quiet) > A_PAGE, number=number,
            said=said, wrong=wrong, kinds=KINDS, able=roles.somewhere(me, FLEET), may=lambda authority: roles.may(me, FLEET, authority),
            mail=bool(hub.settings["mail"]), academies=academies(hub, me.authority), now=hub.now(), whole=not me.authority,
            given={name: field(name) for name in ("kind", "target", "academy")},
        )  # fmt: skip

    @desk.get("/alertes/")
    def alerts_page() -> Response:
        return listed(said=SAID.get(request.args.get("said", ""), ""))

    @desk.post("/alertes/")
    @needs(FLEET)
    def add_alert() -> Response:
        me, target = guard.me(), field("target", 500).strip()
        authority = me.authority or field("academy", 63)
        guard.check(FLEET, authority)
        if authority and authority not in academies(hub, me.authority):
            return listed(400, wrong=ODD)
        if target.startswith("https:") and me.authority:
            return listed(403, wrong=NOT_YOURS)
        try:
            alerts.add(hub, authority, field("kind", 20), target, me.login)
        except BadInput as error:
            said = str(error)
            return listed(400, wrong=NO_MAIL if "no mail" in said else FULL if "already" in said else ODD)
        return see(f"{HERE}?said=added")

    @desk.post("/alertes/<int:number>/retirer/")
    @needs(FLEET)
    def remove_alert(number: int) -> Response:
        alerts.remove(hub, _mine(hub, number).id, guard.me().login)
        return see(f"{HERE}?said=removed")

    @desk.post("/alertes/<int:number>/essayer/")
    @needs(FLEET)
    def try_alert(number: int) -> Response:
        alerts.try_out(hub, _mine(hub, number).id, guard.me().login)
        return see(f"{HERE}?said=tried")


def _mine(hub: Hub, number: int) -> Any:
    """The alert *number*, if the person may change it; else the request ends."""
    with hub.database.read() as connection:
        found = alerts.one(connection, number)
    if found is None:
        abort(404)
    guard.check(FLEET, found.authority)
    return found
