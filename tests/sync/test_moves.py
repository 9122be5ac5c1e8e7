"""Publishers that move, are suspended or begin anew: boxes go on, and no lesson goes back a version."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from edubox.box.catalog import Catalogue
from edubox.errors import NotTrusted, Rollback
from edubox.sync import moves
from edubox.sync.carried.exchange import exchange, prepare
from edubox.sync.carried.fill import fill as prepare_again
from edubox.sync.carried.stick import FOLDER
from edubox.sync.urgent import ask, read_urgent
from edubox.trust import keys, publisher
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from tests.sync.country import PUBLISHER, Box, Country, Progress, older_copy, text

NEW, THIRD = "lille/test", "paris/test"


class RealBox(Box):
    """A box with the real database."""

    @property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.data)


@pytest.fixture
def country(tmp_path):
    country = Country(tmp_path / "country")
    country.publish("a", {"index.html": text(1, 3000)})
    return country


@pytest.fixture(params=[Box, RealBox])
def box(request, country, tmp_path):
    box = request.param(tmp_path / "box", country)
    box.sync()
    return box


def record(country, name):
    return Directory(FolderFetch(country.mirror)).record(name)


def arrive(country, old, new, *, agreed=True):
    """The record of *new*, whose repository is a copy of *old*'s."""
    shutil.copytree(country.mirror / publisher.prefix(old), country.mirror / publisher.prefix(new))
    for known in (country.writers, country.roots):
        known[new] = known[old]
    country.versions |= {f"{new}/a": country.versions[f"{old}/a"]}
    described = publisher.describe(FolderFetch(country.mirror), new, f"Label of {new}", "academy")
    country.enter(replace(described, moved_from=old if agreed else None))


def leave(country, old, new):
    country.enter(replace(record(country, old), status="moved", moved_to=new))


def move(country, old, new):
    arrive(country, old, new)
    leave(country, old, new)
    shutil.rmtree(country.mirror / publisher.prefix(old))


def test_when_a_publisher_was_last_fresh_counts_under_its_new_name_though_no_lesson_of_it_is_there(
    country, box
):
    country.sign(
        "a.json",
        replace(
            country.versions[f"{PUBLISHER}/a"][0],
            version=2,
            withdrawn=True,
            manifest="",
            manifest_size=0,
            size=0,
            bundles=(),
        ).to_bytes(),
    )
    box.sync()
    assert box.lessons() == {}
    fresh = box.catalogue.last_fresh(publisher.prefix(PUBLISHER))
    move(country, PUBLISHER, NEW)
    box.sync()
    assert fresh is not None
    assert box.catalogue.last_fresh(publisher.prefix(PUBLISHER)) is None
    assert box.catalogue.last_fresh(publisher.prefix(NEW)) >= fresh


def test_a_box_follows_a_publisher_that_moved_and_its_lessons_keep_their_versions(country, box):
    move(country, PUBLISHER, NEW)
    assert box.sync().bytes < 40_000
    assert box.lessons() == {f"{NEW}/a": 1}
    country.publish("a", {"index.html": text(2, 3000)}, author=NEW)
    box.sync()
    assert box.lessons() == {f"{NEW}/a": 2}
    assert box.read("a", NEW) == {"index.html": text(2, 3000)}
    assert not (box.data / "mirror" / publisher.prefix(PUBLISHER)).exists()


def test_what_somebody_needs_tomorrow_still_comes_first_under_the_new_name(country, box):
    ask(box.data, f"{PUBLISHER}/a")
    ask(box.data, f"{PUBLISHER}s/a")
    country.publish("b", {"index.html": text(2, 3000)})
    move(country, PUBLISHER, NEW)
    box.sync()
    assert read_urgent(box.data) == [f"{PUBLISHER}s/a", f"{NEW}/a"]


def test_a_box_without_a_line_follows_a_move_from_a_stick_and_its_want_list_is_understood(
    country, box, tmp_path
):
    move(country, PUBLISHER, NEW)
    move(country, NEW, THIRD)
    country.publish("a", {"index.html": text(2, 3000)}, author=THIRD)
    stick = tmp_path / "stick"
    stick.mkdir()
    prepare(stick, country.root, country.mirror, Progress())
    box.sync(stick / FOLDER)
    assert box.lessons() == {f"{THIRD}/a": 2}
    country.publish("b", {"index.html": text(3, 3000)}, author=THIRD)
    exchange(box.data, stick, "box", box.settings | {"name": "Une école"}, box.catalogue, Progress())
    prepare_again(stick, country.root, country.mirror, Progress())
    box.sync(stick / FOLDER)
    assert box.lessons() == {f"{THIRD}/a": 2, f"{THIRD}/b": 1}


def test_three_moves_while_a_box_was_away_are_followed_and_a_circle_is_not(country, box):
    move(country, PUBLISHER, NEW)
    move(country, NEW, THIRD)
    box.sync()
    assert box.lessons() == {f"{THIRD}/a": 1}
    leave(country, THIRD, PUBLISHER)
    box.sync()
    assert box.lessons() == {f"{THIRD}/a": 1}


def test_an_authority_cannot_take_a_publisher_from_another_one(country, box):
    arrive(country, PUBLISHER, NEW)
    country.publish("a", {"index.html": text(9, 3000)}, author=NEW)
    box.sync()
    assert box.lessons() == {f"{PUBLISHER}/a": 1}


def test_an_authority_cannot_send_a_publisher_where_nobody_received_it(country, box):
    arrive(country, PUBLISHER, NEW, agreed=False)
    leave(country, PUBLISHER, NEW)
    country.publish("a", {"index.html": text(9, 3000)}, author=NEW)
    box.sync()
    leave(country, PUBLISHER, "lille/nobody")
    box.sync()
    assert box.lessons() == {f"{PUBLISHER}/a": 1}
    assert any("moved" in sentence for sentence in box.progress.said)


def test_older_signatures_are_refused_under_the_new_name_too(country, box, tmp_path):
    yesterday = older_copy(country, tmp_path / "yesterday")
    country.publish("a", {"index.html": text(2, 3000)})
    box.sync()
    arrive(country, PUBLISHER, NEW)
    leave(country, PUBLISHER, NEW)
    target = country.mirror / publisher.prefix(NEW)
    shutil.rmtree(target)
    shutil.copytree(yesterday / publisher.prefix(PUBLISHER), target)
    with pytest.raises(Rollback, match="metadata"):
        box.sync()
    assert box.lessons() == {f"{NEW}/a": 2}


@pytest.mark.parametrize("step", ["sync_folder", "carry_over", "Catalogue.moved"])
def test_a_move_that_was_cut_goes_on_in_the_next_run(country, box, step, monkeypatch):
    move(country, PUBLISHER, NEW)

    def cut(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if step == "Catalogue.moved":
            patch.setattr(type(box.catalogue), "moved", cut)
        else:
            patch.setattr(moves, step, cut)
        with pytest.raises(KeyboardInterrupt):
            box.sync()
    box.sync()
    assert box.lessons() == {f"{NEW}/a": 1}


def test_a_box_that_followed_both_names_keeps_the_newer_of_each_lesson(country, box):
    arrive(country, PUBLISHER, NEW)
    country.publish("a", {"index.html": text(2, 3000)}, author=NEW)
    box.settings["follow"] = [PUBLISHER, NEW]
    box.sync()
    assert box.lessons() == {f"{PUBLISHER}/a": 1, f"{NEW}/a": 2}
    leave(country, PUBLISHER, NEW)
    box.sync()
    assert box.lessons() == {f"{NEW}/a": 2}


def test_nothing_new_comes_from_a_suspended_publisher_and_what_is_there_stays(country, box):
    known = record(country, PUBLISHER)
    country.enter(replace(known, status="suspended"))
    country.publish("b", {"index.html": text(3, 3000)})
    box.sync()
    assert box.lessons() == {f"{PUBLISHER}/a": 1}
    country.enter(known)
    box.sync()
    assert box.lessons() == {f"{PUBLISHER}/a": 1, f"{PUBLISHER}/b": 1}


# --- a lost card: the publisher begins anew ----------------------------------------------------------------


def begin_anew(country, epoch):
    """Another root 1 in the place of the publisher's, as after a lost card without a recovery code."""
    shutil.rmtree(country.mirror / publisher.prefix(PUBLISHER))
    country.writers[PUBLISHER], country.roots[PUBLISHER] = (keys.signer(keys.generate()) for _ in range(2))
    country.write(
        publisher.create(
            PUBLISHER, "ministry", country.roots[PUBLISHER], country.writers[PUBLISHER], country.now
        )
    )
    described = publisher.describe(FolderFetch(country.mirror), PUBLISHER, "Label", "ministry")
    country.enter(replace(described, epoch=epoch))


def test_a_publisher_that_lost_its_keys_begins_anew_and_its_lessons_go_on_upwards(country, box):
    country.publish("a", {"index.html": text(2, 3000)})
    box.sync()
    begin_anew(country, epoch=2)
    country.publish("a", {"index.html": text(3, 3000)}, version=3)
    box.sync()
    assert box.lessons() == {f"{PUBLISHER}/a": 3}
    assert box.read("a") == {"index.html": text(3, 3000)}
    box.sync()
    country.publish("a", {"index.html": text(4, 3000)}, version=4)
    box.sync()
    assert box.lessons() == {f"{PUBLISHER}/a": 4}


def test_a_lesson_goes_back_no_version_when_its_publisher_begins_anew(country, box):
    country.publish("a", {"index.html": text(2, 3000)})
    box.sync()
    begin_anew(country, epoch=2)
    country.versions.clear()
    country.publish("a", {"index.html": text(3, 3000)}, version=1)
    with pytest.raises(Rollback):
        box.sync()
    assert box.lessons() == {f"{PUBLISHER}/a": 2}


def test_another_root_without_a_higher_epoch_is_a_fork_and_refused(country, box):
    begin_anew(country, epoch=1)
    country.publish("a", {"index.html": text(3, 3000)}, version=3)
    with pytest.raises(NotTrusted):
        box.sync()
    assert box.lessons() == {f"{PUBLISHER}/a": 1}


def test_an_epoch_never_goes_back(country, box):
    begin_anew(country, epoch=3)
    country.publish("a", {"index.html": text(3, 3000)}, version=3)
    box.sync()
    begin_anew(country, epoch=2)
    country.publish("a", {"index.html": text(4, 3000)}, version=4)
    with pytest.raises(Rollback):
        box.sync()
    assert box.lessons() == {f"{PUBLISHER}/a": 3}


def test_a_cut_while_a_publisher_begins_anew_costs_nothing(country, box):
    begin_anew(country, epoch=2)
    country.publish("a", {"index.html": text(3, 3000)}, version=3)

    class Cut:
        name, kind, received, requests = "cut", "folder", 0, 0

        def read(self, path, limit):
            if path.startswith("publishers/"):
                raise KeyboardInterrupt
            return FolderFetch(country.mirror).read(path, limit)

    with pytest.raises(KeyboardInterrupt):
        box.sync(Cut())
    box.sync()
    assert box.lessons() == {f"{PUBLISHER}/a": 3}


@pytest.mark.parametrize("knows_the_first", [True, False])
def test_an_authority_that_pins_a_forged_old_root_is_refused(country, box, tmp_path, knows_the_first):
    held, root = (country.roots[PUBLISHER], country.writers[PUBLISHER]), keys.signer(keys.generate())
    country.write(
        publisher.rotate(FolderFetch(country.mirror), PUBLISHER, held, (root, held[1]), country.now)
    )
    country.enter(publisher.describe(FolderFetch(country.mirror), PUBLISHER, "Label", "ministry"))
    if not knows_the_first:
        box = Box(tmp_path / "later", country)
    box.sync()
    shutil.rmtree(country.mirror / publisher.prefix(PUBLISHER))
    country.roots[PUBLISHER], country.writers[PUBLISHER] = (keys.signer(keys.generate()) for _ in range(2))
    country.write(
        publisher.create(
            PUBLISHER, "ministry", country.roots[PUBLISHER], country.writers[PUBLISHER], country.now
        )
    )
    country.enter(publisher.describe(FolderFetch(country.mirror), PUBLISHER, "Label", "ministry"))
    country.publish("a", {"index.html": text(3, 3000)}, version=3)
    with pytest.raises(NotTrusted):
        box.sync()
    assert box.lessons() == {f"{PUBLISHER}/a": 1}
