"""``make prove-frozen``, as root: edubox in one folder, on a Debian 12 that has no Python, runs a whole country.

The folder is built, then copied into a fresh Debian of the smallest kind (mmdebstrap), whose root is nobody else's: ``demo`` makes keys,
publishes, starts a hub and boxes as children of the frozen program, and a pupil reads a lesson. Sizes are told, and the time
of a start beside that of the wheel in an environment of the same Python, in turns.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "packaging" / "pyinstaller" / "build.py"
STARTS = 15
#: Seconds for the demonstration to bring a school its lessons.
PATIENCE = 240


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--built", type=Path, help="a folder edubox/ that was built before")
    parser.add_argument("--python", default="/usr/bin/python3", help="Python of the wheel to compare with")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="edubox-prove-frozen-") as folder:
        work = Path(folder)
        built = given.built
        if built is None:
            subprocess.run([sys.executable, BUILD, "--python", given.python, "-o", work], check=True)
            built = work / "edubox"
        wheel = _wheel(work, given.python)
        _weigh(built, wheel)
        _race([built / "edubox"], [wheel / "bin/edubox"])
        _demo(work, built)


def _wheel(work: Path, python: str) -> Path:
    """An environment with the wheel, as pipx makes one."""
    subprocess.run([python, "-m", "venv", work / "wheel"], check=True)
    pip = [work / "wheel/bin/pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, f"{ROOT}[importers]"], check=True)
    return work / "wheel"


def _weigh(built: Path, wheel: Path) -> None:
    for name, folder in (("frozen", built), ("wheel and its libraries", wheel)):
        size = sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
        print(
            f"{name}: {size / 1e6:.0f} MB, {sum(1 for path in folder.rglob('*') if path.is_file())} files",
            flush=True,
        )


def _race(frozen: list[Path], wheel: list[Path]) -> None:
    """Starts in turns, so that both meet the same other work of this computer."""
    for words in (["--version"], ["doctor", "--help"]):
        took: dict[str, list[float]] = {"frozen": [], "wheel": []}
        for _ in range(STARTS):
            for name, line in (("frozen", frozen), ("wheel", wheel)):
                began = time.perf_counter()
                subprocess.run([*line, *words], check=True, stdout=subprocess.DEVNULL)
                took[name].append(time.perf_counter() - began)
        one, other = (statistics.median(took[name]) for name in ("frozen", "wheel"))
        print(
            f"edubox {' '.join(words)}: frozen {one:.2f} s, wheel {other:.2f} s, ratio {one / other:.2f}",
            flush=True,
        )


def _demo(work: Path, built: Path) -> None:
    """Run the demonstration in a clean Debian 12, and read a lesson as a pupil does."""
    debian = work / "debian"
    subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "bookworm", debian], check=True)
    pythons = [path for path in debian.rglob("python3*") if path.parent.name == "bin"]
    assert not pythons, f"this Debian is not clean: {pythons}"
    subprocess.run(["cp", "-a", built, debian / "opt/edubox"], check=True)
    # /proc in a mount namespace of its own, which ends with the demonstration.
    inside = f'mount -t proc proc "{debian}/proc" && exec chroot "{debian}" /opt/edubox/edubox demo --hub-down-after-sync'
    # Unbuffered by what a pipe would do to a frozen program's lines.
    child = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", inside], stdout=subprocess.PIPE, text=True, start_new_session=True,
        env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", "LANG": "C.UTF-8"},
    )  # fmt: skip
    signal.alarm(PATIENCE)
    try:
        began, address = time.monotonic(), ""
        assert child.stdout
        for line in child.stdout:
            print(f"  {line}", end="", flush=True)
            found = re.search(r"http://localhost:\d+/", line)
            address = found[0] if found and not address else address
            if "Ctrl-C" in line:
                break
        assert address, "the demonstration told no address"
        with urllib.request.urlopen(f"{address}fr/", timeout=20) as answer:
            page = answer.read().decode()
        lesson = re.search(r'href="(/fr/lecon/[^"]+)"', page)
        assert lesson, "no lesson on the first page"
        with urllib.request.urlopen(f"{address.rstrip('/')}{lesson[1]}", timeout=20) as answer:
            assert answer.status == 200
        print(
            f"a lesson was read after {time.monotonic() - began:.0f} s on a Debian 12 without Python: {lesson[1]}",
            flush=True,
        )
    finally:
        signal.alarm(0)
        os.killpg(child.pid, signal.SIGINT)
        child.wait(60)


if __name__ == "__main__":
    main()
