"""What an academy proposes to its schools: whose lessons a box keeps, for which levels and kinds of schools, until a school chooses.

The directory holds it, signed by the academy (``trust.follow_lists``), so a change is signed where it is made: with the passphrase
typed here, in a child; or the file is taken to where the key is. What is changed is what was shown: a page that somebody overtook
changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, Response, abort, request

from edubox.hub import child
from edubox.hub.accounts import roles
from edubox.hub.accounts.roles import ENROL
from edubox.hub.desk import guard, keyed
from edubox.hub.desk.codes import academies
from edubox.hub.desk.door import see
from edubox.hub.desk.frame import language, show
from edubox.hub.desk.guard import HOME, asked, field, needs
from edubox.hub.hub import Hub
from edubox.hub.review.accept import collections
from edubox.pack import canonical
from edubox.publishing.authority import proposals
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from edubox.trust.follow_lists import FollowList, to_bytes

HERE = f"{HOME}abonnements/"
#: What a list says, each a field of the form with boxes to tick.
FIELDS = ("publishers", "levels", "kinds")


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


SAID = {
    "signed": _("Signed and public. Boxes hear of it with their next synchronisation."),
    "later": _("The passphrase was taken, and the work goes on. Load this page again in a minute."),
}
NOBODY = _("Tick at least one collection.")
OVERTAKEN = _(
    "Somebody changed these lists meanwhile. This is how they are now; nothing of yours was signed."
)
NOT_DONE = _("It could not be signed, and nothing was changed. The reason:")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a list may name, each by its id, in words: collections of ministry and academies, levels, kinds of schools."""

    publishers: Mapping[str, str]
    levels: Mapping[str, str]
    kinds: Mapping[str, str]

    def words(self, field: str, ids: Sequence[str]) -> list[str]:
        """What *ids* of *field* are called; an id that nothing is called by stays one."""
        known: Mapping[str, str] = getattr(self, field)
        return [known.get(one, one) for one in ids]


def following_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    def listed() -> list[str]:
        """The person's academies that the directory has: one may work for an academy before it is founded."""
        own = guard.me().authority
        return [one for one in academies(hub) if own in {"", one}]

    def page(academy: str, status: int = 200, said: str = "", wrong: str = "", why: str = "", given: FollowList | None = None) -> Response:  # fmt: skip
        every = listed()
        lists = proposals(hub.data, academy) if academy else ()
        number = _number(asked("list", 3) if request.method == "GET" else field("list", 3), lists)
        chosen = given or (lists[number] if number is not None else FollowList(()))
        return show(
            hub, "schools", "following.html", status, academy=academy, academies=every, lists=lists, number=number, chosen=chosen,
            choices=_choices(hub, lists), seen=_sum(lists), said=said, wrong=wrong, why=why, data=str(hub.data.absolute()),
            held=_held(hub, academy),
            able=bool(academy) and roles.may(guard.me(), ENROL, academy),
        )  # fmt: skip

    @desk.get("/abonnements/")
    def following() -> Response:
        every = listed()
        wanted = asked("academy", 63)
        if wanted and wanted not in every:
            abort(404)
        return page(wanted or (every[0] if every else ""), said=SAID.get(asked("said"), ""))

    @desk.post("/abonnements/")
    @needs(ENROL)
    def change_following() -> Response:
        """Sign the lists with what the form says of one of them, or give them as a file to be signed elsewhere."""
        academy = field("academy", 63)
        guard.check(ENROL, academy)
        if academy not in listed():
            abort(404)
        lists = list(proposals(hub.data, academy))
        if field("seen", 64) != _sum(lists):
            return page(academy, 409, wrong=OVERTAKEN)
        number = _number(field("list", 3), lists)
        given = FollowList(*(tuple(dict.fromkeys(request.form.getlist(name))) for name in FIELDS))
        if field("do", 10) != "remove" and not given.publishers:
            return page(academy, 400, wrong=NOBODY, given=given)
        place = len(lists) if number is None else number
        lists[place : place + 1] = [] if field("do", 10) == "remove" else [given]
        made = _toml(lists)
        if not _held(hub, academy):
            answer = Response(made, mimetype="application/toml")
            answer.headers["Content-Disposition"] = f'attachment; filename="lists-{academy}.toml"'
            return answer
        why: list[str] = []
        who = guard.me().login

        def work(passphrase: str) -> None:
            with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as file:
                file.write(made)
                file.flush()
                words = ("academy", "follow", "--authority", academy, "--lists", file.name, "--by", who)
                child.run(hub, words, passphrase)

        done = keyed.sign(hub, work, why.append)
        if done.wrong:
            reason = "".join(why)
            answer = page(
                academy, done.status, wrong=NOT_DONE if reason else done.wrong, why=reason, given=given
            )
            if done.wait:
                answer.headers["Retry-After"] = str(done.wait)
            return answer
        return see(f"{HERE}?academy={academy}&said={'later' if done.later else 'signed'}")


def _held(hub: Hub, academy: str) -> bool:
    """Whether the academy's key lies on the hub, wrapped in a passphrase."""
    return bool(academy) and (hub.workplace.keys / "authorities" / academy).is_file()


def _number(text: str, lists: Sequence[FollowList]) -> int | None:
    """The list that *text* names, counted from 0; None for a new one."""
    return int(text) if text.isascii() and text.isdecimal() and int(text) < len(lists) else None


def _sum(lists: Sequence[FollowList]) -> str:
    return hashlib.sha256(to_bytes(lists)).hexdigest()


def _toml(lists: Sequence[FollowList]) -> str:
    """What ``edubox academy follow --lists`` reads; arrays of strings are written alike in JSON and TOML."""
    lines = []
    for one in lists:
        lines += [
            "[[list]]",
            *(f"{name} = {json.dumps(list(ids))}" for name, ids in asdict(one).items() if ids),
            "",
        ]
    return "\n".join(lines)


def _choices(hub: Hub, lists: Sequence[FollowList]) -> Choices:
    """Collections that are in this mirror, and what is in *lists* already; kinds are those that no collection is of."""
    listed = Directory(FolderFetch(hub.mirror))
    country: dict[str, Any] = canonical.read(listed.country_file(), what="the country file")
    publishers, taken = {}, set()
    for name in dict.fromkeys(
        [*(one.id for one in collections(hub)), *(each for one in lists for each in one.publishers)]
    ):
        record = listed.record(name)
        if record is not None and record.status == "active":
            publishers[name] = record.label
            taken.add(record.kind)
    used = {each for one in lists for each in one.kinds}
    spoken = language()

    def named(entries: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        return {
            str(one["id"]): str(one["name"].get(spoken) or next(iter(one["name"].values())))
            for one in entries
        }

    kinds = {
        name: words for name, words in named(country["tier"]).items() if name in used or name not in taken
    }
    return Choices(publishers, named(country["level"]), kinds)
