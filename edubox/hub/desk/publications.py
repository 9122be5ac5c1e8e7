"""What this hub made public, and releases that go out in steps: how far they came, and the brake by hand.

What still waits shows what it will cost before anybody presses the button: bytes, and hours for the slowest tenth of boxes.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, abort, request

from edubox.hub.accounts import roles
from edubox.hub.accounts.roles import PUBLISH
from edubox.hub.desk import frame, guard, moments, publishing
from edubox.hub.desk.door import see
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import HOME, field, needs
from edubox.hub.errors import GoneLesson, Malformed
from edubox.hub.fleet import rollouts
from edubox.hub.fleet.forecast import Forecast
from edubox.hub.hub import Hub
from edubox.hub.review import accept as taking

HERE = f"{HOME}parutions/"
A_PAGE = 50
#: Releases in steps that are shown.
GOING = 100


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


SAID = {
    "stopped": _(
        "Stopped: boxes that do not have it yet wait. They hear it when they next say how they are."
    ),
    "resumed": _("It goes on."),
}
NOT_NOW = _("This cannot be done now: it was stopped or went on already.")
STATE_WORDS = {"running": _("under way"), "held": _("stopped"), "done": _("done")}
WHERE_WORDS = {
    "waiting": _("waits for its key"), "queued": _("is being made public"), "published": _("public"), "failed": _("could not be made public"),
}  # fmt: skip


def publication_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    def listed(status: int = 200, said: str = "", wrong: str = "") -> Response:
        me, number = guard.me(), guard.page_asked()
        with hub.database.read() as connection:
            going = rollouts.listed(connection, me.authority, GOING) if number == 1 else []
            total = taking.count(connection, me.authority)
            taken = taking.listed(connection, me.authority, (), A_PAGE, (number - 1) * A_PAGE, newest=True)
        keys = {one.id: one.key for one in taking.collections(hub, me.authority)}
        return show(
            hub, "publications", "publications.html", status, going=going, taken=taken, said=said, wrong=wrong, now=hub.now(),
            number=number, pages=-(-total // A_PAGE), at=lambda page: f"{HERE}?page={page}", costs=_costs(hub, taken), keys=keys, why=_why,
            when=lambda moment: moments.said(hub, moment, frame.language()), zone=str(moments.zone(hub)), today=f"{hub.clock():%Y-%m-%dT%H:%MZ}",
            state_words=STATE_WORDS, where_words=WHERE_WORDS, may=lambda authority: roles.may(me, PUBLISH, authority), data=str(hub.data.absolute()),
        )  # fmt: skip

    @desk.get("/parutions/")
    def publications() -> Response:
        return listed(said=SAID.get(request.args.get("said", ""), ""))

    @desk.post("/parutions/arreter/")
    @needs(PUBLISH)
    def stop_rollout() -> Response:
        number, reason = _number(hub), field("reason", 500).strip() or "by hand"
        return turned(lambda: rollouts.stop(hub, number, guard.me().login, reason), "stopped")

    @desk.post("/parutions/reprendre/")
    @needs(PUBLISH)
    def resume_rollout() -> Response:
        number = _number(hub)
        return turned(lambda: rollouts.resume(hub, number, guard.me().login), "resumed")

    def turned(work: Callable[[], None], said: str) -> Response:
        try:
            work()
        except Malformed:
            return listed(409, wrong=NOT_NOW)
        return see(f"{HERE}?said={said}")


_BRAKE = re.compile(r"(\d+) of (\d+) boxes say that it failed\Z")


def _why(held: str) -> tuple[str, dict[str, str]]:
    """Why a release stopped, as a message and what to fill in; what a person wrote is theirs."""
    if found := _BRAKE.match(held):
        return _("It failed at %(failed)s of %(told)s boxes: the hub stopped it by itself."), {
            "failed": found[1],
            "told": found[2],
        }
    return (_("Stopped by hand."), {}) if held == "by hand" else ("", {})


def _costs(hub: Hub, taken: Sequence[taking.Republication]) -> dict[int, Forecast]:
    found = {}
    for one in [one for one in taken if one.state == taking.WAITING][:A_PAGE]:
        with contextlib.suppress(GoneLesson):
            found[one.id] = publishing.cost(
                hub, publishing.travels(hub, one.arrival), one.publisher.partition("/")[0]
            )
    return found


def _number(hub: Hub) -> int:
    """The rollout that the form names, if who asks may publish there; else the request ends."""
    given = field("rollout", 9)
    with hub.database.read() as connection:
        found = [one for one in rollouts.listed(connection, "", 10_000) if str(one.id) == given]
    if not found:
        abort(404)
    guard.check(PUBLISH, found[0].authority)
    return found[0].id
