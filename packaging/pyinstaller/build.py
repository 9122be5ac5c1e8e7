"""``python packaging/pyinstaller/build.py -o DIR``: edubox in one folder, for computers without a Python, or with an old one.

The folder runs where the C library is at least as new as the one it was built with: on Linux build it with the own Python of the oldest
Debian that is supported (``/usr/bin/python3`` of Debian 12, which this chooses if it is there). An environment is made for it
that has the libraries of the Debian package, in the same versions, and nothing else, so that nothing else is carried along.

One folder, not one file: a single file unpacks itself at every start of every child, which takes twice as long.
"""

from __future__ import annotations

import argparse
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LOCK = ROOT / "packaging" / "debian" / "requirements.txt"
_DEBIAN = Path("/usr/bin/python3")
_PYINSTALLER = "pyinstaller==6.22.*"


def main() -> None:
    """Build, and say where it is and what it weighs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--python",
        type=Path,
        default=_DEBIAN if _DEBIAN.exists() else Path(sys.executable),
        help="Python to freeze",
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, help="folder of the folder edubox/ and its archive"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="edubox-frozen-") as work:
        python = environment(Path(work), given.python)
        built = freeze(Path(work), python, given.output)
    files = [path for path in built.rglob("*") if path.is_file() and not path.is_symlink()]
    archive = shutil.make_archive(str(given.output / _name()), "xztar", given.output, built.name)
    print(f"{built}: {len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.0f} MB")
    print(f"{archive}: {Path(archive).stat().st_size / 1e6:.0f} MB")


def environment(work: Path, python: Path) -> Path:
    """Make an environment of *python* in *work* with edubox and PyInstaller; its interpreter."""
    if python.resolve() == Path(sys.executable).resolve():
        venv.create(work / "venv", with_pip=True)
    else:
        _run(python, "-m", "venv", work / "venv")
    inside = work / "venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    # Without the hashes, which are those of Debian's architectures.
    versions = work / "versions.txt"
    versions.write_text(
        "\n".join(re.findall(r"^[a-z0-9-]+==[^ ]+", LOCK.read_text("utf-8"), re.MULTILINE)), "utf-8"
    )
    pip = (inside, "-m", "pip", "--quiet", "--disable-pip-version-check")
    _run(*pip, "install", "--only-binary", ":all:", "--no-deps", "--requirement", versions)
    _run(*pip, "install", "--only-binary", ":all:", _PYINSTALLER)
    _run(*pip, "install", "--no-deps", ROOT)
    return inside


def freeze(work: Path, python: Path, output: Path) -> Path:
    """Freeze what the environment of *python* holds into ``output/edubox``."""
    # Isolated: where it is started there may be a checkout, whose edubox has neither lessons nor players in it.
    line = ("-I", "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN")
    _run(python, *line, "--distpath", output, "--workpath", work / "build", HERE / "edubox.spec")
    return output / "edubox"


def _name() -> str:
    version = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert version
    return f"edubox-{version[1]}-{sys.platform}-{platform.machine().lower()}"


def _run(*line: object) -> None:
    done = subprocess.run([str(word) for word in line], check=False)
    if done.returncode:
        sys.exit(f"build: this failed, its own words are above: {' '.join(map(str, line))}")


if __name__ == "__main__":
    main()
