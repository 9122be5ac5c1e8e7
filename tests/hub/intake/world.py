"""A school with a repository of its own, an enrolled box, and a hub that boxes reach over a real socket."""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask, jsonify
from sqlalchemy import insert

from edubox.errors import EduboxError
from edubox.hub import queue
from edubox.hub.intake import api, jobs
from edubox.hub.tables import boxes
from edubox.pack.edpack import write_edpack
from edubox.publishing.job import Publication, publish, withdraw
from edubox.publishing.workplace import Workplace
from edubox.store.layout import bundle_path
from edubox.store.objects import put, settle_all
from edubox.sync import offers
from edubox.sync.api import HubApi
from edubox.sync.pushing import push
from edubox.trust import keys, publisher
from tests.pack.lessons import lesson, opener
from tests.serving import serving

BEGIN = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
FILM = random.Random(7).randbytes(300_000)
WORKERS = {"intake-check": jobs.check}


@dataclass
class School:
    """A box's data folder, with keys in plain and a clock of its own."""

    data: Path
    now: datetime = BEGIN
    id: str = ""
    root: object = field(default_factory=keys.generate)
    writer: object = field(default_factory=keys.generate)

    def __post_init__(self):
        self.id, files = publisher.create_local(keys.signer(self.root), keys.signer(self.writer), self.now)
        for path, content in files.items():
            (self.data / "mirror" / path).parent.mkdir(parents=True, exist_ok=True)
            (self.data / "mirror" / path).write_bytes(content)
        self.workplace = Workplace(self.data / "mirror", self.data / "keys", self.data / "staging" / "locks")
        place = self.data / "keys" / publisher.prefix(self.id) / "writer"
        place.parent.mkdir(parents=True)
        keys.save(place, keys.dump(self.writer, None))

    @property
    def signer(self):
        return keys.signer(self.writer)

    @property
    def mirror(self):
        return self.data / "mirror"

    def give(self, slug="la-lune", words="La Lune tourne.", film=FILM, name="La Lune", **options):
        """Publish a lesson as the box does; its index."""
        contents = {
            "index.html": f"<!doctype html><html lang=fr><title>L</title><h1>{name}</h1><p>{words}".encode(),
            "film.mp4": film,
        }
        return self.publish(slug, contents, frozenset({"film.mp4"}), name, **options)

    def publish(self, slug, contents, media=frozenset(), name="La Lune", author="Ada Martin"):
        self.now += timedelta(minutes=1)
        manifest = lesson(contents, media, name)
        file = (
            write_edpack(self.data / "lesson.edpack", manifest, opener(contents))
            or self.data / "lesson.edpack"
        )
        done = publish(Publication(self.id, slug, file, author, deltas=False), self.workplace, "", self.now)
        put(self.mirror, manifest.id, manifest.to_bytes())
        return done.index

    def take_away(self, slug):
        self.now += timedelta(minutes=1)
        return withdraw(self.id, slug, self.workplace, "", self.now)

    def offer(self, slug="la-lune", words="La Lune tourne.", **options):
        """Give a lesson and offer it to the academy; its index."""
        index = self.give(slug, words, **options)
        offers.offer(self.data, slug, index.version, self.id, int(self.now.timestamp()))
        return index

    def state(self, slug="la-lune"):
        found = offers.of_slug(self.data, slug)
        return None if found is None else found.state

    def api(self, address):
        return HubApi(address, self.data, self.signer, self.now)

    def push(self, address, **options):
        return push(self.data, self.id, self.api(address), **options)


def enrol(hub, school, name="college-moulin", authority="ac-test", label="Collège Moulin", state="accepted"):
    """Let the box of *school* in, as an officer's yes does."""
    key = keys.signer(school.writer).public_key
    row = {
        "local": school.id, "publisher": f"{authority}/{name}", "state": state, "authority": authority, "wanted": name,
        "label": label, "kind": "school", "school": label, "reason": "", "asked": 0, "decided": 0, "decided_by": "test",
        "address_class": "", "keyid": key.keyid, "key": key.keyval["public"], "counter": 0, "signature": "",
        "root_version": 1, "root_sha256": "", "roots": "[]", "epoch": 1,
    }  # fmt: skip
    # Whatever else the room of enrolment notes is of no weight here.
    empty = {
        column.name: "" if column.type.python_type is str else 0
        for column in boxes.columns
        if not column.nullable and column.name != "id"
    }
    values = empty | {name: value for name, value in row.items() if name in boxes.c}
    hub.database.change(lambda connection: connection.execute(insert(boxes).values(values)))


def record(hub, school, name="college-moulin", authority="ac-test", passphrase="secret", **changes):
    """Enter the school in the directory, as the authority's signature does."""
    from dataclasses import replace

    from edubox.publishing.country import release_directory
    from edubox.trust.directory import PREFIX, Directory
    from edubox.trust.fetch import FolderFetch
    from edubox.trust.record import record_name

    workplace = hub.workplace
    with workplace.repository(PREFIX):
        listed = Directory(FolderFetch(workplace.mirror))
        found = publisher.describe(FolderFetch(school.mirror), school.id, "Collège Moulin", "school")
        made = replace(found, id=f"{authority}/{name}", **changes)
        listed.enter(made, workplace.signer(f"authorities/{authority}", passphrase), hub.clock())
        release_directory(workplace, listed, {record_name(made.id): made.to_bytes()}, hub.clock())


def application(hub):
    """The API alone, with its errors in words."""
    app = Flask("intake")
    app.register_blueprint(api.blueprint(hub), url_prefix="/api/1")

    @app.errorhandler(EduboxError)
    def answer(error):
        said = {"error": error.code, "message": str(error)} | {
            key: value for key, value in error.details.items() if isinstance(value, int)
        }
        status = getattr(error, "status", 503 if error.exit_code == 4 else 400)
        headers = {"Retry-After": str(error.details["retry"])} if "retry" in error.details else {}
        return jsonify(said), status, headers

    return app


@contextmanager
def reachable(hub):
    with serving(application(hub), threads=4) as address:
        yield address


def work(hub, handlers=None):
    """Do every job that is due; what they were."""
    done = []
    while (job := queue.take(hub.database, "test", hub.now())) is not None:
        ({**WORKERS, **(handlers or {})})[job.kind](hub, job)
        queue.done(hub.database, job)
        done.append(job.kind)
    return done


__all__ = ["bundle_path", "settle_all"]
