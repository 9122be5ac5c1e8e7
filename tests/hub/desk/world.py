"""A hub in the middle of a working day: people, schools that ask and that are enrolled, lessons that wait; and all its ports."""

from __future__ import annotations

import contextlib
from pathlib import Path

from sqlalchemy import insert, update

from edubox.hub.app import create_app
from edubox.hub.hub import Hub
from edubox.hub.review.site import review_site
from edubox.hub.tables import boxes
from edubox.store.server import listen
from tests.hub.enrol.world import Asker, give_codes
from tests.hub.intake.world import School, enrol, work
from tests.serving import serving

#: What a school, a teacher or a file may be called by somebody who wants to harm a reader.
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def ask(hub, label, code_for="", name="ecole"):
    """A box asks to be enrolled; *code_for* is how the list calls its school."""
    box = Asker(label, name)
    box.ask(hub, give_codes(hub, school=code_for or label, name=f"liste {name} {label}"[:60]))
    return box


def school(hub, folder: Path, label="Collège Moulin", name="college-moulin"):
    """An enrolled school with keys of its own, which can offer lessons."""
    made = School(folder / name)
    enrol(hub, made, name, label=label)
    known = update(boxes).where(boxes.c.local == made.id).values(root_sha256="0" * 64)
    hub.database.change(lambda connection: connection.execute(known))
    return made


def offer(hub, app, one, slug="la-lune", words="La Lune tourne autour de la Terre.", **more):
    """*one* offers a lesson, it is pushed and checked."""
    one.offer(slug, words, **more)
    with serving(app) as address:
        one.push(address)
    work(hub)


def many(hub, count, authority="ac-test"):
    """*count* enrolled schools, without keys that anybody has."""
    rows = []
    for number in range(count):
        digits = f"{number:064x}"
        rows.append({
            "local": f"local/{number:026d}", "publisher": f"{authority}/ecole-{number}", "state": "accepted", "authority": authority,
            "wanted": f"ecole-{number}", "label": f"École n° {number}", "kind": "school", "school": f"École n° {number}", "reason": "",
            "asked": 1, "decided": 1, "decided_by": "x", "address_class": "", "keyid": digits, "key": digits, "counter": 0, "signature": "",
            "root_version": 1, "root_sha256": "", "roots": "[]", "epoch": 1,
        })  # fmt: skip
    empty = {
        column.name: "" if column.type.python_type is str else 0
        for column in boxes.columns
        if not column.nullable and column.name != "id"
    }
    hub.database.change(lambda connection: connection.execute(insert(boxes), [empty | row for row in rows]))


@contextlib.contextmanager
def desk_served(hub):
    """The desk and the review's site at ports of their own, as ``hub serve`` has them: the desk's address at localhost."""
    desk, review = listen("127.0.0.1", 0, "--port"), listen("127.0.0.1", 0, "--port")
    used = {"desk_port": desk.getsockname()[1], "review_port": review.getsockname()[1]}
    here = Hub(hub.data, dict(hub.settings) | used, hub.database, hub.blobs, hub.public, hub.clock)
    app = create_app(here)
    with (
        serving(app, desk, 4),
        serving(review_site(here, f"'self' http://localhost:{used['desk_port']}"), review, 4),
    ):
        yield f"http://localhost:{used['desk_port']}"
