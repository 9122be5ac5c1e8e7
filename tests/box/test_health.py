"""The health of a box: every check finds what it is for, says what to do, and none can fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from edubox.box import health
from edubox.box.health import CHECKS, LEVELS, Box, examine
from edubox.box.secure import certificate
from edubox.store.scrub_record import Record, write_record
from tests.box.school import NOW, School, page, settings

#: What depends on the machine that runs this, or is not made in this box: a publisher of its own.
MACHINE = {
    "free_space", "card", "sticks", "own", "temperature", "power", "wear", "memory", "guests", "systems", "radio",
    "enrolment",
    "levels",
}  # fmt: skip


@pytest.fixture
def school(tmp_path):
    school = School(tmp_path / "box")
    (school.data / "box.toml").write_text("")
    (school.data / "keys" / "root.json").write_text('{"signed": {"version": 1}}')
    certificate.make(school.data / "keys")
    write_record(school.data, Record(completed=int(time.time()), completed_files=9))
    (school.data / "usage.json").write_text(json.dumps({"format": 1, "success_at": time.time()}))
    school.manifest = school.add("x", {"index.html": page("x")})
    school.catalogue.verified("directory", "directory", datetime.now(UTC), None)
    (school.data / "source" / "directory" / "metadata").mkdir(parents=True)
    return school


def found(school, **chosen):
    chosen = {"follow": ["ministry/test"], "sources": [str(school.data / "source")], "reserve_mb": 0} | chosen
    return {one.name: one.finding for one in examine(Box(school.data, settings(**chosen)))}


def test_a_good_box_is_well(school):
    findings = found(school)
    assert set(CHECKS) - MACHINE <= findings.keys() <= set(CHECKS)
    levels = {name: finding.level for name, finding in findings.items() if name not in MACHINE}
    assert set(levels.values()) == {"good"}, findings


def test_the_worst_comes_first(school):
    (school.data / "keys" / "root.json").unlink()
    answers = examine(Box(school.data, settings()))
    ranks = [LEVELS.index(one.finding.level) for one in answers]
    assert ranks == sorted(ranks, reverse=True)
    assert answers[0].finding.level == "broken"


@pytest.mark.parametrize(
    ("act", "name", "level", "says"),
    [
        (lambda data, _: (data / "box.toml").unlink(), "folder", "broken", "box.toml"),
        (lambda data, _: (data / "box.db").write_bytes(b"\0" * 9000), "database", "broken", "edubox sync"),
        (lambda data, _: (data / "box.db").unlink(), "database", "note", "first synchronisation"),
        (lambda data, _: (data / "box.db").unlink(), "lessons", "note", "edubox sync"),
        (lambda data, manifest: os.rename(data / "site" / manifest, data / "gone"), "lessons", "broken", "ministry/test/x"),
        (lambda data, _: (data / "keys" / "writer.pem").write_text("secret"), "keys", "warning", "chmod go="),
        (lambda data, _: (data / "keys" / "root.json").unlink(), "keys", "broken", "not pinned"),
        (lambda data, _: (data / "keys" / "clock.json").write_text(json.dumps({"floor": 4_000_000_000, "keys": []})), "clock",
         "note", "in the past"),
        (lambda data, _: (data / "keys" / "clock.json").write_text("[" * 5000), "clock", "good", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_and_said_with_what_to_do(school, act, name, level, says):
    act(school.data, school.manifest)
    finding = found(school)[name]
    assert finding.level == level
    assert says in finding.sentence


def test_damage_that_only_some_pages_have_is_found_in_one_line_and_nothing_else_is_claimed(school):
    for number in range(40):
        school.add(f"l{number}", {"i.html": page(f"Leçon {number}", "mot " * 300)})
    path = school.data / "box.db"
    data = bytearray(path.read_bytes())
    data[-5 * 4096 : -2 * 4096] = os.urandom(3 * 4096)
    path.write_bytes(data)
    findings = found(school)
    assert (findings["database"].level, "\n" in findings["database"].sentence) == ("broken", False)
    assert path.read_bytes() == data, "a doctor only looks"


def test_an_empty_catalogue_is_not_whole_and_nothing_is_said_to_be_confirmed(school):
    (school.data / "box.db").write_bytes(b"")
    findings = found(school)
    assert findings["database"].level == "broken"
    assert findings["trust_age"].level == "note"
    assert "damaged" in findings["trust_age"].sentence


def test_a_box_that_follows_nobody_is_not_well(school):
    (school.data / "box.db").unlink()
    finding = found(school, follow=[])["lessons"]
    assert (finding.level, "follow" in finding.sentence) == ("warning", True)


@pytest.mark.parametrize(("days", "level"), [(0, "good"), (30, "note"), (200, "warning"), (500, "broken")])
def test_old_confirmations_get_louder(school, days, level):
    ended = datetime.now(UTC) - timedelta(days=days, minutes=1)
    school.catalogue.verified("directory", "directory", NOW, ended)
    assert found(school)["trust_age"].level == level


def test_a_lesson_that_waits_for_its_film_is_a_note(school):
    school.add("y", {"i.html": page("y"), "film.mp4": b"x"}, absent=("film.mp4",))
    assert found(school)["lessons"].level == "note"


@pytest.mark.parametrize(
    "source", ["/nowhere", "http://127.0.0.1:9/", "http://127.0.0.1:99999/", "http://[", "ftp:x"]
)
def test_a_source_that_does_not_answer_is_only_a_note(school, source):
    finding = found(school, sources=[source])["sources"]
    assert finding.level == "note"
    assert "not affected" in finding.sentence


def test_no_source_is_a_note_too(school):
    assert found(school, sources=[])["sources"].level == "note"


def test_a_reserve_that_is_used_up_is_said(school):
    assert found(school, reserve_mb=10**9)["free_space"].level == "broken"


def test_a_check_that_fails_is_a_finding(school, monkeypatch):
    monkeypatch.setattr(health, "CHECKS", ("folder",))
    monkeypatch.setattr(
        "edubox.box.health.folder.check", lambda _: (_ for _ in ()).throw(RuntimeError("card"))
    )
    (answer,) = examine(Box(school.data, settings()))
    assert (answer.finding.level, "card" in answer.finding.sentence) == ("broken", True)


def test_looking_needs_no_signature_library(school):
    program = """
import sys
from pathlib import Path
from edubox.box.health import Box, examine
from edubox.settings import load_settings
examine(Box(Path(sys.argv[1]), load_settings(Path("/none"))))
sys.exit("tuf" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program, school.data], check=False).returncode == 0
