"""``edubox scrub`` and ``edubox doctor --fix`` as a person runs them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from edubox.store.layout import object_path
from tests.box.school import School, page
from tests.store.test_scrub import flip


def edubox(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "edubox", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def school(tmp_path):
    school = School(tmp_path / "box")
    (school.data / "box.toml").write_text("")
    (school.data / "keys" / "root.json").write_text('{"signed": {"version": 1}}')
    school.add("x", {"index.html": page("x", "mot " * 500), "film.mp4": b"film" * 1000})
    return school


def test_a_whole_card_is_read_and_a_damaged_file_is_told_and_taken_away(school):
    code, out, err = edubox("scrub", "--data", school.data)
    assert (code, "The whole card was read." in out, "damaged" in out.lower()) == (0, True, False)
    assert "mirror/objects" in err, "how far it is"
    victim = next((school.data / "mirror" / "objects").glob("*/*"))
    flip(victim)
    code, out, _ = edubox("scrub", "--data", school.data, "--json")
    facts = json.loads(out)
    assert (code, facts["complete"], facts["damaged"]) == (
        0, True, [{"path": f"mirror/{object_path(victim.name)}", "why": "changed"}],
    )  # fmt: skip
    assert not victim.exists()


def test_a_short_turn_says_that_it_goes_on_and_the_turns_come_to_an_end(school):
    for _ in range(10):
        code, out, _ = edubox("scrub", "--data", school.data, "--for", "0")
        assert code == 0
        if "whole card" in out:
            break
        assert "goes on from here" in out
    else:
        pytest.fail("never read whole")


def test_a_folder_that_is_not_there_is_said(tmp_path):
    code, _, err = edubox("scrub", "--data", tmp_path / "none")
    assert (code, "was not found" in err) == (2, True)


def test_the_doctor_mends_what_it_can_and_says_what(school):
    secret = school.data / "keys" / "writer.pem"
    secret.write_text("secret")
    secret.chmod(0o644)
    _, out, _ = edubox("doctor", "--data", school.data, "--json")
    assert json.loads(out)["mended"] == []
    _, out, _ = edubox("doctor", "--data", school.data, "--fix")
    assert "1 secret files are now closed" in out
    assert secret.stat().st_mode & 0o077 == 0
    _, out, _ = edubox("doctor", "--data", school.data, "--fix", "--json")
    facts = json.loads(out)
    assert "keys" not in {one["name"] for one in facts["mended"]}
    assert next(one for one in facts["checks"] if one["name"] == "keys")["level"] == "good"
