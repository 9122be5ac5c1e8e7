"""Whose lessons a box keeps: its academy proposes, the school decides. Real boxes, a real hub's directory."""

from __future__ import annotations

import shutil

import pytest

from edubox.errors import BadInput, NotFound, NotTrusted
from edubox.hub import audit
from edubox.hub.enrol import offline_lists, proposing, status
from edubox.publishing.authority import proposals
from edubox.publishing.country import add_publisher, renew
from edubox.sync.carried.carry import metadata
from edubox.sync.carried.wants import want_of
from edubox.sync.following import current_proposal, followed, read_proposal
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from edubox.trust.follow_lists import FollowList, mark
from edubox.trust.named import read_named
from tests.cli.country import edubox, edubox_json
from tests.hub.conftest import PASSPHRASE
from tests.hub.enrol.test_box import School, accept_all
from tests.hub.enrol.test_box import address as address  # noqa: PLC0414 - a fixture
from tests.hub.enrol.test_box import today as today  # noqa: PLC0414 - a fixture
from tests.hub.enrol.world import NORTH, OFFICER, SOUTH, sign_all
from tests.hub.publications import publish

CHOICE, STARTER = "ac-test/choix", "ministry/starter"


@pytest.fixture
def lessons(hub, clock):
    """One lesson of the ministry, one of the academy."""
    publish(hub.data, "les-saisons", "Les saisons", clock())
    publish(hub.data, "la-lune", "La Lune", clock(), publisher=CHOICE)


@pytest.fixture
def school(tmp_path, hub, address, lessons):
    """A box that was taken in, and that follows nobody by itself."""
    made = School(tmp_path / "box", hub, address)
    made.settings["follow"] = []
    made.code()
    made.ask()
    accept_all(hub)
    sign_all(hub)
    made.ask()
    made.sync(address)
    assert made.state == "accepted"
    return made


def key_of(hub, authority=NORTH):
    return lambda: hub.workplace.signer(f"authorities/{authority}", PASSPHRASE)


def propose(hub, *lists, authority=NORTH, key=None):
    return proposing.propose(hub, authority, {"list": list(lists)}, key or key_of(hub), OFFICER)


def lessons_of(school):
    from edubox.box.catalog import Catalogue

    return sorted(f"{one.publisher}/{one.slug}" for one in Catalogue(school.data).installed())


def test_a_box_that_was_taken_in_keeps_what_its_academy_proposes(hub, school, address):
    assert lessons_of(school) == []
    assert propose(hub, {"publishers": [CHOICE, STARTER]})
    school.sync(address)
    assert lessons_of(school) == [f"{CHOICE}/la-lune", f"{STARTER}/les-saisons"]
    assert followed(school.data, school.settings) == [CHOICE, STARTER]


def test_what_is_proposed_no_more_stays_until_room_is_needed_and_gets_nothing_new(
    hub, school, address, clock
):
    propose(hub, {"publishers": [CHOICE, STARTER]})
    school.sync(address)
    assert propose(hub, {"publishers": [CHOICE]})
    publish(hub.data, "les-marees", "Les marées", clock())
    school.sync(address)
    assert lessons_of(school) == [f"{CHOICE}/la-lune", f"{STARTER}/les-saisons"]
    assert followed(school.data, school.settings) == [CHOICE]
    assert propose(hub), "an academy may propose nothing any more"
    assert not propose(hub)
    school.sync(address)
    assert followed(school.data, school.settings) == []
    assert lessons_of(school) == [f"{CHOICE}/la-lune", f"{STARTER}/les-saisons"]


def test_what_a_person_chose_here_wins(hub, school, address):
    propose(hub, {"publishers": [CHOICE, STARTER]})
    school.settings["unfollow"] = [STARTER]
    school.sync(address)
    assert lessons_of(school) == [f"{CHOICE}/la-lune"]
    propose(hub)
    school.settings |= {"follow": [STARTER], "unfollow": []}
    school.sync(address)
    assert f"{STARTER}/les-saisons" in lessons_of(school)
    assert followed(school.data, school.settings) == [STARTER]


def test_dropping_counts_at_once_and_without_a_line(hub, school, address):
    propose(hub, {"publishers": [CHOICE, STARTER]})
    school.sync(address)
    assert followed(school.data, school.settings | {"unfollow": [CHOICE]}) == [STARTER]


def test_a_list_for_other_levels_or_kinds_is_not_for_this_school(hub, school, address):
    propose(hub, {"publishers": [CHOICE], "levels": ["l"]}, {"publishers": [STARTER], "kinds": ["ministry"]})
    school.settings["levels"] = ["other"]
    school.sync(address)
    assert lessons_of(school) == []
    school.settings["levels"] = [" L."]
    school.sync(address)
    assert lessons_of(school) == [f"{CHOICE}/la-lune"], "as the country calls it, or by its id"


def test_a_box_that_nobody_took_in_or_that_was_suspended_is_proposed_nothing(hub, school, address, tmp_path):
    propose(hub, {"publishers": [CHOICE]})
    stranger = School(tmp_path / "stranger", hub, address, "Collège Moulin bis")
    stranger.settings["follow"] = []
    stranger.sync(address)
    assert lessons_of(stranger) == []
    school.sync(address)
    assert current_proposal(school.data).publishers == (CHOICE,)
    status.suspend(hub, "ac-test/moulin", OFFICER, "volé")
    sign_all(hub)
    school.sync(address)
    assert school.state == "suspended"
    assert followed(school.data, school.settings) == []


def test_lists_of_another_academy_say_nothing_to_it_and_a_box_that_moves_gets_the_new_ones(
    hub, school, address
):
    propose(hub, {"publishers": [CHOICE]})
    propose(hub, {"publishers": [STARTER]}, authority=SOUTH, key=key_of(hub, SOUTH))
    school.sync(address)
    assert lessons_of(school) == [f"{CHOICE}/la-lune"]
    status.move(hub, "ac-test/moulin", "ac-sud/moulin", OFFICER)
    sign_all(hub, SOUTH)
    sign_all(hub)
    for _ in range(2):
        school.sync(address)
    assert followed(school.data, school.settings) == [STARTER]
    assert f"{STARTER}/les-saisons" in lessons_of(school)


def test_lists_of_a_format_of_the_future_leave_all_as_it_was(hub, school, address, clock):
    """A newer hub; this box goes on with what was proposed before, and synchronises as always."""
    propose(hub, {"publishers": [CHOICE]})
    school.sync(address)
    from edubox.publishing.country import release_directory
    from edubox.trust.follow_lists import lists_name

    with hub.workplace.repository("directory"):
        listed = Directory(FolderFetch(hub.mirror))
        data = b'{"format":2,"lists":[]}'
        listed.propose(NORTH, data, key_of(hub)(), clock())
        release_directory(hub.workplace, listed, {lists_name(NORTH): data}, clock())
    publish(hub.data, "les-marees", "Les marées", clock(), publisher=CHOICE)
    school.sync(address)
    assert lessons_of(school) == [f"{CHOICE}/la-lune", f"{CHOICE}/les-marees"]


def test_a_publisher_that_is_proposed_and_gone_stops_nothing(hub, school, address, clock):
    """It was suspended since; or a mirror is older. The rest arrives, and no error is told."""
    add_publisher(hub.data, "ac-test/autre", "Autre", PASSPHRASE, clock(), "academy")
    propose(hub, {"publishers": ["ac-test/autre", CHOICE]})
    status.suspend(hub, "ac-test/autre", OFFICER)
    sign_all(hub)
    school.sync(address)
    assert lessons_of(school) == [f"{CHOICE}/la-lune"]


def test_a_stick_from_another_school_brings_the_proposal_too(hub, school, address, tmp_path):
    """No line at all: the lists travel with the directory."""
    propose(hub, {"publishers": [CHOICE]})
    shutil.copytree(hub.mirror, tmp_path / "stick", ignore=shutil.ignore_patterns(".staging"))
    school.sync(tmp_path / "stick")
    assert lessons_of(school) == [f"{CHOICE}/la-lune"]


def test_sticks_and_couriers_carry_what_academies_propose(hub, school, address):
    """Also those of a box that follows nobody of that academy: there may be another school on the way."""
    propose(hub, {"publishers": [STARTER]})
    school.sync(address)
    carried = metadata(read_named(school.data / "mirror", "directory"), [STARTER])
    assert [one.path for one in carried if one.path.endswith(".follow--lists.json")]
    assert not [one.path for one in carried if one.path.endswith(".moulin.json")], "of 60,000 schools not one"


def test_what_is_proposed_is_on_the_want_list(hub, school, address):
    from edubox.box.catalog import Catalogue

    propose(hub, {"publishers": [CHOICE]})
    school.sync(address)
    assert want_of(
        school.data, Catalogue(school.data), "edubox-1a2b3c", school.settings | {"name": "x"}
    ).follow == (CHOICE,)


def test_a_note_that_is_damaged_is_no_proposal_and_no_error(hub, school, address):
    propose(hub, {"publishers": [CHOICE]})
    school.sync(address)
    for text in ("", "[]", '{"format": 1, "authority": "ac-test", "publishers": ["../x"]}', '{"format": 2}'):
        (school.data / "proposed.json").write_text(text)
        assert read_proposal(school.data).publishers == ()
    school.sync(address)
    assert current_proposal(school.data).publishers == (CHOICE,)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        ({"publishers": ["ac-test/nobody"]}, "no active publisher"),
        ({"publishers": [CHOICE], "levels": ["zz"]}, "no level 'zz'"),
        ({"publishers": [CHOICE], "kinds": ["zz"]}, "no kind 'zz'"),
        ({"publishers": CHOICE}, "must be a list"),
        ({"publishers": []}, "not valid"),
        ({"publishers": [CHOICE], "schools": []}, "nothing else"),
    ],
)
def test_an_officer_is_told_what_is_wrong_with_a_list(hub, today, one, said):
    with pytest.raises(BadInput, match=said):
        propose(hub, one)
    assert Directory(FolderFetch(hub.mirror)).follow_lists(NORTH) is None


@pytest.mark.parametrize(
    ("before", "new"),
    [
        ([], [CHOICE, STARTER]),
        ([FollowList((CHOICE,))], [STARTER]),
        ([FollowList((CHOICE,), ("l", "m"), ("school",))], [STARTER]),
        ([FollowList((CHOICE,), ("m",)), FollowList((STARTER,), (), ("ministry",))], [CHOICE, STARTER]),
    ],
)
def test_what_is_new_to_boxes_is_what_not_all_of_them_have_by_another_list(before, new):
    assert proposing.new_to_boxes(FollowList((CHOICE, STARTER), ("l",), ("school",)), before) == new


def test_how_much_is_proposed_is_what_travels_of_the_collections_current_lessons(hub, lessons, clock):
    long, film = "La Lune, pleine" * 9999, b"film" * 5000
    moon = publish(hub.data, "la-lune", long, clock(), publisher=CHOICE, film=film).index.full.size + len(
        film
    )
    seasons = publish(hub.data, "les-saisons", "Les saisons, encore", clock()).index.full.size
    assert proposing.weight(hub.mirror, [CHOICE]) == (1, moon)
    assert proposing.weight(hub.mirror, [CHOICE, STARTER]) == (2, moon + seasons)
    assert proposing.weight(hub.mirror, ["ac-test/nobody"]) == (0, 0)


def test_only_the_academys_own_key_proposes(hub, today):
    with pytest.raises(NotTrusted, match="does not sign for ac-test"):
        propose(hub, {"publishers": [CHOICE]}, key=key_of(hub, SOUTH))
    with pytest.raises(NotFound):
        propose(hub, {"publishers": [CHOICE]}, authority="ac-nulle-part")


def test_an_officer_proposes_with_a_command(hub, tmp_path, clock, engine, monkeypatch):
    from datetime import UTC, datetime

    renew(hub.data, datetime.now(UTC))
    (tmp_path / "lists.toml").write_text(f'[[list]]\npublishers = ["{CHOICE}"]\nlevels = ["l"]\n')
    more = {"EDUBOX_PASSPHRASE": PASSPHRASE} | engine.environment
    line = ("academy", "follow", "--data", hub.data, "--authority", NORTH)
    assert "proposes nothing" in edubox(*line, **more).stdout
    done = edubox_json(*line, "--lists", tmp_path / "lists.toml", **more)
    assert done == {
        "authority": NORTH,
        "changed": True,
        "mark": mark([FollowList((CHOICE,), ("l",))]),
        "lists": [{"publishers": [CHOICE], "levels": ["l"], "kinds": []}],
    }
    assert f"{CHOICE} – for levels l" in edubox(*line, **more).stdout
    with hub.database.read() as connection:
        (written,) = [one for one in audit.every(connection) if one.action == "follow.set"]
    assert (written.subject, written.detail) == (NORTH, CHOICE)


def test_lists_that_another_key_signed_or_that_were_overtaken_are_not_published(hub, clock):
    """Signed on a computer without a line; meanwhile somebody at the hub signs another change with the same key."""
    described = {"list": [{"publishers": [CHOICE]}]}
    taken = offline_lists.read(offline_lists.export(hub, NORTH, described))
    with pytest.raises(NotTrusted, match="does not sign for ac-test"):
        offline_lists.sign(taken, key_of(hub, SOUTH)(), clock())
    clock.forward(minutes=5)
    signed = offline_lists.sign(taken, key_of(hub)(), clock())
    clock.forward(minutes=5)
    propose(hub, {"publishers": [STARTER]})
    with pytest.raises(BadInput, match="export it again"):
        offline_lists.bring(hub, signed, OFFICER)
    assert proposals(hub.data, NORTH) == (FollowList((STARTER,)),)
    propose(hub, {"publishers": [CHOICE]})
    with pytest.raises(BadInput, match="already"):
        offline_lists.export(hub, NORTH, described)


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b'{"format":1,"kind":"edubox follow lists"}'])
def test_what_holds_no_lists_is_refused(data):
    with pytest.raises(BadInput):
        offline_lists.read(data)
