"""``edubox flash`` as a technician types it, on a made-up computer."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from edubox.cli import root
from edubox.cli.flash_screen import Screen, fitted
from edubox.errors import BadInput, EduboxError, NotACard, WornOutCard
from edubox.hardware.card.request import understand
from edubox.hardware.flash import disks
from edubox.hardware.flash.cards import Job
from edubox.hardware.flash.fat import Volume
from edubox.hardware.flash.writing import Written
from tests.hardware.flash import images
from tests.hardware.flash.machine import USB, Machine, number_of

MIB = images.MIB
SCHOOLS = "name;hostname;wifi.name\nÉcole Jean-Moulin;moulin;Moulin\nÉcole du Bourg;bourg;\nCollège Césaire;cesaire;\n"


@pytest.fixture
def computer(tmp_path, monkeypatch):
    monkeypatch.setattr(disks, "ROOT", tmp_path)
    images.image(tmp_path / "box.img")
    (tmp_path / "schools.csv").write_text(SCHOOLS, "utf-8")
    made = Machine(tmp_path)
    made.add("sda", 512_000_000_000, model="SYSTEM")
    for name in ("sdb", "sdc"):
        made.add(name, 16 * MIB, bus=USB, removable=True, model="Mass Storage", file=True)
    return made


def edubox(computer, *arguments):
    """What a command answers as JSON; raises its error."""
    done = CliRunner().invoke(root, ["flash", *map(str, arguments), "--json"], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return json.loads(done.stdout) if done.stdout else done.return_value


def asked_of(computer, name):
    """What the edubox.toml on a card says."""
    data = (computer.root / "dev" / name).read_bytes()
    volume = Volume(lambda offset, size: data[offset : offset + size], MIB)
    return understand(volume.read_file("edubox.toml")).values


def test_list_shows_cards_and_why_one_is_not_written(computer):
    folder = computer.add("sdd", 8_000_000_000, bus=USB, removable=True)
    computer.mount("/media/anna/PHOTOS", "/dev/sdd", number_of(folder))
    listed = edubox(computer, "list")["cards"]
    assert [one["card"] for one in listed] == ["sdb", "sdc", "sdd"]
    assert listed[0]["refusal"] == ""
    assert "/media/anna/PHOTOS" in listed[2]["refusal"]


@pytest.mark.parametrize("card", ["sda", "/dev/sda", "sdd"])
def test_a_system_disk_and_a_mounted_card_are_refused_before_anything_is_written(computer, card):
    computer.mount("/", "/dev/sda", "8:1")
    computer.add("sdd", 16 * MIB, bus=USB, removable=True, file=True)
    computer.mount("/media/anna/PHOTOS", "/dev/sdd", "0:0")
    with pytest.raises(NotACard, match=r"runs from it|in use at /media/anna/PHOTOS"):
        edubox(computer, "write", computer.root / "box.img", "sdb", card, "--yes")
    assert not any((computer.root / "dev/sdb").read_bytes())


def test_nothing_is_erased_without_a_yes(computer):
    with pytest.raises(BadInput, match="--yes says it"):
        edubox(computer, "write", computer.root / "box.img", "--all")
    assert not any((computer.root / "dev/sdb").read_bytes())


def test_every_card_but_no_backup_drive(computer):
    computer.add("sde", 2_000_000_000_000, bus=USB)
    told = edubox(computer, "write", computer.root / "box.img", "--all", "--yes")
    assert [one["card"] for one in told["cards"]] == ["sdb", "sdc"]
    assert all(one["written"] for one in told["cards"])


def test_two_rounds_give_three_schools_their_cards_and_codes(computer):
    line = ("write", computer.root / "box.img", "--all", "--schools", computer.root / "schools.csv", "--yes")
    first = edubox(computer, *line)["cards"]
    assert [one["school"] for one in first] == ["École Jean-Moulin", "École du Bourg"]
    rows = (computer.root / "schools.codes.csv").read_text("utf-8-sig").splitlines()
    codes = {row.split(";")[0]: row.split(";")[2] for row in rows[1:]}
    for name, school in (("sdb", "École Jean-Moulin"), ("sdc", "École du Bourg")):
        said = asked_of(computer, name)
        assert (said["name"], said["code"]) == (school, codes[school])
    # The same cards again: nothing of theirs is lost.
    before = (computer.root / "dev/sdb").read_bytes()
    assert edubox(computer, *line)["cards"] == []
    assert (computer.root / "dev/sdb").read_bytes() == before
    # Another card.
    computer.add("sdf", 16 * MIB, bus=USB, removable=True, file=True)
    assert [(one["card"], one["school"]) for one in edubox(computer, *line)["cards"]] == [
        ("sdf", "Collège Césaire")
    ]
    assert all(
        row.split(";")[3]
        for row in (computer.root / "schools.codes.csv").read_text("utf-8-sig").splitlines()[1:]
    )
    # One school's card was lost.
    again = edubox(computer, *line[:2], "sdb", *line[3:], "--school", "École Jean-Moulin")["cards"]
    assert [one["school"] for one in again] == ["École Jean-Moulin"]
    assert asked_of(computer, "sdb")["code"] == codes["École Jean-Moulin"]


def test_codes_and_labels_before_any_card(computer):
    told = edubox(computer, "codes", computer.root / "schools.csv")
    assert told["schools"] == 3
    page = (computer.root / "schools.labels.html").read_text("utf-8")
    assert page.count("<article>") == 3
    assert "http://moulin.local/" in page
    codes = [
        row.split(";")[2]
        for row in (computer.root / "schools.codes.csv").read_text("utf-8-sig").splitlines()[1:]
    ]
    assert not any(code in page for code in codes)
    edubox(
        computer,
        "write",
        computer.root / "box.img",
        "sdb",
        "--schools",
        computer.root / "schools.csv",
        "--yes",
    )
    assert asked_of(computer, "sdb")["code"] == codes[0]


def test_a_list_with_a_mistake_touches_no_card(computer):
    (computer.root / "schools.csv").write_text("name;hostname\nA;Ü\n")
    with pytest.raises(EduboxError, match="no card was touched"):
        edubox(
            computer,
            "write",
            computer.root / "box.img",
            "--all",
            "--schools",
            computer.root / "schools.csv",
            "--yes",
        )
    assert not any((computer.root / "dev/sdb").read_bytes())


def test_a_card_too_small_is_said_before_any_is_erased(computer):
    computer.add("sdg", 8 * MIB, bus=USB, removable=True, file=True)
    with pytest.raises(EduboxError, match=r"sdg holds 8\.4 MB and the image needs 15 MB"):
        edubox(computer, "write", computer.root / "box.img", "--all", "--yes")
    assert not any((computer.root / "dev/sdb").read_bytes())


def test_an_image_that_is_not_the_one_of_its_sums_is_not_written(computer):
    edubox(computer, "sums", computer.root / "box.img")
    with (computer.root / "box.img").open("r+b") as image:
        image.write(b"other")
    with pytest.raises(EduboxError) as error:
        edubox(computer, "write", computer.root / "box.img", "--all", "--yes")
    assert error.value.code == "not-trusted"


@pytest.mark.parametrize("arguments", [(), ("--all", "sdb")])
def test_which_cards_must_be_said(computer, arguments):
    with pytest.raises(BadInput, match="say which cards"):
        edubox(computer, "write", computer.root / "box.img", *arguments, "--yes")


def test_the_screen_fits_eighty_columns(computer, monkeypatch, capsys):
    disk = disks.named("sdb")
    jobs = [Job(disk, whose="École élémentaire Marie-Curie de Saint-Étienne-du-Rouvray") for _ in range(30)]
    now = [0.0]
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    screen = Screen(jobs, clock=lambda: now[0])
    for turn in range(30):
        now[0] += 0.5
        for number, job in enumerate(jobs):
            job.step, job.done, job.total = "writing", turn * MIB * (number + 5), 5000 * MIB
        screen.draw()
    jobs[0].written, jobs[1].error = (
        Written(1, 0, 2),
        WornOutCard(disk="sdb", reason="it holds less than its label says"),
    )
    screen.draw()
    drawn = capsys.readouterr().err.split("\x1b[J")
    moving = drawn[-3].splitlines()
    assert len(moving) <= 24
    assert all(len(line.replace("\x1b[K", "").split("F")[-1]) < 80 for line in moving)
    assert "MB/s" in moving[3]
    assert "30 cards being written" in moving[-1]
    assert "2 places had to be written twice" in drawn[-2]
    assert "is a bad card" in drawn[-2]


def test_a_name_is_cut_where_the_line_ends():
    assert fitted("學校學校學校", 7) == "學校學…"
    assert fitted("École", 9) == "École"
