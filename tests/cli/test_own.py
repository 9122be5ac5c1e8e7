"""A school publishes, loses its card, and goes on: with the commands that the sheet and the documentation name."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from edubox.box.own import identity
from tests.cli.country import build, edubox, edubox_json, make_country, write_lesson


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    return make_country(tmp_path_factory.mktemp("country") / "country")


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lesson")
    build(write_lesson(folder / "source", index="Notre forêt"), folder / "lesson.edpack")
    return folder / "lesson.edpack"


@pytest.fixture
def box(tmp_path, country):
    edubox("box", "init", "--data", tmp_path / "box", "--country", country.root, "--name", "École test")
    return tmp_path / "box"


def code_of(box):
    return identity.unprinted_code(box, identity.read(box))


def titles(box):
    from edubox.box.library import Library

    return [card.title for card in Library(box).cards()]


def test_init_shows_the_code_once_to_a_person_and_never_to_a_log(tmp_path, country):
    said = edubox("box", "init", "--data", tmp_path / "a", "--country", country.root).stdout
    assert code_of(tmp_path / "a") in said
    said = edubox("box", "init", "--data", tmp_path / "b", "--country", country.root, "--json").stdout
    assert code_of(tmp_path / "b") not in said


def test_a_lesson_is_published_on_the_box_and_taken_back(box, lesson):
    done = edubox_json("box", "publish", lesson, "--data", box, "--slug", "foret", "--author", "Mme Ba")
    assert (done["version"], done["pack"]) == (1, f"{identity.read(box).id}/foret")
    assert titles(box) == ["La leçon"]
    assert edubox_json("box", "publish", lesson, "--data", box, "--slug", "foret")["unchanged"] is True
    assert edubox_json("box", "withdraw", "foret", "--data", box)["version"] == 2
    assert titles(box) == []


def test_a_lesson_that_should_never_have_been_published_is_erased(box, lesson):
    edubox("box", "publish", lesson, "--data", box, "--slug", "foret")
    assert edubox_json("box", "erase", "foret", "--data", box)["withdrawn"] == [
        f"{identity.read(box).id}/foret"
    ]
    assert titles(box) == []
    edubox("box", "publish", lesson, "--data", box, "--slug", "autre", check=2)
    edubox("box", "erase", "jamais", "--data", box, check=2)


def test_the_sheet_is_written_for_its_owner_alone_and_then_forgotten(box, tmp_path):
    code = code_of(box)
    edubox("box", "sheet", "--data", box, "-o", tmp_path / "sheet.html", "--address", "http://edubox.local/")
    assert code.split("-")[0] in (tmp_path / "sheet.html").read_text("utf-8")
    assert (tmp_path / "sheet.html").stat().st_mode & 0o077 == 0
    assert code in edubox("box", "sheet", "--data", box).stdout
    facts = edubox_json("box", "sheet", "--data", box, "--printed")
    assert facts["printed"] is True
    assert facts["pages"].startswith("http://")
    assert code not in edubox("box", "sheet", "--data", box).stdout


def test_a_backup_becomes_a_box_on_a_new_card(box, lesson, tmp_path):
    edubox("box", "publish", lesson, "--data", box, "--slug", "foret")
    edubox("box", "backup", "--data", box, "-o", tmp_path / "box.backup")
    code = code_of(box)
    new = tmp_path / "new"
    done = edubox_json(
        "box", "restore", tmp_path / "box.backup", "--data", new, "--no-source", EDUBOX_RECOVERY_CODE=code
    )
    assert done["publishes"] is True
    assert titles(new) == ["La leçon"]
    assert edubox_json("box", "withdraw", "foret", "--data", new)["version"] == 2


def test_a_restored_box_without_its_sources_shows_everything_and_publishes_later(box, lesson, tmp_path):
    edubox("box", "publish", lesson, "--data", box, "--slug", "foret")
    edubox("box", "backup", "--data", box, "-o", tmp_path / "box.backup")
    code, new, stick = code_of(box), tmp_path / "new", tmp_path / "stick"
    said = edubox(
        "box", "restore", tmp_path / "box.backup", "--data", new, "--from", stick, EDUBOX_RECOVERY_CODE=code
    ).stdout
    assert "does not publish yet" in said
    assert titles(new) == ["La leçon"]
    edubox("box", "withdraw", "foret", "--data", new, check=3)
    shutil.copytree(box / "mirror", stick)
    resolve = ("box", "resolve", "--data", new, "--restored-backup")
    edubox(*resolve, EDUBOX_RECOVERY_CODE=code, check=2)
    edubox(*resolve, "--from", stick, EDUBOX_RECOVERY_CODE=code)
    assert edubox_json("box", "withdraw", "foret", "--data", new)["version"] == 2


def test_a_copied_card_asks_what_happened_and_goes_on_as_told(box, lesson, tmp_path):
    edubox("box", "publish", lesson, "--data", box, "--slug", "foret")
    code, own = code_of(box), identity.read(box)
    identity.write(box, replace(own, machine=identity.mark(own.id, "the other computer")))
    second = tmp_path / "second"
    shutil.copytree(box, second)
    refused = edubox("box", "publish", lesson, "--data", box, "--slug", "mer", check=3)
    assert "edubox box resolve" in refused.stderr
    assert "own" in edubox("doctor", "--data", box, "--json", check=1).stdout
    edubox("box", "resolve", "--data", box, check=2)
    taken = edubox_json("box", "resolve", "--data", box, "--replaced-card", EDUBOX_RECOVERY_CODE=code)
    assert taken == {"own": own.id, "epoch": 2, "unanswered": {}}
    edubox("box", "publish", lesson, "--data", box, "--slug", "mer")
    made = edubox_json("box", "resolve", "--data", second, "--second-box")
    assert made["own"] != own.id
    edubox("box", "publish", lesson, "--data", second, "--slug", "mer")


def test_a_lost_card_needs_the_sheet_and_a_stick(box, lesson, country, tmp_path):
    edubox("box", "publish", lesson, "--data", box, "--slug", "foret")
    code, own = code_of(box), identity.read(box)
    shutil.copytree(box / "mirror", tmp_path / "stick")
    shutil.rmtree(box)
    edubox("box", "init", "--data", box, "--country", country.root)
    taken = edubox_json(
        "box", "rekey", "--data", box, "--id", own.id, "--from", tmp_path / "stick", EDUBOX_RECOVERY_CODE=code
    )
    assert (taken["own"], taken["epoch"]) == (own.id, 2)
    edubox("sync", "--data", box, "--from", country.mirror, "--from", tmp_path / "stick", check=None)
    assert titles(box) == ["La leçon"]
    assert edubox_json("box", "withdraw", "foret", "--data", box)["version"] == 2


def test_without_a_terminal_a_missing_code_is_said_and_a_wrong_one_named_by_its_group(box):
    said = edubox("box", "rekey", "--data", box, check=2, EDUBOX_RECOVERY_CODE="").stderr
    assert "EDUBOX_RECOVERY_CODE" in said
    code = code_of(box)
    wrong = code[:12] + ("A" if code[12] != "A" else "B") + code[13:]
    answer = edubox("box", "rekey", "--data", box, "--json", check=2, EDUBOX_RECOVERY_CODE=wrong)
    assert json.loads(answer.stdout)["error"]["code"] == "bad-recovery-code"
    assert "group 3" in answer.stderr


def test_on_a_terminal_the_code_is_asked_for(box):
    code = code_of(box)
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "edubox", "box", "rekey", "--data", box], stdin=theirs, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.write(ours, f"{code.lower()}\n".encode())
    said, asked = child.communicate(timeout=120)
    assert child.returncode == 0, asked
    assert "Recovery code" in asked
    assert re.search(r"key 2", said)
