"""A request is carried out once and whole, whatever is cut; a wrong one not at all; and a card serves in any case."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime

import pytest

from edubox.errors import NoRoom, NotFound
from edubox.hardware.card import apply as card_apply
from edubox.hardware.card import kept, state
from edubox.hardware.hotspot import network
from edubox.pack import canonical
from edubox.trust import directory, keys
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from tests.hardware.card.cards import Card

ASKED = """\
\ufeffname = "École Jean-Moulin"\r
timezone = "Africa/Dakar"\r
hostname = "moulin"\r
country = "SN"\r
follow = ["ministry/starter"]\r
code = "K7QM-3XWD-9RTA"   # de l’académie\r
\r
[wifi]\r
password = "soleil levant 27" # à ne pas dire\r
channel = 11\r
"""
PLAIN = 'name = "École"\nhostname = "moulin"\n[wifi]\nopen = true\n'
SECRETS = (b"soleil", b"levant", b"K7QM", b"9RTA")


@pytest.fixture
def card(tmp_path):
    return Card.below(tmp_path)


def test_a_first_start_does_all_that_is_asked(card):
    card.file.write_text(ASKED, "utf-8", newline="")
    made = card.start()
    assert (made.outcome, made.is_well, made.hostname) == (state.APPLIED, True, "moulin")
    assert card.wishes[-1].settings == {"name": "École Jean-Moulin", "follow": ["ministry/starter"]}
    assert card.wishes[-1].wifi == {
        "name": "École Jean-Moulin",
        "password": "soleil levant 27",
        "open": False,
    }
    wished = network.read(card.places.system / "network.toml")
    assert (wished.wifi.channel, wished.wifi.password, wished.country) == (11, "soleil levant 27", "SN")
    assert (card.places.system / "code").read_text() == card.wishes[-1].code == "K7QM-3XWD-9RTA"
    assert (card.places.etc / "hostname").read_text() == "moulin\n"
    assert os.readlink(card.places.etc / "localtime") == "/usr/share/zoneinfo/Africa/Dakar"
    assert state.read(card.places.system) == made == state.beside(card.places.data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "cp1252"])
def test_secrets_leave_the_file_that_anybody_can_read_and_nothing_else_of_it_changes(card, encoding):
    text = ASKED if encoding != "cp1252" else ASKED.removeprefix("\ufeff")
    before = text.encode(encoding)
    card.file.write_bytes(before)
    card.start()
    after = card.file.read_bytes()
    assert len(after) == len(before), "no cluster is let go with a password in it"
    assert not [one for one in SECRETS if one in after.replace(b"\0", b"")]
    lines = after.decode(encoding).splitlines()
    changed = {new.strip() for old, new in zip(text.splitlines(), lines, strict=True) if old != new}
    assert changed == {"# code: taken", "# password: taken"}


def test_secrets_are_in_files_of_their_owner_alone(card):
    card.file.write_text(ASKED, "utf-8", newline="")
    card.start()
    holding = [
        path
        for path in card.places.boot.parent.rglob("*")
        if path.is_file() and b"soleil" in path.read_bytes()
    ]
    assert {path.name for path in holding} == {"network.toml", "box.json"}, "box.json is this test's box"
    assert not [
        path
        for path in card.places.system.iterdir()
        if path.stat().st_mode & 0o077 and path.name in {"network.toml", "code"}
    ]
    assert not [one for one in SECRETS if one in (card.places.system / "state.json").read_bytes()]


def test_what_was_applied_is_not_applied_again(card):
    card.file.write_text(ASKED, "utf-8", newline="")
    first = card.start()
    (card.places.system / "hostname").write_text("changed-at-the-desk")
    assert card.start() == state.read(card.places.system)
    assert len(card.wishes) == 1
    assert card.start().at == first.at
    assert (card.places.etc / "hostname").read_text() == "changed-at-the-desk\n"


def test_a_line_that_is_absent_changes_nothing(card):
    card.file.write_text(ASKED, "utf-8", newline="")
    card.start()
    before = network.read(card.places.system / "network.toml")
    card.file.write_text("[wifi]\nchannel = 1\n")
    card.start()
    after = network.read(card.places.system / "network.toml")
    assert (after.wifi.channel, after.wifi.password, after.country) == (1, before.wifi.password, "SN")
    assert card.wishes[-1].settings == {}
    assert (card.places.system / "hostname").read_text() == "moulin"


def test_a_wrong_file_changes_nothing_of_a_box_that_was_prepared(card):
    card.file.write_text(ASKED, "utf-8", newline="")
    card.start()
    card.file.write_text('name = "Autre"\nhostname = "É"\n')
    before = card.everything()
    made = card.start()
    assert made.outcome == state.REFUSED
    assert made.said("fr")[0].startswith("Ligne 2 : Le nom sur le réseau")
    assert card.everything() == before
    assert len(card.wishes) == 1
    card.file.write_text('name = "Autre"\n')
    assert card.start().outcome == state.APPLIED
    assert card.wishes[-1].settings == {"name": "Autre"}


def test_a_first_start_with_a_wrong_file_serves_with_defaults_and_says_so(card):
    card.file.write_text("name = \n")
    made = card.start()
    assert (made.outcome, made.is_well) == (state.REFUSED, False)
    assert card.wishes[-1].settings == {}
    wished = network.read(card.places.system / "network.toml")
    assert wished.wifi.on
    assert re.fullmatch(r"[a-z]{4}(-[a-z]{4}){3}", wished.wifi.password)
    assert re.fullmatch(r"edubox-[0-9a-f]{6}", made.hostname)
    assert card.start() == made, "and goes on saying so"
    card.file.write_text('name = "Juste"\n')
    assert card.start().outcome == state.APPLIED
    assert network.read(card.places.system / "network.toml") == wished


def test_a_first_start_without_a_file_serves_with_defaults_and_says_so(card):
    made = card.start()
    assert made.outcome == state.DEFAULTS
    assert "no edubox.toml" in made.notes[0]["en"]
    assert card.start() == made
    assert len(card.wishes) == 1


def test_two_boxes_that_were_asked_for_nothing_differ(tmp_path):
    cards = [Card.below(tmp_path / name) for name in "ab"]
    for one in cards:
        one.start()
    networks = [network.read(one.places.system / "network.toml") for one in cards]
    assert networks[0].wifi.password != networks[1].wifi.password
    assert networks[0].wifi.name != networks[1].wifi.name


def test_an_open_network_is_open_and_a_password_closes_it(card):
    card.file.write_text("[wifi]\nopen = true\n")
    card.start()
    assert network.read(card.places.system / "network.toml").wifi.password == ""
    card.file.write_text('[wifi]\npassword = "quatre mots de passe"\n')
    card.start()
    wifi = network.read(card.places.system / "network.toml").wifi
    assert (wifi.open, wifi.password) == (False, "quatre mots de passe")


def test_the_computer_stays_the_same_one_though_its_root_forgets(card):
    (card.places.etc / "machine-id").write_text("0123456789abcdef" * 2 + "\n")
    card.start()
    for forgotten in ("fedcba9876543210" * 2, "", "uninitialized\n"):
        (card.places.etc / "machine-id").unlink()
        (card.places.etc / "machine-id").write_text(forgotten)
        card.start()
        assert (card.places.etc / "machine-id").read_text().strip() == "0123456789abcdef" * 2


@pytest.mark.parametrize("asked", [ASKED, PLAIN], ids=["secrets", "plain"])
def test_a_cut_anywhere_is_finished_by_the_next_start(tmp_path, monkeypatch, asked):
    """Each time a change was made to last is one moment to pull the plug, just before it; a child really dies there."""
    whole = Card.below(tmp_path / "whole")
    whole.file.write_text(asked, "utf-8", newline="")
    moments = _counted(monkeypatch, whole.start)
    assert moments > 15
    for moment in range(moments):
        cut = Card.below(tmp_path / str(moment))
        cut.file.write_text(asked, "utf-8", newline="")
        _die_at(moment, cut.start)
        made = cut.start()
        assert made.outcome == state.APPLIED, moment
        assert made == cut.start()
        assert cut.everything() == whole.everything(), moment


def test_a_reset_that_is_cut_is_done_and_its_line_leaves(tmp_path, monkeypatch):
    moments = _counted(monkeypatch, _asked_to_reset(tmp_path / "whole").start)
    for moment in range(moments):
        cut = _asked_to_reset(tmp_path / str(moment))
        _die_at(moment, cut.start)
        cut.start()
        assert "# reset: taken" in cut.file.read_text()
        cut.file.write_text(cut.file.read_text() + 'name = "B"\n')
        done = len(cut.wishes)
        cut.start()
        assert not cut.wishes[done].reset, "another change resets nothing"


def test_the_word_for_a_reset_is_good_for_one(tmp_path):
    card = _asked_to_reset(tmp_path)
    word = kept.word(card.places.system)
    card.start()
    assert card.wishes[-1].reset
    assert kept.word(card.places.system) != word
    card.file.write_text(f'reset = "{word}"\n')
    assert card.start().outcome == state.REFUSED


def test_a_remark_that_still_says_a_secret_is_taken_too(card):
    card.file.write_text('# password = "old password"\n[wifi]\n  #assword="half written"\n# password = ""\n')
    card.start()
    assert card.file.read_text().split() == [
        "#",
        "password:",
        "taken",
        "[wifi]",
        "#",
        "password:",
        "taken",
        "#",
        "password",
        "=",
        '""',
    ]


def test_a_partition_that_cannot_be_written_is_told_at_each_start(card, monkeypatch):
    card.file.write_text(ASKED, "utf-8", newline="")

    def worn_out(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(card_apply, "take", worn_out)
    for _ in range(2):
        made = card.start()
        assert made.outcome == state.UNFINISHED
        assert "password that was taken may still stand" in made.said("en")[0]
    assert network.read(card.places.system / "network.toml").wifi.password == "soleil levant 27"


def test_what_could_not_be_done_is_told_and_done_later(card):
    card.file.write_text(ASKED, "utf-8", newline="")

    def full(_: object) -> None:
        raise NoRoom(path="/data", reason="it is full")

    made = card_apply.apply(card.places, card_apply.Host(full))
    assert made.outcome == state.UNFINISHED
    assert "no room" in made.said("en")[0]
    assert network.read(card.places.system / "network.toml").wifi.channel == 11, (
        "the network does not wait for it"
    )
    card.file.write_text('name = "École Rousseau"\n')
    assert card.start().outcome == state.APPLIED
    assert [one.settings for one in card.wishes] == [{"name": "École Rousseau"}], (
        "the file as it is now counts"
    )


def test_an_image_without_a_country_is_told(card):
    def none(_: object) -> None:
        raise NotFound(what="The country's root")

    made = card_apply.apply(card.places, card_apply.Host(none))
    assert made.outcome == state.UNFINISHED
    assert "knows no country" in made.said("en")[0]
    assert "aucun pays" in made.said("fr")[0]


@pytest.mark.parametrize("name", ["applied.json", "state.json", "network.toml", "hostname"])
@pytest.mark.parametrize("damage", [b"", b"\0" * 40, b"[[[[", b'{"format": 1}'])
def test_a_damaged_file_of_ours_stops_nothing(card, name, damage):
    card.file.write_text(ASKED, "utf-8", newline="")
    card.start()
    (card.places.system / name).write_bytes(damage)
    made = card.start()
    assert made.outcome in {state.APPLIED, state.DEFAULTS}
    assert card.start() == made
    assert (card.places.etc / "hostname").read_text().strip()


def _asked_to_reset(folder) -> Card:
    card = Card.below(folder)
    card.start()
    card.file.write_text(f'reset = "{kept.word(card.places.system)}"\n')
    return card


def _counted(monkeypatch, work) -> int:
    """How often *work* lets a change last."""
    count = 0
    fsync = os.fsync

    def counted(handle: int) -> None:
        nonlocal count
        count += 1
        fsync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", counted)
        work()
    return count


def _die_at(moment: int, work) -> None:
    """Do *work* in a child that is gone before its change number *moment* lasts."""
    child = os.fork()
    if child == 0:
        left = moment

        def dying(_: int) -> None:
            nonlocal left
            if left == 0:
                os._exit(9)
            left -= 1

        os.fsync = dying
        work()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def with_country(data):
    """Let the box in *data* know its country, as after its first synchronisation."""
    signers = {role: [keys.signer(keys.generate())] for role in ("root", "targets", "snapshot", "timestamp")}
    now = datetime(2026, 11, 24, tzinfo=UTC)
    file = canonical.write({"format": 1, "id": "tl", "level": [{"id": "voc-10", "name": {"fr": "CM1"}}]})
    for path, text in directory.create(signers, file, now).items():
        (data / "mirror" / path).parent.mkdir(parents=True, exist_ok=True)
        (data / "mirror" / path).write_bytes(text)
    assert Directory(FolderFetch(data / "mirror")).country_file() == file


def test_levels_are_taken_before_the_country_is_known_and_looked_at_when_it_is(card):
    card.file.write_text('name = "École"\nlevels = ["CM7"]\n', "utf-8")
    first = card.start()
    assert first.outcome == state.APPLIED
    assert card.wishes[-1].settings["levels"] == ["CM7"]
    assert any("come with the first lessons" in note["en"] for note in first.notes)
    with_country(card.places.data)
    assert card.start().outcome == state.APPLIED, "what was applied once is no request any more"
    card.file.write_text('name = "Autre"\nlevels = ["CM7"]\n', "utf-8")
    second = card.start()
    assert second.outcome == state.REFUSED
    assert (
        'CM7 is not a level of this country. Write for instance: levels = ["CM1"]' in second.mistakes[0]["en"]
    )
    card.file.write_text('name = "Autre"\nlevels = ["cm 1"]\n', "utf-8")
    third = card.start()
    assert (third.outcome, third.notes) == (state.APPLIED, ())
    assert card.wishes[-1].settings == {"name": "Autre", "levels": ["cm 1"]}
