"""``python packaging/debian/build.py --arch arm64 -o DIR``: a Debian package with edubox and every library it needs.

Debian has no python-tuf 7, and a box that nobody visits for a year must have the libraries that were tested: so they lie in a
virtual environment of their own, ``/usr/lib/edubox``, beside nobody else's. From the checkout to the package:

1. ``edubox`` becomes a wheel; libraries come as wheels of the target's architecture and Python, held to the hashes of
   ``requirements.txt`` (``pin.py`` writes it), from the folder *wheels* when they are there: then nothing asks a network.
2. pip unpacks both into the environment, without running anything of the target; what tells of this computer is taken out.
3. The target's own Python compiles it, if this computer has one; else ``postinst`` does. The root of a box is read-only over
   memory: without ``.pyc`` every start would compile, and with ``.pyc`` that are checked by time a root image, which has one
   time for all files, would too. So they are of the kind that is believed (PEP 552, ``unchecked-hash``).
4. Units, nginx, users and folders are laid beside, and ``dpkg-deb`` packs it: the same bytes from the same checkout.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pin import LOCK, MACHINES, ROOT, target

from edubox import __version__

HERE = Path(__file__).parent
_ENVIRONMENT = Path("usr/lib/edubox")
#: What pip writes of how, when and from where it installed.
_OF_PIP = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
#: File of this checkout → its place on the box and its mode.
_FILES = {
    "packaging/debian/edubox.sh": ("usr/bin/edubox", 0o755),
    "packaging/debian/sysusers.conf": ("usr/lib/sysusers.d/edubox.conf", 0o644),
    "packaging/udev/90-edubox.rules": ("usr/lib/udev/rules.d/90-edubox.rules", 0o644),
    "packaging/debian/tmpfiles.conf": ("usr/lib/tmpfiles.d/edubox.conf", 0o644),
    "packaging/debian/console.sh": ("usr/share/edubox/console", 0o755),
    "packaging/debian/box.toml": ("usr/share/edubox/card/box.toml", 0o644),
    "packaging/nginx/box.conf": ("usr/share/edubox/nginx/box.conf", 0o644),
    "packaging/nginx/starting.html": ("usr/share/edubox/nginx/starting.html", 0o644),
    "LICENSE": ("usr/share/doc/edubox/copyright", 0o644),
}
_SCRIPTS = ("postinst", "prerm", "postrm")


def main() -> None:
    """Build one package and say where it is, on the last line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--arch", choices=MACHINES, required=True, help="Debian's name of the architecture")
    parser.add_argument(
        "--python", default="3.13", help="Python of the target: 3.13 for Debian 13, 3.11 for Debian 12"
    )
    parser.add_argument(
        "--wheels", type=Path, default=_cache(), help="folder of wheels, filled when something is missing"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the package")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="edubox-deb-") as work:
        root = Path(work) / "root"
        install(root, given.arch, given.python, given.wheels)
        print(pack(root, given.arch, given.python, given.output))


def install(root: Path, arch: str, python: str, wheels: Path) -> None:
    """Lay everything that the package holds into the folder *root*."""
    os.environ["SOURCE_DATE_EPOCH"] = _epoch()
    site = root / _ENVIRONMENT / "lib" / f"python{python}" / "site-packages"
    _libraries(site, arch, python, wheels)
    _ours(site, arch, python, wheels)
    shutil.rmtree(site / "bin")
    for name in _OF_PIP:
        for path in site.glob(f"*.dist-info/{name}"):
            path.unlink()
    _environment(root, python)
    _compile(site, python)
    for source, (place, mode) in _FILES.items():
        _put(root / place, (ROOT / source).read_bytes(), mode)
    for unit in sorted((ROOT / "packaging" / "systemd").iterdir()):
        _put(root / "usr/lib/systemd/system" / unit.name, unit.read_bytes(), 0o644)


def pack(root: Path, arch: str, python: str, output: Path) -> Path:
    """Make the package of *root* in the folder *output*."""
    # The package for Debian 13 follows the one for Debian 12, so that a computer that is upgraded takes it.
    version = f"{__version__}+python{python}"
    size = sum(path.lstat().st_size for path in root.rglob("*")) // 1024
    described = (HERE / "control").read_text("utf-8")
    for name, value in {"version": version, "arch": arch, "python": python, "size": str(size)}.items():
        described = described.replace(f"@{name}@", value)
    _put(root / "DEBIAN/control", described.encode(), 0o644)
    for script in _SCRIPTS:
        _put(root / "DEBIAN" / script, (HERE / script).read_bytes(), 0o755)
    _normalise(root, int(os.environ["SOURCE_DATE_EPOCH"]))
    package = output / f"edubox_{version}_{arch}.deb"
    # Zstandard: a change of ours costs seconds, for a package that is a fifth larger than with xz. One thread, since how the
    # input is cut into blocks would depend on how many there are.
    line = [
        "dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--threads-max=1", "--build", str(root),
        str(package),
    ]  # fmt: skip
    subprocess.run(line, check=True, stdout=subprocess.DEVNULL)
    return package


def _libraries(site: Path, arch: str, python: str, wheels: Path) -> None:
    pinned = ["--no-deps", "--require-hashes", "--requirement", str(LOCK), *target(arch, python)]
    line = [
        "install", "--no-index", "--find-links", str(wheels), "--target", str(site), "--no-compile", *pinned,
    ]  # fmt: skip
    wheels.mkdir(parents=True, exist_ok=True)
    if _pip(line, quiet=True):
        return
    shutil.rmtree(site, ignore_errors=True)
    # With what builds our own wheel, so that the next time needs no network either.
    if not (
        _pip(["download", "--dest", str(wheels), *pinned])
        and _pip(["download", "--dest", str(wheels), "hatchling", "babel"])
    ):
        sys.exit(
            f"build: the libraries are not in {wheels}, and pip could not fetch them; its own words are above"
        )
    if not _pip(line):
        sys.exit(f"build: the libraries in {wheels} are not those of {LOCK.name}; pip's own words are above")


def _ours(site: Path, arch: str, python: str, wheels: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        line = ["wheel", "--no-deps", "--no-index", "--find-links", str(wheels), "--wheel-dir", folder]
        if not _pip([*line, str(ROOT)]):
            sys.exit("build: edubox's own wheel could not be made; pip's own words are above")
        wheel = next(Path(folder).glob("*.whl"))
        line = [
            "install", "--no-deps", "--no-index", "--target", str(site), "--no-compile", "--upgrade",
            *target(arch, python),
        ]  # fmt: skip
        if not _pip([*line, str(wheel)]):
            sys.exit("build: edubox's own wheel could not be unpacked; pip's own words are above")


def _environment(root: Path, python: str) -> None:
    """What makes a folder a virtual environment; ``venv`` itself would need the target's Python."""
    said = f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {python}\n"
    _put(root / _ENVIRONMENT / "pyvenv.cfg", said.encode(), 0o644)
    binaries = root / _ENVIRONMENT / "bin"
    binaries.mkdir()
    (binaries / "python3").symlink_to(f"/usr/bin/python{python}")


def _compile(site: Path, python: str) -> None:
    asked = ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    found = shutil.which(f"python{python}")
    told = (
        subprocess.run([found, *asked], capture_output=True, text=True, check=False).stdout.strip()
        if found
        else ""
    )
    if not found or told != python:
        print(
            f"build: no python{python} on this computer, so the package compiles itself where it is installed"
        )
        return
    inside = f"/{_ENVIRONMENT}/lib/python{python}/site-packages"
    line = [
        found, "-I", "-m", "compileall", "-q", "-s", str(site), "-p", inside, "--invalidation-mode",
        "unchecked-hash", str(site),
    ]  # fmt: skip
    subprocess.run(line, check=True)


def _normalise(root: Path, epoch: int) -> None:
    """One time for all, and rights that do not depend on whose computer this is."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def _put(path: Path, data: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)


def _pip(arguments: list[str], *, quiet: bool = False) -> bool:
    """Whether pip did it; what it is sorry about is shown unless *quiet*."""
    line = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    return subprocess.run(line, check=False, stderr=subprocess.DEVNULL if quiet else None).returncode == 0


def _epoch() -> str:
    """The time that all files get, in seconds: what is asked for, else that of the last commit."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    told = subprocess.run(
        ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False
    )
    if told.returncode:
        sys.exit(
            "build: this is no git checkout; say what time the package is of: SOURCE_DATE_EPOCH=… (seconds since 1970)"
        )
    return told.stdout.strip()


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edubox" / "wheels"


if __name__ == "__main__":
    main()
