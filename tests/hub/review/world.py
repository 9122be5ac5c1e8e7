"""Lessons that have arrived, without a line in between."""

from __future__ import annotations

from edubox.hub.intake import limits, pushes
from edubox.hub.intake.checking import box_of, check
from edubox.hub.review import arrivals
from edubox.sync import letter
from edubox.sync.pushing import files_of


def arrive(hub, school, slug="la-lune", **options):
    """Give a lesson and let it arrive; the arrival. *contents* and *media* make another lesson than the usual one."""
    if "contents" in options:
        school.publish(
            slug, options["contents"], frozenset(options.get("media", ())), options.get("name", "La Lune")
        )
    else:
        school.give(slug, **options)
    written = letter.write(school.mirror, school.id, slug)
    with hub.database.read() as connection:
        box = box_of(connection, school.id)
    begun = pushes.begin(hub, box, written.to_bytes())
    for file in files_of(written):
        data = (school.mirror / file.path).read_bytes()
        at = pushes.reached(hub, box, begun.id, file.sha256)
        while at < len(data):
            at = pushes.take(hub, box, begun.id, file.sha256, at, data[at : at + limits.PIECE])
    pushes.end(hub, box, begun.id)
    assert check(hub, begun.id) == "done", pushes.state(hub, box, begun.id).reason
    with hub.database.read() as connection:
        found = arrivals.listed(connection, states=(), limit=200)
    return next(one for one in found if one.push == begun.id)


def now(hub, one):
    """The arrival as it is now."""
    with hub.database.read() as connection:
        return arrivals.get(connection, one.id)


def history(hub, one):
    with hub.database.read() as connection:
        return [
            (line.what, line.actor, line.words, line.told) for line in arrivals.history(connection, one.id)
        ]


def change(hub, step, *arguments):
    return hub.database.change(lambda connection: step(connection, *arguments))
