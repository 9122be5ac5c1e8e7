"""A teacher who gives a lesson while the box fetches waits for seconds: the synchronisation lets go, and goes on afterwards."""

from __future__ import annotations

import contextlib
import fcntl
import time
from datetime import UTC, datetime

from edubox.box import keeper as keepers
from edubox.box.accounts.person import TEACHER, Person
from edubox.box.keeper import ASKED, SYNC, Keeper
from edubox.box.library import Library
from edubox.box.own import identity
from edubox.box.school import classes
from edubox.box.setup import init
from edubox.box.site import Site
from edubox.box.teacher import drafts, versions
from edubox.box.teacher.desk_give import Giving
from edubox.box.teacher.versions import GIVE, Errand
from edubox.box.teacher.work import Bench
from edubox.settings import load_settings
from tests.box.test_keeper import Box, synchronising
from tests.sync.country import PUBLISHER, Country, film, text
from tests.sync.hub import hub

ADA = Person(7, "Ada", TEACHER)


def test_a_fetch_that_would_last_minutes_lets_go_at_once_and_the_lesson_is_there(tmp_path):
    country = Country(tmp_path / "country", now=datetime.now(UTC))
    country.publish(
        "lune", {"i.html": text(1, 4000), "film.mp4": film(1, 1_500_000)}, frozenset({"film.mp4"})
    )
    with hub(country) as url:
        _gives_while_it_fetches(country, url, tmp_path / "box")


def _gives_while_it_fetches(country, url, data):
    init(data, country.root, [PUBLISHER], [url], {"reserve_mb": 0, "rate_kbit": 64})
    settings = load_settings(data / "box.toml")
    site = Site(data, settings)
    giving = Giving(site, Bench())
    keeper = Keeper(data, settings)
    keeper.make_way(giving.busy)
    keeper.now()
    try:
        wait(
            keeper,
            lambda: keeper.state().running == SYNC and is_held(data),
            "a fetch that holds the box's folder",
        )
        slug = asked(site)
        began = time.monotonic()
        assert giving.start(slug)
        wait(keeper, lambda: not giving.busy(), "the end of the work")
        waited = time.monotonic() - began
        assert Library(data).lesson(f"{identity.own_id(data)}/{slug}") is not None
        assert versions.of_slug(site.school, slug).errand is None
        assert waited < keepers.PATIENCE + 30, (
            "as long as a child that does not listen may take, on a slow machine"
        )
        wait(keeper, lambda: keeper.state().running == SYNC, "the fetch that goes on")
    finally:
        keeper.end()
        site.bench.close()


def asked(site) -> str:
    """The slug of a lesson that Ada asked to give."""
    ident = drafts.create(site.data, ADA, "La lune").id
    source = site.data / "staging" / "one"
    source.write_text("<!doctype html><title>L</title><h1>La lune</h1>")
    drafts.add_file(site.data, ident, "lire.html", source)
    slug = versions.reserve(site.school, "La lune", ident, ADA)
    code = classes.make(site.school, "6e B")
    versions.ask(site.school, slug, Errand(GIVE, ADA.id, ADA.name, ident, (code,)))
    return slug


def wait(keeper, happened, what):
    deadline = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < deadline, f"no sign of {what}"
        keeper.tick()
        time.sleep(0.05)


def is_held(data) -> bool:
    """Whether somebody has the lock of the folder."""
    with contextlib.suppress(FileNotFoundError), (data / ".lock").open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_nothing_begins_while_somebody_waits_for_the_folder_and_a_fetch_is_told_to_stop(tmp_path):
    box, wanted = Box(tmp_path), []
    box.keeper.make_way(lambda: bool(wanted))
    child = synchronising(box)
    wanted.append(1)
    box.run(2)
    assert child.words[-1] == "stop"
    box.keeper.run(["courier", "export"])
    box.end()
    box.run(5)
    assert len(box.ran) == 1, "even what a page asked for waits"
    wanted.clear()
    box.run(2)
    assert box.keeper.state().running == ASKED
