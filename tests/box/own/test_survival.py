"""A school's own lessons through everything that happens to a box: synchronisations, lack of room, a lost card."""

from __future__ import annotations

import contextlib
import shutil
from datetime import timedelta

import pytest

from edubox.box.catalog import Catalogue
from edubox.box.own import takeover
from edubox.errors import EduboxError
from edubox.settings import load_settings
from edubox.sync.fetching.sources import FolderSource
from edubox.sync.job import synchronise
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import describe
from tests.box.own.school import COMPUTER, FILM
from tests.sync.country import PUBLISHER, Box, Progress, text

NEW = "board 5678"


def sync(school, box=None, *sources, follow=(PUBLISHER,), **settings):
    data = box or school.box
    chosen = load_settings(data / "box.toml") | {"follow": list(follow), **settings}
    return synchronise(
        data, list(sources) or [FolderSource(school.country.mirror)], chosen, Catalogue(data), Progress(),
        system=school.now,
    )  # fmt: skip


def test_it_stays_beside_the_ministry_s_lessons_through_many_synchronisations(school):
    school.country.publish("mer", {"index.html": text(1, 5000)})
    school.publish("lune", "La lune")
    for number in range(3):
        school.country.now = school.now
        school.country.publish("mer", {"index.html": text(number, 5000)})
        sync(school)
        school.later(days=1)
    installed = {(one.publisher, one.slug) for one in Catalogue(school.box).installed()}
    assert installed == {(PUBLISHER, "mer"), (school.own().id, "lune")}
    assert school.publish("lune", "Corrigée") == 2
    sync(school)
    (tree,) = [
        school.box / "site" / one.manifest for one in Catalogue(school.box).installed() if one.slug == "lune"
    ]
    assert "Corrigée" in (tree / "index.html").read_text("utf-8")


def test_a_list_of_lessons_that_was_damaged_is_filled_again_with_it(school):
    school.publish("lune", "La lune")
    (school.box / "box.db").write_bytes(b"\0" * 9000)
    sync(school, follow=())
    assert school.reads() == {"lune": "La lune"}


def test_a_tree_that_was_lost_is_made_again_from_what_is_kept(school):
    school.publish("lune", "La lune")
    shutil.rmtree(school.box / "site")
    for path in (school.box / "mirror" / "objects").rglob("*"):
        if path.is_file() and path.stat().st_size < 10_000:
            path.unlink()
    sync(school, follow=())
    assert school.reads() == {"lune": "La lune"}


def test_a_card_without_room_for_others_never_costs_the_school_its_own(school):
    school.country.publish("mer", {"index.html": text(1, 50_000)})
    school.publish("lune", "La lune")
    with pytest.raises(EduboxError):
        sync(school, reserve_mb=10**9)
    assert school.reads() == {"lune": "La lune"}


def test_after_a_lost_card_the_next_synchronisation_brings_text_and_films_back(school):
    school.publish("lune", "La lune")
    school.publish("mars", "Mars")
    copy, own_id = school.source(), school.own().id
    new = school.new_box("new", NEW)
    takeover.rekey(new, own_id, school.code, [copy], machine=NEW, system=school.now)
    assert school.show(new) == []
    shutil.copytree(school.country.mirror / "directory", copy._root / "directory")
    sync(school, new, copy, follow=())
    assert school.reads(new) == {"lune": "La lune", "mars": "Mars"}


def test_old_signatures_of_its_own_do_not_keep_the_school_from_reading(school):
    school.publish("lune", "La lune")
    sync(school)
    shutil.rmtree(school.box / "site")
    school.later(days=900)
    with contextlib.suppress(EduboxError):
        sync(school)
    assert school.reads() == {"lune": "La lune"}


def test_a_second_box_goes_on_showing_the_first_one_s_lessons(school):
    school.publish("lune", "La lune")
    second = school.folder / "second"
    shutil.copytree(school.box, second)
    takeover.second_box(second, machine=NEW, system=school.now)
    school.publish("mars", "Mars", second, NEW)
    for _ in range(2):
        school.now += timedelta(days=2)
        sync(school, second, follow=())
    assert school.reads(second) == {"lune": "La lune", "mars": "Mars"}
    assert school.publish("x", "X", computer=COMPUTER) == 1


def test_a_box_that_follows_the_school_keeps_its_lessons_through_a_lost_card(school, tmp_path):
    """A whole follower, with its directory: the academy's record may name the first root or, later, the new one."""
    own_id, hub = school.own().id, school.country.mirror

    def spread(box, *, renewed: bool) -> None:
        for folder in ("publishers", "bundles", "objects"):
            if (box / "mirror" / folder).is_dir():
                shutil.copytree(box / "mirror" / folder, hub / folder, dirs_exist_ok=True)
        if renewed:
            school.country.now = follower.now = school.now
            school.country.enter(describe(FolderFetch(hub), own_id, "École", "school"))

    follower = Box(tmp_path / "follower", school.country)
    follower.settings = follower.settings | {"follow": [own_id]}
    school.publish("lune", "La lune")
    school.publish("mars", "Mars")
    spread(school.box, renewed=True)
    follower.sync()
    stick = school.source()
    shutil.rmtree(school.box)
    new = school.new_box("box", NEW)
    school.later(days=2)
    takeover.rekey(new, own_id, school.code, [stick], machine=NEW, system=school.now)
    spread(new, renewed=False)
    follower.sync()
    assert follower.lessons() == {f"{own_id}/lune": 1, f"{own_id}/mars": 1}
    school.publish("lune", "Corrigée", new, NEW)
    for renewed in (False, True):
        spread(new, renewed=renewed)
        follower.sync()
        assert follower.lessons() == {f"{own_id}/lune": 2, f"{own_id}/mars": 1}
    assert b"Corrig" in follower.read("lune", own_id)["index.html"]
    assert follower.read("mars", own_id)["film.mp4"] == FILM
