"""One encrypted file that makes the box again: whole or refused, and only for whoever holds the sheet."""

from __future__ import annotations

import io
import json
import tarfile
import tracemalloc
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.box.accounts import first
from edubox.box.catalog import Catalogue
from edubox.box.own import backup, identity, lessons, recovery, takeover
from edubox.box.own.repository import listed
from edubox.box.own.sealed import BLOCK, MAGIC, Opened, Sealer
from edubox.box.school import classes, reports
from edubox.box.school.database import SchoolFile
from edubox.errors import (
    AlreadyExists,
    BadBackup,
    BadRecoveryCode,
    NotFound,
    RestoredBackup,
    WrongRecoveryCode,
)
from edubox.publishing.erase import erase
from edubox.settings import load_settings
from tests.box.own.school import COMPUTER, NOW, Follower

NEW = "board 5678"
CODE = recovery.new_code()
SECRETS = recovery.derive(CODE)


@pytest.fixture
def restored(school):
    """The school's box out of its backup, on another computer."""
    school.publish("lune", "La lune")
    backup.restore(school.backup(), school.folder / "restored", school.code)
    return school.folder / "restored"


def test_a_restored_box_shows_its_own_lessons_with_their_films_before_it_has_a_line(school, restored):
    assert school.show(restored) == ["lune"]
    assert school.reads(restored) == {"lune": "La lune"}


def test_it_keeps_its_name_its_desk_and_its_settings(school, restored):
    assert school.own(restored).id == school.own().id
    assert first.read(restored) == first.read(school.box) != ""
    assert load_settings(restored / "box.toml") == load_settings(school.box / "box.toml")
    assert (restored / "keys" / "root.json").read_bytes() == school.country.root
    assert {path.name for path in restored.iterdir()} >= {"mirror", "staging", "site", "keys"}
    assert (restored / "keys").stat().st_mode & 0o077 == 0
    assert (restored / "keys" / "first").stat().st_mode & 0o077 == 0


def test_it_publishes_once_its_sources_were_asked_and_others_follow(school, restored, tmp_path):
    follower = Follower(tmp_path / "follower", school.own().id)
    school.publish("lune", "Plus neuve que la sauvegarde")
    follower.look(school.source(), school.now)
    with pytest.raises(RestoredBackup):
        school.publish("mars", "Mars", restored, NEW)
    takeover.restored_backup(restored, school.code, [school.source()], machine=NEW, system=school.now)
    assert school.publish("lune", "Encore plus neuve", restored, NEW) == 3
    assert follower.look(school.source(restored), school.now) == {"lune": 3}


def test_the_writer_key_stays_on_its_computer(school, restored):
    assert not list((restored / "keys").rglob("writer"))


def test_when_pages_were_last_confirmed_survives_and_lessons_of_others_do_not_travel(school):
    school.publish("lune", "La lune")
    Catalogue(school.box).verified("directory", "directory", NOW, None)
    backup.restore(school.backup(), school.folder / "restored", school.code)
    copy = Catalogue(school.folder / "restored")
    assert copy.last_fresh("directory") == NOW
    assert copy.installed() == []


def test_wishes_and_budgets_travel(school):
    (school.box / "urgent.json").write_text('["ministry/x/y"]')
    backup.restore(school.backup(), school.folder / "restored", school.code)
    assert json.loads((school.folder / "restored" / "urgent.json").read_text()) == ["ministry/x/y"]


def test_a_damaged_list_of_lessons_does_not_stop_a_backup(school):
    school.publish("lune", "La lune")
    (school.box / "box.db").write_bytes(b"\0" * 9000)
    backup.restore(school.backup(), school.folder / "restored", school.code)
    assert school.show(school.folder / "restored") == ["lune"]


def test_a_lesson_that_was_published_a_second_ago_is_in_it_with_its_film(school):
    lessons.publish(school.box, school.lesson("La lune"), "lune", machine=COMPUTER, system=school.now)
    backup.restore(school.backup(), school.folder / "restored", school.code)
    school.show(school.folder / "restored")
    assert school.reads(school.folder / "restored") == {"lune": "La lune"}


def test_nothing_in_it_can_be_read_without_the_code(school):
    school.publish("lune", "Une leçon que personne d'autre ne lit")
    data = school.backup().read_bytes()
    for secret in (school.code, first.read(school.box), "lune", school.own().id[6:]):
        assert secret.encode() not in data


def test_a_link_that_somebody_left_on_the_stick_leads_the_backup_nowhere(school):
    stick, precious = school.folder / "stick", school.folder / "precious"
    stick.mkdir()
    precious.write_bytes(b"x")
    (stick / ".school.backup.new").symlink_to(precious)
    backup.write(school.box, stick / "school.backup")
    assert precious.read_bytes() == b"x"
    assert not (stick / "school.backup").is_symlink()
    assert (stick / "school.backup").stat().st_mode & 0o077 == 0


def test_the_last_backup_is_remembered(school):
    assert backup.last(school.box) is None
    target = school.backup()
    made = backup.last(school.box)
    assert (made.when, made.file, made.size) == (school.now, str(target), target.stat().st_size)
    assert target.stat().st_mode & 0o077 == 0
    (school.box / "backup.json").write_text("[" * 10)
    assert backup.last(school.box) is None


def test_a_new_backup_takes_the_place_of_the_old_one_and_of_nothing_else(school):
    first = school.backup().read_bytes()
    assert school.backup().read_bytes() != first
    other = school.folder / "photo.jpg"
    other.write_bytes(b"precious")
    with pytest.raises(AlreadyExists):
        backup.write(school.box, other, system=school.now)
    assert other.read_bytes() == b"precious"


@pytest.mark.parametrize("hurt", ["cut", "altered", "longer", "reordered", "empty", "other"])
def test_a_backup_that_is_not_whole_is_refused_before_anything_is_written(school, hurt, monkeypatch):
    monkeypatch.setattr(backup, "_unpack", lambda *_: pytest.fail("something was written"))
    school.publish("lune", "La lune")
    file = school.backup()
    data = bytearray(file.read_bytes())
    block = len(MAGIC) + 64, BLOCK + 16
    if hurt == "altered":
        data[-100_000] ^= 1
    if hurt == "reordered":
        one, two = (slice(block[0] + n * block[1], block[0] + (n + 1) * block[1]) for n in (1, 2))
        data[one], data[two] = data[two], data[one]
    changed = {
        "cut": data[:-1], "longer": data + b"x", "empty": b"", "other": b"PK" + data,
    }.get(hurt, data)  # fmt: skip
    file.write_bytes(changed)
    before = sorted(school.folder.iterdir())
    with pytest.raises(BadBackup):
        backup.restore(file, school.folder / "restored", school.code)
    assert sorted(school.folder.iterdir()) == before


def test_another_school_s_sheet_does_not_open_it(school):
    file = school.backup()
    with pytest.raises(WrongRecoveryCode):
        backup.restore(file, school.folder / "restored", recovery.new_code())
    with pytest.raises(BadRecoveryCode):
        backup.restore(file, school.folder / "restored", "x")
    with pytest.raises(NotFound):
        backup.restore(school.folder / "none", school.folder / "restored", school.code)
    assert not (school.folder / "restored").exists()


def test_a_folder_that_holds_something_is_never_touched(school):
    file, target = school.backup(), school.folder / "full"
    target.mkdir()
    (target / "x").write_text("x")
    with pytest.raises(AlreadyExists):
        backup.restore(file, target, school.code)
    assert [path.name for path in target.iterdir()] == ["x"]
    (target / "x").unlink()
    backup.restore(file, target, school.code)
    assert (target / "box.toml").is_file()


def test_a_thief_who_knows_the_public_key_cannot_make_a_backup(school, tmp_path):
    """Who restores believes the settings and keys in it: they must come from a box of this school."""
    own, out = school.own(), io.BytesIO()
    sealer = Sealer(out, own.backup_key, b"\0" * 32)
    sealer.write(archive({"box.toml": b""}))
    sealer.close()
    (tmp_path / "forged").write_bytes(out.getvalue())
    with pytest.raises(BadBackup):
        backup.restore(tmp_path / "forged", tmp_path / "restored", school.code)


@pytest.mark.parametrize(
    "names",
    [["../x"], ["/etc/passwd"], ["keys/../../x"], ["site/x"], ["x"], ["keys/own.json", "keys/own.json"], ["box.toml"], []],
)  # fmt: skip
def test_a_backup_with_anything_else_in_it_is_refused(tmp_path, names):
    data = archive_list([(name, b"{}") for name in names])
    (tmp_path / "file").write_bytes(sealed(data))
    with pytest.raises(BadBackup):
        backup.restore(tmp_path / "file", tmp_path / "deep" / "restored", CODE)
    assert not (tmp_path / "x").exists()
    assert not list((tmp_path / "deep").iterdir())


def test_links_and_devices_are_refused(tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        link = tarfile.TarInfo("keys/first")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    (tmp_path / "file").write_bytes(sealed(out.getvalue()))
    with pytest.raises(BadBackup, match="keys/first"):
        backup.restore(tmp_path / "file", tmp_path / "restored", CODE)


@given(st.binary(max_size=3 * BLOCK), st.integers(1, 2 * BLOCK))
def test_what_was_sealed_comes_back(tmp_path_factory, data, step):
    path = tmp_path_factory.mktemp("sealed") / "file"
    path.write_bytes(sealed(data, step))
    assert opened(path) == data


@given(st.integers(0, 2 * BLOCK + 1000), st.data())
def test_a_stream_that_is_cut_or_altered_anywhere_does_not_open(tmp_path_factory, size, choice):
    data = bytearray(sealed(b"x" * size))
    place = choice.draw(st.integers(0, len(data) - 1))
    if choice.draw(st.booleans()):
        del data[place:]
    else:
        data[place] ^= choice.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("hurt") / "file"
    path.write_bytes(data)
    with pytest.raises((BadBackup, WrongRecoveryCode)):
        opened(path)


@pytest.mark.parametrize("blocks", [1, 2])
def test_a_stream_that_ends_with_a_whole_block_too_early_does_not_open(tmp_path, blocks):
    data = sealed(b"x" * (3 * BLOCK))
    (tmp_path / "file").write_bytes(data[: len(data) - blocks * (BLOCK + 16)])
    with pytest.raises(BadBackup):
        opened(tmp_path / "file")


def test_a_large_backup_needs_little_memory(tmp_path):
    block = bytes(BLOCK)
    with (tmp_path / "file").open("wb") as out:
        sealer = Sealer(out, SECRETS.backup.public_key().public_bytes_raw(), SECRETS.maker)
        tracemalloc.start()
        for _ in range(300):
            sealer.write(block)
        sealer.close()
    with (tmp_path / "file").open("rb") as stream:
        Opened(tmp_path / "file", stream, SECRETS).drain()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * 1024 * 1024


def test_nothing_secret_is_in_plain_once_the_sheet_is_printed(school):
    school.publish("lune", "La lune")
    assert holders(school.box, school.code) == ["keys/recovery-code"]
    identity.forget_code(school.box)
    school.backup()
    takeover.replaced_card(school.box, school.code, [], machine=COMPUTER, system=school.now)
    assert holders(school.box, school.code) == []
    root = recovery.derive(school.code).root.private_bytes_raw()
    assert not [path for path in school.box.rglob("*") if path.is_file() and root in path.read_bytes()]


def holders(folder, code):
    spellings = {code.encode(), code.replace("-", "").encode(), code.lower().encode()}
    return [
        str(path.relative_to(folder)) for path in sorted(folder.rglob("*"))
        if path.is_file() and any(one in path.read_bytes() for one in spellings)
    ]  # fmt: skip


def archive(files):
    return archive_list(files.items())


def archive_list(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def sealed(data, step=BLOCK):
    out = io.BytesIO()
    sealer = Sealer(out, SECRETS.backup.public_key().public_bytes_raw(), SECRETS.maker)
    for at in range(0, len(data), step):
        sealer.write(data[at : at + step])
    sealer.close()
    return out.getvalue()


def opened(path):
    with path.open("rb") as stream:
        plain = Opened(path, stream, SECRETS)
        out = b""
        while block := plain.read(10_000):
            out += block
        return out


def test_a_school_that_erased_a_lesson_of_its_own_can_still_be_backed_up(school):
    school.publish("lune", "La lune")
    school.publish("mer", "La mer")
    own = school.own()
    erase(own.id, "mer", identity.workplace(school.box), COMPUTER, school.now + timedelta(minutes=1))
    assert set(listed(school.box / "mirror", own.prefix)) == {"lune", "mer"}
    assert backup.write(school.box, school.folder / "backup", system=school.now).size > 0


def test_classes_and_what_was_said_to_them_come_back_for_their_owner_alone(school):
    file = SchoolFile(school.box)
    code = classes.make(file, "6e B")
    classes.give(file, code, "ministry/starter/moon", "La Lune", day=1, note="pour jeudi")
    reports.add(file, "ministry/starter/moon", "", "La Lune", "media", "pas de son", 1)
    backup.restore(school.backup(), school.folder / "restored", school.code)
    copy = SchoolFile(school.folder / "restored")
    assert classes.of_code(copy, code) == classes.of_code(file, code)
    assert reports.every(copy) == reports.every(file)
    assert copy.path.stat().st_mode & 0o077 == 0


def test_damaged_classes_do_not_stop_a_backup(school):
    school.publish("lune", "La lune")
    file = SchoolFile(school.box)
    classes.make(file, "6e B")
    file.path.write_bytes(b"x" * 5000)
    backup.restore(school.backup(), school.folder / "restored", school.code)
    assert school.show(school.folder / "restored") == ["lune"]
    assert not SchoolFile(school.folder / "restored").path.exists()
