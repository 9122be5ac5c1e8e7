"""Where Debian's packages come from, and whether its security fixes are among them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from edubox.errors import NotFound
from edubox.hardware.image import archive, sbom

SIGNED = """-----BEGIN PGP SIGNED MESSAGE-----
Date: Sat, 21 Nov 2026 09:15:44 UTC
Valid-Until: Sat, 28 Nov 2026 09:15:44 UTC
MD5Sum:
 d41d8cd98f00b204e9800998ecf8427e        1 main/binary-amd64/Packages
SHA256:
 {main}        1 main/binary-amd64/Packages.xz
 {other}        1 main/binary-arm64/Packages.xz
 {other}        1 main/source/Sources.xz
"""


def settings(monkeypatch, **labels):
    """This computer's apt takes archives from the addresses *labels*."""

    def run(line, **_):
        (label,) = [word.removeprefix("Label: ") for word in line if word.startswith("Label: ")]
        return subprocess.CompletedProcess(line, 0, f"{labels.get(label.replace('-', '_'), '')}\n", "")

    monkeypatch.setattr(archive.subprocess, "run", run)


def serve(folder: Path, *suites: str) -> Path:
    for name in suites:
        (folder / "dists" / name).mkdir(parents=True)
        (folder / "dists" / name / "InRelease").write_text(SIGNED.format(main="a" * 64, other="b" * 64))
    return folder


def test_both_come_from_where_this_computer_has_them(monkeypatch):
    settings(monkeypatch, Debian="http://m.example/debian", Debian_Security="http://s.example/security")
    assert archive.find("", "") == archive.Archive("http://m.example/debian", "http://s.example/security")


def test_a_computer_without_debian_says_what_to_say(monkeypatch):
    settings(monkeypatch)
    with pytest.raises(NotFound, match="--mirror"):
        archive.find("", "")
    assert archive.find("http://m.example/", "").security == "", (
        "an Ubuntu knows of no security fixes of Debian"
    )


def test_a_folder_is_a_mirror_too_and_nothing_beside_it_is_asked(tmp_path, monkeypatch):
    settings(monkeypatch, Debian_Security="http://s.example/security")
    serve(tmp_path, "trixie", "trixie-security")
    found = archive.find(str(tmp_path), "")
    assert found.main == f"copy:{tmp_path}"
    seen = archive.look(found, "trixie")
    assert [one.name for one in seen] == ["trixie", "trixie-security"]
    assert all(one.address == f"copy:{tmp_path}" for one in seen)
    assert seen[0].date == "Sat, 21 Nov 2026 09:15:44 UTC"


def test_a_folder_without_fixes_is_said_plainly(tmp_path):
    seen = archive.look(archive.find(str(serve(tmp_path, "trixie")), ""), "trixie")
    assert sbom.from_debian([one.name for one in seen]) == "Debian trixie, WITHOUT Debian's security fixes"
    assert "WITHOUT" not in sbom.from_debian(["trixie", "trixie-security"])


def test_fixes_that_should_be_there_are_not_left_out_by_accident(tmp_path):
    main, none = serve(tmp_path / "main", "trixie"), tmp_path / "none"
    none.mkdir()
    with pytest.raises(NotFound, match="--security-mirror none"):
        archive.look(archive.find(str(main), str(none)), "trixie")
    (only,) = archive.look(archive.find(str(main), "none"), "trixie")
    assert only.name == "trixie"


def test_an_archive_that_nobody_reaches_is_no_error(tmp_path):
    assert archive.look(archive.Archive(f"copy:{tmp_path}", "http://s.example/"), "trixie") == ()
    assert archive.look(archive.Archive("http://localhost:1/debian"), "trixie") == ()


def test_the_state_is_that_of_this_computers_packages(tmp_path):
    (one,) = archive.look(archive.find(str(serve(tmp_path, "trixie")), ""), "trixie")
    other = archive.Suite(one.name, one.address, one.date, one.signed.replace("b" * 64, "c" * 64))
    later = archive.Suite(
        one.name, one.address, one.date, one.signed.replace("2026 09:15:44", "2026 15:15:44")
    )
    fixed = archive.Suite(one.name, one.address, one.date, one.signed.replace("a" * 64, "c" * 64))
    mine = one.packages("amd64", ["main"])
    assert other.packages("amd64", ["main"]) == later.packages("amd64", ["main"]) == mine
    assert fixed.packages("amd64", ["main"]) != mine
    assert other.packages("arm64", ["main"]) != one.packages("arm64", ["main"])
