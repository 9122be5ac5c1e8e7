"""From a root image to what ``edubox publish`` signs."""

from __future__ import annotations

import json
import subprocess

import pytest

from edubox.cli import run
from edubox.errors import BadIdentifier, BadImage, UnreadableSource
from edubox.hardware.system.packing import describe, pack
from edubox.pack.edpack import check
from edubox.publishing.job import Publication, publish
from edubox.store.layout import object_path
from tests import needs
from tests.hardware.system.world import BOARD, fake
from tests.publishing.country import ID, MINUTE, NOW, PASSPHRASE, edpack, look


def put(workplace, file, slug=BOARD, now=NOW):
    return publish(Publication(ID, slug, file), workplace, PASSPHRASE, now)


def test_the_ordinary_publication_makes_a_whole_system_and_a_short_update(place, roots, tmp_path):
    files = [tmp_path / "1.edpack", tmp_path / "2.edpack"]
    for root, file in zip(roots, files, strict=False):
        pack(root, BOARD, "Debian 13", file)
        assert check(file) == describe(root, BOARD, "Debian 13")
    put(place, files[0])
    index = put(place, files[1], now=NOW + MINUTE).index
    full, delta = sorted(index.bundles, key=lambda one: one.base is not None)
    assert index.system == BOARD
    assert full.unpacked == delta.unpacked == roots[1].stat().st_size
    assert delta.size < full.size / 20
    (file,) = describe(roots[1], BOARD, "Debian 13").files
    assert not (place.mirror / object_path(file.sha256)).exists()
    assert look(place, tmp_path / "box", NOW + MINUTE, BOARD) == index


def test_the_same_image_gives_the_same_pack(roots, tmp_path):
    for name in ("one", "two"):
        pack(roots[0], BOARD, "Debian 13", tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_name_stays_a_lessons_or_a_systems(place, tmp_path):
    (tmp_path / "root").write_bytes(fake(b"x" * 9000))
    for board in (BOARD, "rpi-arm64"):
        pack(tmp_path / "root", board, "Debian 13", tmp_path / board)
    lesson = edpack(tmp_path / "lesson.edpack", {"index.html": b"<p>Lune"})
    put(place, lesson, "lune")
    put(place, tmp_path / BOARD)
    for file, slug in ((tmp_path / BOARD, "lune"), (lesson, BOARD), (tmp_path / "rpi-arm64", BOARD)):
        with pytest.raises(BadIdentifier, match="another name"):
            put(place, file, slug)


def test_what_no_box_could_start_from_is_refused_before_it_is_packed(tmp_path):
    erofs = bytes(1024) + (0xE0F5E1E2).to_bytes(4, "little") + bytes(9000)
    cases = {"empty": b"", "text": b"root" * 1000, "another file system": erofs}
    for name, data in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BadImage):
            describe(tmp_path / name, BOARD, "Debian 13")
    with pytest.raises(UnreadableSource):
        describe(tmp_path / "absent", BOARD, "Debian 13")
    (tmp_path / "root").write_bytes(fake(bytes(9000)))
    with pytest.raises(BadIdentifier):
        describe(tmp_path / "root", "PC AMD64", "Debian 13")


def test_a_real_file_system_of_a_slot_is_taken(tmp_path):
    needs.programs("mke2fs")
    subprocess.run(
        ["mke2fs", "-q", "-t", "ext4", tmp_path / "root", "2M"], check=True, env={"PATH": needs.PATH}
    )
    assert describe(tmp_path / "root", BOARD, "x").files[0].path == "system.img"


def test_the_command_line_packs_and_a_box_installs(box, roots, tmp_path, capsys):
    output = tmp_path / "system.edpack"
    assert (
        run(
            [
                "system",
                "pack",
                str(roots[1]),
                "--board",
                BOARD,
                "--title",
                "Debian 13",
                "-o",
                str(output),
                "--json",
            ]
        )
        == 0
    )
    assert json.loads(capsys.readouterr().out)["board"] == BOARD
    box.sync()
    root = tmp_path / "root.json"
    root.write_bytes(box.country.root)
    (box.data / "box.toml").write_text(f'system_from = "{box.settings["system_from"]}"\n')
    line = ["system", "install", "--data", str(box.data), "--slots", str(box.slots), "--boot", str(box.boot), "--root", str(root),
            "--device-a", str(box.devices["a"]), "--device-b", str(box.devices["b"]), "--running", "a", "--json"]  # fmt: skip
    assert run(line) == 0
    assert json.loads(capsys.readouterr().out)["done"] == "installed"
    assert run(line) == 0
    assert json.loads(capsys.readouterr().out)["done"] == "nothing"
    root.unlink()
    assert run(line) == 2
