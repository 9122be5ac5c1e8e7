"""After a bad day the school goes on: the same lessons, versions that only rise, and one computer that writes them."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from edubox.box.accounts import first
from edubox.box.own import identity, lessons, takeover
from edubox.errors import (
    BadIdentifier,
    BadRecoveryCode,
    HashMismatch,
    NotFound,
    NotTrusted,
    OtherMachine,
    RestoredBackup,
    Unreachable,
    WrongRecoveryCode,
)
from edubox.publishing import workplace
from edubox.store import platform
from edubox.store.layout import metadata_path
from edubox.sync.fetching.sources import FolderSource
from tests.box.own.school import COMPUTER, Follower

NEW = "board 5678"


def test_a_replaced_card_goes_on_and_the_old_one_can_sign_nothing_more(school, tmp_path):
    school.publish("lune", "La lune")
    follower = Follower(tmp_path / "follower", school.own().id)
    follower.look(school.source(), school.now)
    old = school.folder / "old"
    shutil.copytree(school.box, old)
    taken = takeover.replaced_card(school.box, school.code.lower(), [], machine=NEW, system=school.now)
    assert (taken.own.id, taken.own.epoch, taken.unanswered) == (school.own(old).id, 2, {})
    assert follower.look(school.source(), school.now) == {"lune": 1}
    assert school.publish("lune", "Corrigée", computer=NEW) == 2
    assert follower.look(school.source(), school.now) == {"lune": 2}
    school.publish("mars", "Mars", old)  # the old computer still runs
    with pytest.raises(NotTrusted):
        follower.look(school.source(old), school.now)
    assert follower.look(school.source(), school.now) == {"lune": 2}


def test_a_lost_card_without_a_backup_only_needs_the_sheet_and_any_copy(school, tmp_path):
    school.publish("lune", "La lune")
    school.publish("mars", "Mars")
    school.publish("mars", "Mars, corrigée")
    copy, own_id = school.source(), school.own().id
    follower = Follower(tmp_path / "follower", own_id)
    follower.look(copy, school.now)
    new = school.new_box("new", NEW)
    school.later(days=3)
    taken = takeover.rekey(new, own_id, school.code, [copy], machine=NEW, system=school.now)
    assert (taken.own.id, taken.own.epoch) == (own_id, 2)
    assert identity.unprinted_code(new, taken.own) is None
    assert not (new / "keys" / "recovery-code").exists(), "the code of the identity that was given up"
    assert follower.look(school.source(new), school.now) == {"lune": 1, "mars": 2}
    shutil.copytree(school.box / "mirror" / "bundles", new / "mirror" / "bundles")
    shutil.copytree(school.box / "mirror" / "objects", new / "mirror" / "objects")
    assert school.publish("mars", "Mars, encore", new, NEW) == 3
    assert follower.look(school.source(new), school.now) == {"lune": 1, "mars": 3}
    assert school.reads(new) == {"lune": "La lune", "mars": "Mars, encore"}


def test_a_key_can_be_replaced_again_and_again(school, tmp_path):
    school.publish("lune", "La lune")
    follower = Follower(tmp_path / "follower", school.own().id)
    for number in range(2, 6):
        name = f"board {number}"
        taken = takeover.replaced_card(school.box, school.code, [], machine=name, system=school.now)
        assert taken.own.epoch == number
        assert school.publish("lune", f"{number}", computer=name) == number
        if number % 2:
            assert follower.look(school.source(), school.now) == {"lune": number}


def test_two_years_in_a_drawer_are_no_obstacle(school):
    school.publish("lune", "La lune")
    copy, own_id = school.source(), school.own().id
    school.later(days=800)
    new = school.new_box("new", NEW)
    takeover.rekey(new, own_id, school.code, [copy], machine=NEW, system=school.now)
    assert school.publish("mars", "Mars", new, NEW) == 1


def test_what_mirrors_have_is_taken_before_a_version_is_given_again(school, tmp_path):
    school.publish("lune", "La lune")
    old = school.folder / "old"
    shutil.copytree(school.box, old)
    school.publish("lune", "Corrigée")
    school.publish("mars", "Mars")
    newer = school.source()
    follower = Follower(tmp_path / "follower", school.own().id)
    follower.look(newer, school.now)
    takeover.replaced_card(old, school.code, [newer], machine=NEW, system=school.now)
    assert school.publish("mars", "Mars, encore", old, NEW) == 2
    assert follower.look(school.source(old), school.now) == {"lune": 2, "mars": 2}


def test_every_source_is_asked_and_the_newest_wins_whatever_the_order(school):
    sources = []
    for number in range(3):
        school.publish("lune", f"{number}")
        sources.append(school.source())
    old = school.folder / "old"
    for order in (sources[::-1], [sources[1], sources[2], sources[0]]):
        shutil.rmtree(old, ignore_errors=True)
        new = school.new_box("old", NEW)
        takeover.rekey(new, school.own().id, school.code, order, machine=NEW, system=school.now)
        shutil.copytree(school.box / "mirror" / "bundles", new / "mirror" / "bundles")
        assert school.publish("mars", "Mars", new, NEW) == 1
        done = lessons.publish(new, school.lesson("encore"), "lune", machine=NEW, system=school.now)
        assert done.index.version == 4


def test_a_restored_backup_waits_for_every_source_unless_somebody_says_there_is_none(school):
    school.publish("lune", "La lune")
    own = school.own()
    identity.write(school.box, replace(own, restored=True))
    with pytest.raises(RestoredBackup):
        school.publish("mars", "Mars")
    for too_quick in (
        takeover.replaced_card,
        lambda *rest, **more: takeover.rekey(rest[0], None, *rest[1:], **more),
    ):
        with pytest.raises(RestoredBackup):
            too_quick(school.box, school.code, [], machine=COMPUTER, system=school.now)
    here, gone = school.source(), FolderSource(school.folder / "unplugged")
    with pytest.raises(Unreachable):
        takeover.restored_backup(school.box, school.code, [here, gone], machine=COMPUTER, system=school.now)
    with pytest.raises(RestoredBackup):
        school.publish("mars", "Mars")
    takeover.restored_backup(school.box, school.code, [here], machine=COMPUTER, system=school.now)
    assert school.publish("mars", "Mars") == 1
    identity.write(school.box, replace(school.own(), restored=True))
    takeover.restored_backup(school.box, school.code, [], machine=COMPUTER, system=school.now)
    assert school.publish("mars", "Mars, encore") == 2


def test_a_stick_from_before_the_last_key_has_answered_and_says_nothing_new(school):
    school.publish("lune", "La lune")
    old_stick = school.source()
    takeover.replaced_card(school.box, school.code, [], machine=NEW, system=school.now)
    identity.write(school.box, replace(school.own(), restored=True))
    taken = takeover.restored_backup(school.box, school.code, [old_stick], machine=NEW, system=school.now)
    assert (taken.own.epoch, taken.unanswered) == (3, {})
    assert school.publish("lune", "Corrigée", computer=NEW) == 2


def test_a_replaced_card_does_not_wait_for_a_source_that_is_away(school):
    gone = FolderSource(school.folder / "unplugged")
    taken = takeover.replaced_card(school.box, school.code, [gone], machine=NEW, system=school.now)
    assert list(taken.unanswered) == [gone.name]
    assert school.publish("lune", "La lune", computer=NEW) == 1


def test_a_second_box_begins_its_own_and_leaves_the_first_one_alone(school, tmp_path):
    school.publish("lune", "La lune")
    second = school.folder / "second"
    shutil.copytree(school.box, second)
    own = takeover.second_box(second, machine=NEW, system=school.now)
    assert own.id != school.own().id
    assert identity.unprinted_code(second, own) not in {None, school.code}
    assert first.read(second) not in {"", first.read(school.box)}
    assert school.publish("mars", "Mars", second, NEW) == 1
    assert school.reads(second) == {"lune": "La lune", "mars": "Mars"}
    assert school.publish("lune", "Corrigée") == 2
    follower = Follower(tmp_path / "follower", school.own().id)
    assert follower.look(school.source(), school.now) == {"lune": 2}


def test_a_box_of_an_earlier_version_gets_an_identity_the_same_way(school):
    (school.box / "keys" / "own.json").unlink()
    own = takeover.second_box(school.box, machine=COMPUTER, system=school.now)
    assert own.epoch == 1
    assert school.publish("lune", "La lune") == 1


def test_another_school_s_sheet_is_refused_and_changes_nothing(school):
    other = school.new_box("other", NEW)
    code = identity.unprinted_code(other, school.own(other))
    before = (school.box / "keys" / "own.json").read_bytes()
    with pytest.raises(WrongRecoveryCode):
        takeover.replaced_card(school.box, code, [], machine=NEW, system=school.now)
    with pytest.raises(BadRecoveryCode):
        takeover.replaced_card(school.box, "sésame", [], machine=NEW, system=school.now)
    assert (school.box / "keys" / "own.json").read_bytes() == before
    assert school.publish("lune", "La lune") == 1


def test_nobody_takes_over_a_repository_without_its_code(school):
    copy, own_id = school.source(), school.own().id
    thief = school.new_box("thief", NEW)
    code = identity.unprinted_code(thief, school.own(thief))
    with pytest.raises(WrongRecoveryCode):
        takeover.rekey(thief, own_id, code, [copy], machine=NEW, system=school.now)
    assert school.publish("lune", "La lune", thief, NEW) == 1
    assert school.own(thief).id != own_id


def test_a_repository_that_no_source_has_is_not_found(school):
    own_id, empty = school.own().id, school.folder / "empty"
    empty.mkdir()
    new = school.new_box("new", NEW)
    with pytest.raises(NotFound):
        takeover.rekey(new, own_id, school.code, [FolderSource(empty)], machine=NEW, system=school.now)
    with pytest.raises(Unreachable):
        takeover.rekey(
            new, own_id, school.code, [FolderSource(school.folder / "gone")], machine=NEW, system=school.now
        )
    with pytest.raises(BadIdentifier):
        takeover.rekey(new, "ministry/x", school.code, [FolderSource(empty)], machine=NEW, system=school.now)


def test_a_source_that_offers_another_repository_under_the_name_is_not_believed(school):
    liar = school.source(school.new_box("liar", NEW))
    own, wrong = school.own(), school.own(school.folder / "liar")
    root = liar._root
    (root / own.prefix).parent.mkdir(parents=True, exist_ok=True)
    (root / wrong.prefix).rename(root / own.prefix)
    new = school.new_box("new", NEW)
    with pytest.raises(HashMismatch):
        takeover.rekey(new, own.id, school.code, [liar], machine=NEW, system=school.now)
    assert not (new / "mirror" / own.prefix).exists()
    school.publish("lune", "La lune")
    taken = takeover.rekey(new, own.id, school.code, [liar, school.source()], machine=NEW, system=school.now)
    assert list(taken.unanswered) == [liar.name]


@pytest.mark.parametrize("cut", range(7))
def test_a_takeover_that_is_cut_anywhere_is_done_again(school, tmp_path, monkeypatch, cut):
    school.publish("lune", "La lune")
    follower = Follower(tmp_path / "follower", school.own().id)
    follower.look(school.source(), school.now)
    written = []

    def write(path, data, *mode):
        if len(written) == cut:
            raise KeyboardInterrupt
        written.append(path)
        platform.write_atomic(path, data, *mode)

    with monkeypatch.context() as patch:
        for module in (identity, workplace):
            patch.setattr(module, "write_atomic", write)
        try:
            takeover.replaced_card(school.box, school.code, [], machine=NEW, system=school.now)
        except KeyboardInterrupt:
            pass
        else:
            assert cut >= len(written)
    assert school.reads() == {"lune": "La lune"}
    # Whoever copied the half of it waits, and goes on once it is whole.
    with_half = school.source()
    takeover.replaced_card(school.box, school.code, [], machine=NEW, system=school.now)
    assert school.publish("lune", "Corrigée", computer=NEW) == 2
    try:
        follower.look(with_half, school.now)
    except NotTrusted:
        assert follower.versions == {"lune": 1}
    assert follower.look(school.source(), school.now) == {"lune": 2}


def test_a_mirror_that_somebody_else_signed_is_not_signed_again(school):
    school.publish("lune", "La lune")
    other = school.new_box("other", NEW)
    school.publish("x", "X", other, NEW)
    own, wrong = school.own(), school.own(other)
    stamp = metadata_path(own.prefix, "timestamp")
    (school.box / "mirror" / stamp).write_bytes(
        (other / "mirror" / metadata_path(wrong.prefix, "timestamp")).read_bytes()
    )
    with pytest.raises((NotTrusted, Unreachable)):
        takeover.replaced_card(school.box, school.code, [], machine=NEW, system=school.now)


def test_after_a_takeover_the_first_computer_is_the_other_one(school):
    takeover.replaced_card(school.box, school.code, [], machine=NEW, system=school.now)
    with pytest.raises(OtherMachine):
        school.publish("lune", "La lune")
