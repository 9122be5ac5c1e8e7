"""Schools that go over to another academy: who asked, who must sign, who has; and calling it off while nobody has signed."""

from __future__ import annotations

from flask import Blueprint, Response, request

from edubox.errors import BadInput, EduboxError, NotFound
from edubox.hub.accounts import roles
from edubox.hub.accounts.roles import ENROL
from edubox.hub.desk import guard
from edubox.hub.desk.codes import academies
from edubox.hub.desk.door import see
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import HOME, field, needs
from edubox.hub.enrol import moves, status
from edubox.hub.hub import Hub

HERE = f"{HOME}mouvements/"
A_PAGE = 50


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


STATE_WORDS = {
    moves.ASKED: _("waits for both signatures"), moves.TAKEN: _("waits for the second signature"), moves.DONE: _("done"),
    moves.OFF: _("called off"),
}  # fmt: skip
SAID = {
    "asked": _(
        "Asked. The academy that takes it over signs first, then the one that lets it go. Until then nothing changes for the school."
    ),
    "off": _("Called off: the school stays where it was."),
}
NOT_NOW = _("This cannot be called off any more: somebody has signed. Let the school move back instead.")
#: Why a school cannot move, by the error's code.
WHY = {
    "already-exists": _("Another school has this name there. Choose another one."),
    "bad-identifier": _("A name in the directory has small letters, digits and hyphens, 63 at most."),
    "not-found": _(
        "The directory does not know this school yet, or not that academy: let its enrolment be signed first."
    ),
}
NOT_POSSIBLE = _("This school cannot move now: it is suspended, or moves already.")


def move_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    def listed(code: int = 200, said: str = "", wrong: str = "") -> Response:
        me, number = guard.me(), guard.page_asked()
        with hub.database.read() as connection:
            total, found = moves.listed(connection, me.authority, A_PAGE, (number - 1) * A_PAGE)
        return show(
            hub, "schools", "moves.html", code, found=found, total=total, number=number, pages=-(-total // A_PAGE), at=lambda page: f"{HERE}?page={page}",
            said=said, wrong=wrong, state_words=STATE_WORDS, now=hub.now(), moves=moves, able=roles.somewhere(me, ENROL),
            may=lambda one: any(roles.may(me, ENROL, each.partition("/")[0]) for each in (one.old, one.new)),
        )  # fmt: skip

    @desk.get("/mouvements/")
    def moves_page() -> Response:
        return listed(said=SAID.get(request.args.get("said", ""), ""))

    @desk.post("/mouvements/")
    @needs(ENROL)
    def ask_move() -> Response:
        """A school goes over: asked by its own academy, or by the ministry."""
        old, authority, name = field("school", 130), field("academy", 63), field("name", 63).strip()
        guard.check(ENROL, old.partition("/")[0])
        if authority not in academies(hub):
            return listed(400, wrong=WHY["not-found"])
        try:
            status.move(hub, old, f"{authority}/{name or old.partition('/')[2]}", guard.me().login)
        except EduboxError as error:
            if error.code not in {*WHY, "bad-input"}:
                raise
            return listed(409, wrong=WHY.get(error.code, NOT_POSSIBLE))
        return see(f"{HERE}?said=asked")

    @desk.post("/mouvements/annuler/")
    @needs(ENROL)
    def call_off_move() -> Response:
        """Either academy may, and so may the ministry."""
        new = field("school", 130)
        with hub.database.read() as connection:
            found = next(
                (
                    one
                    for one in moves.listed(connection, "", 1000)[1]
                    if one.new == new and one.state == moves.ASKED
                ),
                None,
            )
        if found is None or not roles.may(guard.me(), ENROL, found.old.partition("/")[0]):
            guard.check(ENROL, new.partition("/")[0])
        try:
            status.call_off(hub, new, guard.me().login)
        except (BadInput, NotFound):
            return listed(409, wrong=NOT_NOW)
        return see(f"{HERE}?said=off")
