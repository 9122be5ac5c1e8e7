"""The Debian package: what it is made of is pinned, it packs to the same bytes, and what it compiles is believed on a root image."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import struct
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEBIAN = ROOT / "packaging" / "debian"


@pytest.fixture(scope="module")
def build():
    """The program, imported as it is when it is started."""
    sys.path.insert(0, str(DEBIAN))
    try:
        spec = importlib.util.spec_from_file_location("edubox_deb_build", DEBIAN / "build.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(DEBIAN))
    return module


@pytest.fixture
def dpkg_deb():
    if shutil.which("dpkg-deb") is None:
        pytest.skip("dpkg-deb is not installed (this is no Debian)")


def pinned():
    """Library → version and number of hashes."""
    text = (DEBIAN / "requirements.txt").read_text("utf-8").replace("\\\n", "")
    return {
        line.split("==")[0]: (line.split("==")[1].split()[0], line.count("--hash=sha256:"))
        for line in text.splitlines()
        if "==" in line
    }


def test_every_library_is_of_one_version_and_held_to_its_hashes():
    text = (DEBIAN / "requirements.txt").read_text("utf-8")
    assert "://" not in text
    assert all(hashes for _, hashes in pinned().values())
    # Those with machine code have a wheel for each of two architectures at least.
    assert pinned()["cryptography"][1] >= 2


def test_what_edubox_needs_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = project["dependencies"] + extras["importers"] + extras["heic"]
    assert {re.split(r"[<>=]", one)[0] for one in wanted} <= pinned().keys()


def test_wheels_are_chosen_for_the_target_and_not_for_this_computer(build):
    options = build.target("arm64", "3.13")
    assert "manylinux2014_aarch64" in options
    assert not any("x86_64" in option for option in options)
    assert options[options.index("--python-version") + 1] == "3.13"


def small_root(build, root):
    """A package without its libraries, laid out as the real one."""
    for source, (place, mode) in build._FILES.items():
        build._put(root / place, (ROOT / source).read_bytes(), mode)
    build._environment(root, "3.13")
    return root


@pytest.mark.usefixtures("dpkg_deb")
def test_the_same_checkout_gives_the_same_package(build, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    made = []
    for name, umask in (("one", 0o022), ("other", 0o077)):
        before = os.umask(umask)
        try:
            (tmp_path / f"{name}.out").mkdir()
            made.append(
                build.pack(small_root(build, tmp_path / name), "arm64", "3.13", tmp_path / f"{name}.out")
            )
        finally:
            os.umask(before)
    assert made[0].read_bytes() == made[1].read_bytes()
    assert made[0].name.endswith("+python3.13_arm64.deb")
    told = subprocess.run(["dpkg-deb", "--info", made[0]], capture_output=True, text=True, check=True).stdout
    assert "Architecture: arm64" in told
    assert "Depends: python3.13," in told
    assert "@" not in re.sub(r"<.*?>", "", told)
    listed = subprocess.run(
        ["dpkg-deb", "--contents", made[0]], capture_output=True, text=True, check=True
    ).stdout
    assert all(line.split()[1] == "root/root" for line in listed.splitlines())
    assert re.search(r"^-rwxr-xr-x .* \./usr/bin/edubox$", listed, re.MULTILINE)
    assert "./usr/lib/edubox/bin/python3 -> /usr/bin/python3.13" in listed
    # The data are no part of the package: dpkg would take them away with it.
    assert "./data" not in listed


def test_compiled_files_are_believed_whatever_times_a_root_image_gives(build, tmp_path):
    python = "{}.{}".format(*sys.version_info)
    if shutil.which(f"python{python}") is None:
        pytest.skip(f"no python{python} on this computer's path")
    (tmp_path / "room.py").write_text("answer = 42\n")
    build._compile(tmp_path, python)
    (compiled,) = (tmp_path / "__pycache__").glob("room.*.pyc")
    flags = struct.unpack("<I", compiled.read_bytes()[4:8])[0]
    assert flags == 0b01  # PEP 552: by hash, and not checked
    os.utime(tmp_path / "room.py", (1, 1))
    line = [sys.executable, "-v", "-c", "import room"]
    told = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=True).stderr
    assert f"matches {tmp_path / 'room.py'}" in told
    assert str(tmp_path) not in compiled.read_bytes().decode("latin-1")


def test_a_computer_without_the_targets_python_leaves_compiling_to_the_installation(build, tmp_path, capsys):
    (tmp_path / "room.py").write_text("answer = 42\n")
    build._compile(tmp_path, "3.99")
    assert not (tmp_path / "__pycache__").exists()
    assert "compiles itself where it is installed" in capsys.readouterr().out


@pytest.mark.parametrize("script", ["postinst", "prerm", "postrm", "edubox.sh"])
def test_scripts_are_plain_sh(script):
    subprocess.run(["sh", "-n", DEBIAN / script], check=True)
    text = (DEBIAN / script).read_text("utf-8")
    assert text.startswith("#!/bin/sh\n")
    # A package that is removed by mistake must not take a school with it.
    assert "/data" not in text


def test_the_boxs_person_keeps_its_number_in_every_system():
    """The data outlive the system: in the next one the same number must be the same person."""
    assert re.search(r"^u edubox \d+ ", (DEBIAN / "sysusers.conf").read_text("utf-8"), re.MULTILINE)
