"""The way of a lesson from one school to another, with real processes: enrol, offer, accept, receive, read."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime

import pytest

from edubox.hub.hub import open_hub
from edubox.hub.review import accept, arrivals, looking
from edubox.hub.work import work
from edubox.publishing.country import add_publisher, create
from edubox.sync import offers
from edubox.sync.own import own_publisher
from edubox.trust.codes import new_code
from tests.cli.country import edubox, edubox_json, free_port, serving, write_lesson
from tests.hub.conftest import COUNTRY_FILE
from tests.hub.enrol.world import table

PASSPHRASE = "secret"
#: Seconds that a hub may take to end: a worker may just publish.
ENDING = 300
ACADEMY, COLLECTION = "ac-test", "ac-test/choix"


@pytest.fixture
def country(tmp_path):
    folder, now = tmp_path / "country", datetime.now(UTC)
    create(folder, "Testland", COUNTRY_FILE, PASSPHRASE, now)
    add_publisher(folder, COLLECTION, "Académie d'essai", PASSPHRASE, now, "academy")
    return folder


@contextlib.contextmanager
def hub_of(country, engine):
    """Its address, and the hub as whoever works there has it."""
    engine.configure(country)
    line = [
        "hub",
        "serve",
        "--data",
        country,
        "--port",
        0,
        "--desk-port",
        0,
        "--review-port",
        0,
        "--listen",
        "127.0.0.1",
    ]
    child = subprocess.Popen(
        [sys.executable, "-m", "edubox", *map(str, line)], env=os.environ | engine.environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        address = child.stdout.readline().split()[-1]
        hub = open_hub(country)
        try:
            yield address, hub
        finally:
            hub.close()
    finally:
        child.send_signal(signal.SIGTERM)
        # It lets its workers finish what they do.
        said = child.communicate(timeout=ENDING)[1]
        assert child.returncode == 0, said
        assert "Traceback" not in said, said


def box(folder, name, address, country, *follow):
    follows = [word for one in follow for word in ("--follow", one)]
    root = country / "mirror" / "directory" / "metadata" / "1.root.json"
    edubox(
        "box",
        "init",
        "--data",
        folder / name,
        "--country",
        root,
        "--from",
        address,
        "--name",
        f"Collège {name}",
        *follows,
    )
    return folder / name


def enrol(hub, folder, data, environment):
    """A code on the school's sheet, an officer's yes, the academy's signature."""
    code = new_code()
    (folder / "codes.csv").write_bytes(table([("Collège A", "", code)]))
    secret = {"EDUBOX_PASSPHRASE": PASSPHRASE} | environment
    edubox(
        "academy",
        "codes",
        "import",
        folder / "codes.csv",
        "--data",
        hub.data,
        "--authority",
        ACADEMY,
        **environment,
    )
    assert edubox_json("enrol", "--data", data, "--code", code)["state"] == "asked"
    (asked,) = edubox_json("academy", "list", "--data", hub.data, **environment)["asked"]
    (made,) = edubox_json("academy", "accept", asked["request"], "--data", hub.data, **environment)[
        "accepted"
    ]
    edubox("academy", "sign", "--data", hub.data, "--yes", **secret)
    # By itself it asks again within six hours; the person beside it asks now.
    assert edubox_json("enrol", "--data", data)["state"] in {"promised", "accepted"}
    edubox("sync", "--data", data, "--paced", check=None)
    assert edubox_json("enrol", "--data", data, "--status")["state"] == "accepted"
    return made


def do_jobs(hub):
    """What the hub's workers do; they may be at it already."""
    deadline = time.monotonic() + 300
    while True:
        work(hub)
        with hub.database.read() as connection:
            if found := arrivals.listed(connection):
                return found
        assert time.monotonic() < deadline, "nothing arrived"
        time.sleep(0.1)


def test_a_lesson_of_one_school_is_read_in_another(tmp_path, country, engine):
    with hub_of(country, engine) as (address, hub):
        first = box(tmp_path, "A", address, country)
        school = enrol(hub, tmp_path, first, engine.environment)
        assert school.startswith(f"{ACADEMY}/")

        # A teacher gives a lesson to the class, and offers it.
        lesson = write_lesson(tmp_path / "lesson", index="<p>La Lune est à 384 400 kilomètres.")
        (lesson / "film.mp4").write_bytes(bytes(range(256)) * 2000)
        edubox("pack", "build", lesson, "-o", tmp_path / "l.edpack", "--title", "La Lune", "--language", "fr")
        given = edubox_json(
            "box",
            "publish",
            tmp_path / "l.edpack",
            "--data",
            first,
            "--slug",
            "la-lune",
            "--author",
            "Ada Martin",
        )
        offers.offer(first, "la-lune", given["version"], own_publisher(first), int(time.time()))

        # The box's ordinary synchronisation takes it along.
        edubox("sync", "--data", first, "--paced")
        assert offers.of_slug(first, "la-lune").state == "received"

        # A reviewer reads what the checks say, and accepts it; whoever has the key publishes.
        (one,) = do_jobs(hub)
        assert (one.publisher, one.name, one.author) == (school, "La Lune", "Ada Martin")
        with hub.database.read() as connection:
            assert isinstance(looking.notices(connection, one.id), list)
        hub.database.change(
            lambda connection: arrivals.assign(connection, one.id, "marie", "marie", hub.now())
        )
        accept.accept(hub, one.id, "marie", COLLECTION, words="Bravo !")
        edubox("hub", "publish", "--data", country, EDUBOX_PASSPHRASE=PASSPHRASE, **engine.environment)

        # The teacher hears it.
        edubox("push", "--data", first)
        said = offers.of_slug(first, "la-lune")
        assert (said.state, said.comments) == ("accepted", ("Bravo !",))

        # Another school follows the academy's collection.
        second = box(tmp_path, "B", address, country, COLLECTION)
        report = edubox_json("sync", "--data", second)
        assert [(got["pack"], got["state"]) for got in report["packs"]] == [
            (f"{COLLECTION}/la-lune", "ready")
        ]
        manifest = one.manifest
    # The hub is gone; the class reads.
    pages, lessons, desk = free_port(), free_port(), free_port()
    with serving(
        "box", "serve", "--data", second, "--port", pages, "--lesson-port", lessons, "--desk-port", desk,
        "--listen", "127.0.0.1", port=pages,
    ):  # fmt: skip
        assert "La Lune" in read(f"http://127.0.0.1:{pages}/fr/")
        assert "384 400 kilomètres" in read(f"http://127.0.0.1:{lessons}/c/{manifest}/index.html")
    index = next((second / "mirror" / "publishers" / "ac-test" / "choix" / "targets").glob("*.la-lune.json"))
    told = json.loads(index.read_bytes())
    assert (told["author"], told["source"]) == (f"Ada Martin, {one.label}", f"{school}/la-lune")


def read(address):
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read().decode()
