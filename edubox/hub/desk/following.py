"""What an academy proposes to its schools: whose lessons their boxes keep, put together with check boxes and signed with its key.

Nothing is kept at the hub before the key has signed. Until then the pages carry the lists from one to the next, byte for byte as they
would be signed, and the mark of those that were public when somebody began: if others signed meanwhile, it is looked at again.
"""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path

from flask import Blueprint, Response, abort, request

from edubox.errors import EduboxError, NotTrusted
from edubox.hub import child
from edubox.hub.accounts import roles
from edubox.hub.accounts.roles import ENROL, READ
from edubox.hub.desk import following_list, guard, keyed, publishing
from edubox.hub.desk.called import Lists, Names
from edubox.hub.desk.codes import academies
from edubox.hub.desk.door import see
from edubox.hub.desk.following_list import choose
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import HOME, field, needs
from edubox.hub.enrol import offline_lists, proposing
from edubox.hub.hub import Hub
from edubox.publishing.authority import to_toml
from edubox.trust import follow_lists
from edubox.trust.follow_lists import MAX_LISTS, FollowList

HERE = f"{HOME}abonnements/"


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


SAID = {
    "signed": _("Signed and public. Boxes hear of it with their next synchronisation."),
    "brought": _("What was signed elsewhere is public now."),
    "later": _("The passphrase was taken, and the work goes on. Load this page again in a minute."),
}
CHANGED = _("Somebody else changed what this academy proposes meanwhile. Look at what your change means now.")
SAME = _("This is what the academy proposes already: there is nothing to sign.")
GONE = _("A publisher of these lists is not active any more. Take it out first: it is marked below.")


def following_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    @desk.get("/abonnements/")
    def all_lists() -> Response:
        me, names = guard.me(), Names(hub)
        if me.authority:
            return one(me.authority, said=request.args.get("said", ""))
        found: list[tuple[str, Lists | None]] = []
        for authority in academies(hub):
            try:
                found.append((authority, names.lists(authority)))
            except EduboxError:
                found.append((authority, None))
        return show(
            hub, "schools", "following_all.html", found=found, names=names, able=roles.may(me, ENROL, "")
        )

    @desk.get("/abonnements/<authority>/")
    def lists_of(authority: str) -> Response:
        guard.check(READ, authority)
        return one(authority, said=request.args.get("said", ""))

    @desk.post("/abonnements/<authority>/")
    @needs(ENROL)
    def change_lists(authority: str) -> Response:
        guard.check(ENROL, authority)
        lists, (act, number) = _carried(), _asked()
        if act == "change" and number < len(lists):
            return choose(hub, authority, lists, number, lists[number])
        if act == "add":
            return choose(hub, authority, lists, len(lists), FollowList(()))
        if act == "remove":
            return one(authority, lists=lists[:number] + lists[number + 1 :])
        if act == "keep":
            kept = following_list.read(hub, authority, lists, number)
            if isinstance(kept, Response):
                return kept
            return one(authority, lists=(*lists[:number], kept, *lists[number + 1 :]))
        return one(authority, lists=lists)

    @desk.post("/abonnements/<authority>/signer/")
    @needs(ENROL)
    def sign_lists(authority: str) -> Response:
        guard.check(ENROL, authority)
        lists, login = _carried(), guard.me().login
        if (refusal := refused(authority, lists)) is not None:
            return refusal
        reasons: list[str] = []
        looked_at = field("base", 64)

        def work(passphrase: str) -> None:
            with tempfile.TemporaryDirectory() as folder:
                described = Path(folder, "lists.toml")
                described.write_text(to_toml(lists), "utf-8")
                words = (
                    "academy",
                    "follow",
                    "--authority",
                    authority,
                    "--lists",
                    str(described),
                    "--instead-of",
                    looked_at,
                    "--by",
                    login,
                )
                child.run(hub, words, passphrase)

        done = keyed.sign(hub, work, reasons.append)
        # Somebody may have signed between our look and the child's, which alone is decisive: then the page says what changed.
        if done.status == 409 and (refusal := refused(authority, lists)) is not None:
            return refusal
        if done.wrong:
            answer = one(authority, done.status, lists=lists, wrong=done.wrong, why=" ".join(reasons))
            if done.wait:
                answer.headers["Retry-After"] = str(done.wait)
            return answer
        return see(f"{HERE}{authority}/?said={'later' if done.later else 'signed'}")

    @desk.post("/abonnements/<authority>/lists.toml")
    @needs(ENROL)
    def lists_described(authority: str) -> Response:
        guard.check(ENROL, authority)
        return _file(to_toml(_carried()).encode(), f"lists-{authority}.toml", "application/toml")

    @desk.post("/abonnements/<authority>/lists.json")
    @needs(ENROL)
    def lists_to_sign(authority: str) -> Response:
        guard.check(ENROL, authority)
        lists = _carried()
        if (refusal := refused(authority, lists)) is not None:
            return refusal
        made = offline_lists.export(hub, authority, tomllib.loads(to_toml(lists)))
        return _file(made, f"lists-{authority}.json", "application/json")

    def refused(authority: str, lists: Lists) -> Response | None:
        """Why *lists* cannot be signed now, as a page; None if they can."""
        names = Names(hub)
        public = names.lists(authority)
        if field("base", 64) != follow_lists.mark(public):
            return one(authority, 409, lists=lists, wrong=CHANGED)
        if lists == public:
            return one(authority, 409, wrong=SAME)
        if any(names.publisher(each) is None for listed in lists for each in listed.publishers):
            return one(authority, 409, lists=lists, wrong=GONE)
        return None

    def one(
        authority: str, status: int = 200, *, lists: Lists | None = None, said: str = "", wrong: str = "", why: str = ""
    ) -> Response:  # fmt: skip
        """The page of *authority*, with *lists* as they would be; None: as they are."""
        me, names = guard.me(), Names(hub)
        known = authority in names.listed.authorities()
        if not known and authority != me.authority:
            abort(404)
        public = names.lists(authority)
        lists = public if lists is None else lists
        with hub.database.read() as connection:
            by_kind = proposing.boxes_by_kind(connection, authority)
        weights = {}
        for each in set(lists) - set(public):
            fresh = proposing.new_to_boxes(each, public)
            lessons, size = proposing.weight(hub.mirror, fresh) if fresh else (0, 0)
            if lessons and proposing.reached(each, by_kind):
                weights[each] = lessons, publishing.cost(hub, size, authority, each.kinds)
        return show(
            hub, "schools", "following.html", status, authority=authority, lists=lists, names=names, said=SAID.get(said, ""), wrong=wrong, why=why,
            came=[each for each in lists if each not in public], went=[each for each in public if each not in lists], changed=lists != public,
            able=known and roles.may(me, ENROL, authority), mark=follow_lists.mark(public) if wrong == CHANGED else field("base", 64) or follow_lists.mark(public), carried=follow_lists.to_bytes(lists).decode(), by_kind=by_kind, weights=weights,
            reached=lambda each: proposing.reached(each, by_kind), whole=not me.authority, full=len(lists) >= MAX_LISTS, data=str(hub.data.absolute()),
            held=(hub.workplace.keys / "authorities" / authority).is_file(),
        )  # fmt: skip


def _carried() -> Lists:
    """The lists that the form carries from page to page; else the request ends."""
    try:
        return follow_lists.parse(field("lists", follow_lists.MAX_FILE).encode("utf-8", "replace"))
    except NotTrusted:
        abort(400)


def _asked() -> tuple[str, int]:
    """What is to be done, and with which list."""
    act, _dash, given = field("do", 20).partition("-")
    return act, int(given) if given.isascii() and given.isdecimal() and len(given) < 4 else 0


def _file(data: bytes, name: str, kind: str) -> Response:
    answer = Response(data, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
