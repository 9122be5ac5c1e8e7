"""One of the lists of ``following``: put together with check boxes, and read before it goes back among the others."""

from __future__ import annotations

from flask import Response, request

from edubox.hub.desk import frame
from edubox.hub.desk.called import Lists, Names
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import field
from edubox.hub.enrol import proposing
from edubox.hub.hub import Hub
from edubox.trust import follow_lists
from edubox.trust.follow_lists import MAX_LISTS, MAX_NAMES, FollowList


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


NOBODY = _("Choose at least one collection, or write the id of a school.")
STRANGER = _("The directory has no active publisher of this id. Look at the spelling, or take it away.")
TOO_MANY = _("An academy proposes at most 50 lists, with at most 100 names each.")


def choose(
    hub: Hub, authority: str, lists: Lists, number: int, chosen: FollowList, status: int = 200, wrong: str = "", schools: str | None = None
) -> Response:  # fmt: skip
    """The page on which list *number* of *authority* is put together; *schools* is what somebody wrote into its field. Raises DatabaseAway."""
    names = Names(hub)
    offered = proposing.collections(hub, names.listed)
    known = {each.id for each in offered}
    # The country's own are for everybody; those of thirty other academies are folded away.
    far = {
        each.id
        for each in offered
        if each.kind != names.first_kind and each.id.partition("/")[0] != authority
    }
    with hub.database.read() as connection:
        by_kind = proposing.boxes_by_kind(connection, authority)
    return show(
        hub, "schools", "following_list.html", status, authority=authority, number=number, chosen=chosen, names=names, wrong=wrong,
        near=[each for each in offered if each.id not in far], far=[each for each in offered if each.id in far],
        schools=" ".join(each for each in chosen.publishers if each not in known) if schools is None else schools, new=number >= len(lists),
        carried=follow_lists.to_bytes(lists).decode(), mark=field("base", 64), by_kind=by_kind, language=frame.language(),
    )  # fmt: skip


def read(hub: Hub, authority: str, lists: Lists, number: int) -> FollowList | Response:
    """What the form under way makes of list *number*; or its page again, with what is wrong."""
    names, schools = Names(hub), field("schools", 8000)
    form = request.form
    levels = tuple(each.id for each in names.country.levels if each.id in form.getlist("level"))
    kinds = tuple(each.id for each in names.country.kinds if each.id in form.getlist("kind"))
    publishers = tuple(dict.fromkeys([*form.getlist("publisher"), *schools.replace(",", " ").split()]))
    wrong = ""
    if not publishers:
        wrong = NOBODY
    elif max(len(publishers), len(levels), len(kinds)) > MAX_NAMES or number >= MAX_LISTS:
        wrong = TOO_MANY
    elif any(names.publisher(each) is None for each in publishers):
        wrong = STRANGER
    chosen = FollowList(publishers, levels, kinds)
    if wrong:
        return choose(hub, authority, lists, number, chosen, 400, wrong, schools)
    return chosen
