"""``make prove-wheel``: what ``pipx install edubox`` gives on a computer without npm: lessons, languages and every player.

The wheel is built from the checkout and installed by pipx into a folder of its own; then a box is made with nothing but what is in it, and
a browser's questions for a player are asked. Needs the package index for libraries, nothing else.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path

from edubox.pages.player import NEEDS
from tests.cli.country import free_port

ROOT = Path(__file__).parents[2]
PATIENCE = 120


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="edubox-prove-wheel-") as folder:
        work = Path(folder)
        subprocess.run(
            [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", work, ROOT], check=True
        )
        wheel = next(work.glob("edubox-*.whl"))
        _holds_the_players(wheel)
        program = _installed(work, wheel)
        said = subprocess.run(
            [program, "--version"], check=True, capture_output=True, text=True, cwd=work
        ).stdout
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB; {said.strip()}", flush=True)
        _plays(work, program)


def _holds_the_players(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    missing = [one for needs in NEEDS.values() for one in needs if f"edubox/_players/{one}" not in names]
    assert not missing, f"make players first: {missing}"
    assert any(name.endswith("/fr/LC_MESSAGES/edubox.mo") for name in names)


def _installed(work: Path, wheel: Path) -> Path:
    venv.create(work / "pipx", with_pip=True)
    subprocess.run([work / "pipx/bin/pip", "install", "--quiet", "pipx"], check=True)
    # Nothing of this shell's Python comes in: no npm either.
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": str(work), "PIPX_HOME": str(work / "home"), "PIPX_BIN_DIR": str(work / "bin"),
        **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
    }  # fmt: skip
    line = [work / "pipx/bin/pipx", "install", "--quiet", "--python", sys.executable, f"{wheel}[importers]"]
    subprocess.run(line, check=True, env=environment, cwd=work)
    return work / "bin/edubox"


def _plays(work: Path, program: Path) -> None:
    """Run the demonstration, and ask for each player as a browser does."""
    pages, lessons = free_port(), free_port()
    line = [program, "demo", "--port", str(pages), "--lesson-port", str(lessons), "--data", work / "demo"]
    with (work / "said").open("w") as said:
        child = subprocess.Popen(line, stdout=said, stderr=subprocess.STDOUT, cwd=work)
    try:
        _answer(f"http://127.0.0.1:{pages}/fr/", child)
        inside = subprocess.run(
            [work / "home/venvs/edubox/bin/python", "-c", "from edubox.pages.player import players as p; print(p().build, *p().missing())"],
            check=True, capture_output=True, text=True, cwd=work,
        ).stdout.split()  # fmt: skip
        assert len(inside) == 1, f"players that do not play: {inside[1:]}"
        for name in (f"{player}.html" for player in NEEDS):
            page = _answer(f"http://127.0.0.1:{lessons}/p/{inside[0]}/{name}", child).decode()
            for part in re.findall(r'(?:src|href)="([^":]+)"', page):
                _answer(f"http://127.0.0.1:{lessons}/p/{inside[0]}/{part}", child)
        print(f"its players answer: {', '.join(NEEDS)}", flush=True)
    finally:
        child.terminate()
        child.wait(60)


def _answer(address: str, child: subprocess.Popen[bytes]) -> bytes:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address, timeout=20) as answer:
                body: bytes = answer.read()
                return body
        except urllib.error.HTTPError:
            raise
        except OSError:
            assert child.poll() is None, "the demonstration ended"
            assert time.monotonic() < deadline, f"{address} does not answer"
            time.sleep(0.2)


if __name__ == "__main__":
    main()
