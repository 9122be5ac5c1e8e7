"""A card with the commands that a technician and the card's own units use: check, apply, status, reset, move."""

from __future__ import annotations

import io
import json
import os
import pwd
import shutil
import stat
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import pytest

from edubox.box.accounts import first, people
from edubox.box.own import identity
from edubox.box.school.database import SchoolFile
from edubox.cli import card as commands
from edubox.cli import run
from edubox.hardware.card import box_folder, kept, state, wifi_note
from edubox.hardware.hotspot import network
from edubox.settings import load_settings
from tests.cli.country import build, make_country, write_lesson

ASKED = 'name = "École Jean-Moulin"\r\nfollow = ["ministry/starter"]\r\n[wifi]\r\npassword = "soleil levant 27"\r\n'


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    return make_country(tmp_path_factory.mktemp("country") / "country")


def edubox(*arguments, check=0, said="") -> Done:
    """Run one command here, which is quicker than a process of its own; *said* is what somebody types."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "stdin", io.StringIO(said))
        code = run([str(one) for one in arguments])
    assert code == check, err.getvalue()
    return Done(out.getvalue(), err.getvalue())


def edubox_json(*arguments):
    return json.loads(edubox(*arguments, "--json").stdout)


class Done(NamedTuple):
    stdout: str
    stderr: str


class Card:
    """A card in a folder that anybody may look into, as a card's owner may be another user."""

    def __init__(self, folder, country) -> None:
        self.boot, self.system, self.data = folder / "boot", folder / "data/system", folder / "data/edubox"
        self.seed, self.etc, self.file = folder / "seed", folder / "etc", folder / "boot/edubox.toml"
        for one in (self.boot, self.seed, self.etc, folder / "data"):
            one.mkdir(parents=True)
        shutil.copy(country.root, self.seed / "root.json")
        (self.seed / "box.toml").write_text("port = 80\ndesk_port = 443\n")
        self.places = ("--boot", self.boot, "--system", self.system, "--data", self.data)

    def start(self) -> dict:
        return edubox_json("card", "apply", *self.places, "--seed", self.seed, "--etc", self.etc)

    @property
    def status(self) -> str:
        return (self.boot / "STATUS.txt").read_bytes().decode("utf-8-sig")


@pytest.fixture
def card(tmp_path, country):
    return Card(tmp_path, country)


def test_a_file_is_checked_on_the_technicians_own_computer(card):
    card.file.write_bytes(ASKED.encode())
    assert "can be applied: 3 lines" in edubox("card", "check", card.file).stdout
    assert "soleil" not in edubox("card", "check", card.file, "--json").stdout
    card.file.write_text("name = École\ncountry = 7\n")
    refused = edubox("card", "check", card.file, check=2)
    assert "Line 1" in refused.stderr
    assert "Line 2" in refused.stderr


def test_a_first_start_makes_a_box_with_keys_settings_and_an_answer_for_who_holds_the_card(card):
    card.file.write_bytes(ASKED.encode())
    assert card.start()["outcome"] == state.APPLIED
    settings = load_settings(card.data / "box.toml")
    assert (settings["name"], settings["follow"], settings["port"]) == (
        "École Jean-Moulin",
        ["ministry/starter"],
        80,
    )
    assert identity.unprinted_code(card.data, identity.read(card.data))
    assert wifi_note.read(card.data) == wifi_note.Wifi("École Jean-Moulin", "soleil levant 27")
    assert stat.S_IMODE((card.data / "keys/wifi.json").stat().st_mode) == 0o600
    assert "Le fichier edubox.toml a été appliqué." in card.status
    assert "École : École Jean-Moulin\r\n" in card.status
    assert "http://edubox-" in card.status
    for secret in (
        "soleil",
        first.read(card.data),
        identity.unprinted_code(card.data, identity.read(card.data)),
    ):
        assert secret not in card.status
    assert "soleil" not in card.file.read_text("utf-8")


def test_secrets_stand_in_the_answer_when_somebody_asks_and_leave_when_they_are_used(card):
    card.file.write_text("show_code = true\n[wifi]\nshow_password = true\n")
    card.start()
    password = network.read(card.system / "network.toml").wifi.password
    assert card.status.count(password) == 2
    assert card.status.count(first.read(card.data)) == 2
    (card.data / "keys/first").unlink()
    edubox("card", "status", *card.places)
    assert "premier administrateur" not in card.status
    before = (card.boot / "STATUS.txt").stat().st_mtime_ns
    assert edubox_json("card", "status", *card.places) == {"written": False}
    assert (card.boot / "STATUS.txt").stat().st_mtime_ns == before, (
        "the FAT partition is written when something happened"
    )


def test_a_wrong_file_is_told_on_the_card_and_by_the_doctor(card):
    card.file.write_text('timezone = "Mars"\n')
    assert card.start()["outcome"] == state.REFUSED
    assert "- Ligne 1 : Le fuseau horaire Mars n’existe pas." in card.status
    assert "- Line 1: There is no time zone Mars." in card.status
    assert "serve" not in card.status
    said = edubox_json("doctor", "--data", card.data)
    assert "Line 1" in next(one["says"] for one in said["checks"] if one["name"] == "prepared")


def test_nothing_is_written_on_a_card_that_was_never_prepared(card):
    edubox("card", "status", *card.places, check=2)
    assert not list(card.boot.iterdir())
    assert not card.system.exists()


def test_a_data_partition_that_cannot_be_written_is_told_on_the_other_one(card):
    (card.system / "state.json").mkdir(parents=True)
    edubox("card", "apply", *card.places, "--seed", card.seed, "--etc", card.etc, check=2)
    assert "NON CONFIGURÉ" in card.status
    assert "n’a pas pu être préparé" in card.status


def test_an_image_without_its_country_is_told(card):
    (card.seed / "root.json").unlink()
    assert card.start()["outcome"] == state.UNFINISHED
    assert "ne connaît aucun pays" in card.status


def test_lessons_that_came_on_the_card_get_a_box_of_their_own(card, country):
    edubox("box", "init", "--data", card.data, "--country", country.root, "--name", "Atelier")
    (card.data / "mirror" / "lesson").write_text("there already")
    for one in ("own.json", "recovery-code", "publishers", "first"):
        place = card.data / "keys" / one
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    card.file.write_bytes(ASKED.encode())
    card.start()
    assert identity.unprinted_code(card.data, identity.read(card.data))
    assert (card.data / "mirror" / "lesson").exists()
    settings = load_settings(card.data / "box.toml")
    assert (settings["name"], settings["port"]) == ("École Jean-Moulin", 80)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become somebody else")
def test_the_box_belongs_to_its_own_user_and_root_does_not_write_in_it(card, monkeypatch, tmp_path):
    nobody = pwd.getpwnam("nobody")
    whose = box_folder.Owner(nobody.pw_uid, nobody.pw_gid)
    ran = []

    def make(place) -> None:
        ran.append(os.stat(place.parent).st_uid)
        place.mkdir()
        (place / "keys").mkdir()
        (place / "keys/root.json").write_text("{}")

    box_folder.prepare(card.data, whose, make)
    assert ran == [whose.user]
    assert not (card.data.parent / ".making").exists()
    box_folder.give(card.data, whose)
    assert {path.stat().st_uid for path in (card.data, *card.data.rglob("*"))} == {whose.user}
    child = os.fork()
    if child == 0:
        box_folder.become_owner(card.data)
        os._exit(os.geteuid() == 0)
    assert os.waitpid(child, 0)[1] == 0
    commands._run(["/bin/sh", "-c", f"test $(id -u) = {whose.user}"], "", whose)


def test_a_reset_for_other_people_keeps_lessons_and_keys(card, tmp_path):
    card.start()
    build(write_lesson(tmp_path / "source", index="Notre forêt"), tmp_path / "lesson.edpack")
    edubox("box", "publish", tmp_path / "lesson.edpack", "--data", card.data, "--slug", "foret")
    _begin_to_work(card.data)
    own = identity.read(card.data)
    card.file.write_text(f'reset = "{kept.word(card.system)}"\n')
    card.start()
    assert not people.has_administrator(SchoolFile(card.data))
    assert first.read(card.data)
    assert not (card.data / "drafts").exists()
    assert identity.read(card.data) == own
    assert [
        one["level"] for one in edubox_json("doctor", "--data", card.data)["checks"] if one["name"] == "own"
    ] == ["note"]
    assert edubox_json("box", "publish", tmp_path / "lesson.edpack", "--data", card.data, "--slug", "foret")[
        "unchanged"
    ]


def test_a_reset_by_hand_asks_twice(card):
    card.start()
    _begin_to_work(card.data)
    school = SchoolFile(card.data)
    assert "--keep-lessons" in edubox("card", "reset", "--data", card.data, check=2).stderr
    for said, code in (("n\n", 130), ("y\nAutre\n", 2), ("", 130)):
        edubox("card", "reset", "--keep-lessons", "--data", card.data, said=said, check=code)
        assert people.has_administrator(school)
    edubox("card", "reset", "--keep-lessons", "--data", card.data, said="y\nÉcole\n")
    assert not people.has_administrator(school)
    _begin_to_work(card.data)
    edubox("card", "reset", "--data", card.data, "--keep-lessons", "--yes", "--yes")
    assert not people.has_administrator(school)


def test_a_box_moves_to_a_new_card_with_a_stick(card, tmp_path, country, monkeypatch):
    card.file.write_bytes(ASKED.encode())
    card.start()
    _begin_to_work(card.data)
    code = identity.unprinted_code(card.data, identity.read(card.data))
    stick = tmp_path / "stick"
    stick.mkdir()
    edubox("card", "move", stick, "--data", card.data)
    new = Card(tmp_path / "new", country)
    new.start()
    monkeypatch.setenv("EDUBOX_RECOVERY_CODE", code)
    moved = edubox_json(
        "card", "move", "--here", stick, "--data", new.data, "--system", new.system, "--seed", new.seed
    )
    assert moved["publishes"] is True
    assert identity.read(new.data).id == identity.read(card.data).id
    assert identity.read(new.data).epoch == 2, "the old card can publish nothing more"
    assert people.has_administrator(SchoolFile(new.data))
    assert network.read(new.system / "network.toml").wifi.password == "soleil levant 27"
    assert load_settings(new.data / "box.toml")["name"] == "École Jean-Moulin"
    assert not [path for path in new.data.parent.iterdir() if path.name.startswith(".")]
    refused = edubox("card", "move", "--here", stick, "--data", new.data, "--system", new.system, check=2)
    assert "already exists" in refused.stderr, "a box that somebody works with is not replaced"


def _begin_to_work(data) -> None:
    """An administrator and a draft."""
    school = SchoolFile(data)
    first.use(data, school, first.read(data), "Mme Ba", "secret", 1)
    (data / "drafts" / "a").mkdir(parents=True, exist_ok=True)


def test_the_answer_of_a_command_is_one_object_without_a_secret(card):
    card.file.write_bytes(ASKED.encode())
    said = json.dumps(card.start())
    assert "soleil" not in said


def test_a_wrong_file_is_told_by_its_own_name_in_both_languages(tmp_path):
    (tmp_path / "brouillon.toml").write_text('country = "Sénégal"\n', "utf-8")
    said = edubox("card", "check", tmp_path / "brouillon.toml", "--json", check=2)
    message = json.loads(said.stdout)["error"]["message"]
    assert "brouillon.toml cannot be the edubox.toml of a card" in message
    assert (
        'Line 1: Sénégal is not the code of a country, which has two letters. Write: country = "SN"'
        in message
    )
    assert "Ligne 1 : Sénégal n’est pas le code d’un pays" in message


def test_a_reset_says_what_stays_before_anything_is_asked(tmp_path):
    (tmp_path / "box.toml").write_text('name = "École"\n', "utf-8")
    assert "Say --keep-lessons too" in edubox("card", "reset", "--data", tmp_path, check=2).stderr
