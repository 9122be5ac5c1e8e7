"""The doctor on the school's own lessons: what would be lost on a bad day, and what to do before it comes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edubox.box.health import Box, own
from edubox.box.own import identity, takeover
from edubox.box.own.machine import this_machine
from edubox.settings import load_settings


@pytest.fixture
def here(school):
    """The school's box, at home on this very computer, its sheet printed."""
    takeover.replaced_card(school.box, school.code, [], machine=this_machine(), system=school.now)
    identity.forget_code(school.box)
    return school


def look(school):
    finding = own.check(Box(school.box, load_settings(school.box / "box.toml")))
    return finding.level, finding.sentence


def test_a_school_that_has_published_nothing_is_well(here):
    level, said = look(here)
    assert (level, here.own().id in said) == ("good", True)


def test_a_copied_card_is_found(school):
    level, said = look(school)
    assert (level, "edubox box resolve" in said) == ("broken", True)


def test_a_restored_backup_that_waits_is_found(here):
    identity.write(here.box, replace(here.own(), restored=True))
    assert look(here)[0] == "broken"


def test_a_sheet_that_nobody_printed_is_a_note(here):
    (here.box / "keys" / "recovery-code").write_text(f"{here.own().id}\n{here.code}\n")
    level, said = look(here)
    assert (level, "box sheet" in said, here.code in said) == ("note", True, False)


def test_a_backup_is_asked_for_and_asked_for_again(here):
    here.publish("lune", "La lune", computer=this_machine())
    assert "no backup" in look(here)[1]
    here.backup()
    for days, level in ((29, "good"), (31, "note")):
        made = json.loads((here.box / "backup.json").read_bytes())
        made["when"] = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        (here.box / "backup.json").write_text(json.dumps(made))
        assert look(here)[0] == level


def test_a_lost_file_of_an_own_lesson_is_broken(here):
    here.publish("lune", "La lune", computer=this_machine())
    here.backup()
    bundle = next(path for path in (here.box / "mirror" / "bundles").rglob("*") if path.is_file())
    bundle.unlink()
    level, said = look(here)
    assert (level, "lune" in said) == ("broken", True)


@pytest.mark.parametrize("text", ["", "{}", '{"signed": {"meta": []}}', "[" * 90_000])
def test_a_damaged_repository_is_broken_in_words(here, text):
    (here.box / "mirror" / here.own().prefix / "metadata" / "timestamp.json").write_text(text)
    assert look(here)[0] == "broken"


def test_a_box_of_an_earlier_version_is_told_how_to_get_one(here):
    (here.box / "keys" / "own.json").unlink()
    level, said = look(here)
    assert (level, "second-box" in said) == ("note", True)
