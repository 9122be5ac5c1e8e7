"""What a school publishes itself: from the first minute, without a country in sight, and from one computer only."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edubox.box.accounts import first
from edubox.box.catalog import Catalogue
from edubox.box.own import identity, lessons
from edubox.box.own.show import forget_erased
from edubox.errors import NotFound, NotTrusted, OtherMachine
from edubox.settings import load_settings
from edubox.store.layout import metadata_path
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import ends, local_id
from tests.box.own.school import COMPUTER, Follower


def test_a_new_box_has_a_repository_named_by_its_first_root(school):
    own = school.own()
    root = (school.box / "mirror" / metadata_path(own.prefix, "root", 1)).read_bytes()
    assert own.id == local_id(root)
    assert (own.id[:6], len(own.id)) == ("local/", 32)
    assert own.epoch == 1
    assert school.own(school.new_box("other", COMPUTER)).id != own.id


def test_its_first_administrator_has_a_code_that_nobody_guesses(school):
    code = first.read(school.box)
    assert [len(group) for group in code.split("-")] == [4, 4, 4]
    assert not set(code) & set("01258OILZSBUV"), "nobody confuses its characters"
    assert code != first.read(school.new_box("other", COMPUTER))


def test_secrets_are_closed_to_other_users(school):
    loose = [
        path
        for path in (school.box / "keys").rglob("*")
        if path.stat().st_mode & 0o077 and path.name not in {"root.json", "desk.crt"}
    ]
    assert loose == []


def test_pupils_read_a_lesson_of_their_school_at_once_though_no_source_was_ever_there(school):
    assert school.publish("lune", "La lune") == 1
    assert school.reads() == {"lune": "La lune"}
    assert school.publish("lune", "La lune, corrigée") == 2
    assert school.reads() == {"lune": "La lune, corrigée"}


def test_a_withdrawn_lesson_leaves_the_pages_and_may_come_back(school):
    school.publish("lune", "La lune")
    lessons.withdraw(school.box, "lune", machine=COMPUTER, system=school.now)
    assert school.show() == ["lune"]
    assert school.reads() == {}
    assert school.publish("lune", "La lune") == 3


def test_an_erased_lesson_leaves_the_box_at_once_and_others_hear_of_it(school, tmp_path):
    school.publish("lune", "La lune")
    follower = Follower(tmp_path / "follower", school.own().id)
    assert follower.look(school.source(), school.now) == {"lune": 1}
    assert places(school.box, b"La lune")
    done = lessons.erase(school.box, "lune", machine=COMPUTER, system=school.now)
    forget_erased(school.box, load_settings(school.box / "box.toml"), Catalogue(school.box), done.erasure)
    assert school.reads() == {}
    assert places(school.box, b"La lune") == []
    assert follower.look(school.source(), school.now) == {"lune": 2}, "its withdrawal"


def test_what_a_box_without_a_clock_erases_is_signed_for_as_long_as_everything_else(school):
    school.publish("lune", "La lune")
    lessons.erase(school.box, "lune", machine=COMPUTER, system=datetime(1970, 1, 2, tzinfo=UTC))
    assert ends(FolderFetch(school.box / "mirror"), school.own().id) > school.now


def test_showing_again_changes_nothing(school):
    school.publish("lune", "La lune")
    assert school.show() == []


def test_another_box_follows_it(school, tmp_path):
    follower = Follower(tmp_path / "follower", school.own().id)
    assert follower.look(school.source(), school.now) == {}
    school.publish("lune", "La lune")
    assert follower.look(school.source(), school.now) == {"lune": 1}


def test_a_copied_card_shows_everything_and_publishes_nothing(school):
    school.publish("lune", "La lune")
    shutil.copytree(school.box, school.folder / "clone")
    before = files(school.folder / "clone" / "mirror")
    with pytest.raises(OtherMachine, match="edubox box resolve"):
        school.publish("mars", "Mars", school.folder / "clone", "board 9999")
    with pytest.raises(OtherMachine):
        lessons.withdraw(school.folder / "clone", "lune", machine="board 9999", system=school.now)
    assert files(school.folder / "clone" / "mirror") == before
    assert school.reads(school.folder / "clone") == {"lune": "La lune"}


def test_a_clone_that_claims_to_be_the_first_computer_lacks_the_key(school):
    own = school.own()
    value = replace(own, machine=identity.mark(own.id, "board 9999"))
    identity.write(school.box, value)
    with pytest.raises(OtherMachine):
        school.publish("mars", "Mars", computer="board 9999")


def test_old_signatures_are_renewed_before_they_end(school):
    school.publish("lune", "La lune")
    assert lessons.renew(school.box, machine=COMPUTER, system=school.now) is False
    school.later(days=201)
    assert lessons.renew(school.box, machine=COMPUTER, system=school.now) is True
    until = ends(FolderFetch(school.box / "mirror"), school.own().id)
    assert until - school.now > timedelta(days=399)
    assert school.show() == []


def test_a_computer_that_may_not_sign_renews_nothing_and_says_nothing(school):
    school.later(days=201)
    assert lessons.renew(school.box, machine="board 9999", system=school.now) is False
    for hurt in (
        school.box / "mirror" / metadata_path(school.own().prefix, "timestamp"),
        school.box / "keys" / "own.json",
    ):
        hurt.unlink()
        assert lessons.renew(school.box, machine=COMPUTER, system=school.now) is False


def test_the_school_s_lessons_are_shown_however_old_their_signatures_are(school):
    school.publish("lune", "La lune")
    (school.box / "box.db").unlink()
    school.later(days=1500)
    assert school.show() == ["lune"]
    assert school.reads() == {"lune": "La lune"}


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "[" * 70_000, '{"format":2}', '{"format":1,"id":"x"}']
)
def test_a_damaged_identity_is_an_error_in_words(school, text):
    (school.box / "keys" / "own.json").write_text(text)
    with pytest.raises(NotTrusted):
        school.publish("lune", "La lune")


def test_a_box_of_an_earlier_version_has_none_and_says_how_to_get_one(school):
    (school.box / "keys" / "own.json").unlink()
    with pytest.raises(NotFound, match="second-box"):
        school.publish("lune", "La lune")


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def places(folder, words):
    """The files below *folder* that hold *words*."""
    return [path for path in folder.rglob("*") if path.is_file() and words in path.read_bytes()]
