"""Computers that know nothing of each other: a network namespace each, a home of its own, names of the others, and one stick.

What a person would type (a page of ``docs/`` tells it) is typed here by bash as it stands: a block is a shell in the computer's own
view of network and disks, with what earlier blocks exported, as in one terminal. A *window* is a block that stays at work.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests import needs
from tests.hub.servers import tied

#: Seconds for one block, and for a window to say what it says.
PATIENCE = 600
_STICK = "/media/stick"


class Machine:
    """One computer, called *name* by people; its namespace is *space*, its files are below *folder*."""

    def __init__(self, name: str, space: str, folder: Path, stick: Path, hosts: Path) -> None:
        self.name, self._space, self._folder = name, space, folder
        self._stick, self._hosts = stick, hosts
        self._state = folder / "exported"
        self._windows: list[tuple[subprocess.Popen[bytes], Path]] = []
        (folder / "home").mkdir(parents=True)

    def run(self, text: str, typed: str = "") -> str:
        """What the block *text* says, with *typed* at the keyboard; fails where a line of it does."""
        done = subprocess.run(
            self._line(text, keep=True), input=typed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, f"on the {self.name}:\n{text}\n{done.stdout}"
        return done.stdout

    def window(self, text: str) -> Path:
        """Start the block *text* and leave it at work; where what it says is written."""
        said = self._folder / f"window{len(self._windows)}"
        with said.open("wb") as out:
            child = subprocess.Popen(
                self._line(f"exec {text}", keep=False), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                preexec_fn=tied(signal.SIGTERM),  # noqa: PLW1509
            )  # fmt: skip
        self._windows.append((child, said))
        return said

    def stop(self) -> None:
        """Press Ctrl-C in every window, and wait until each has ended as it should."""
        for child, said in self._windows:
            child.send_signal(signal.SIGINT)
            assert child.wait(PATIENCE) == 0, said.read_text()
        self._windows = []

    def end(self) -> None:
        """End what is still at work, whatever it says."""
        for child, _ in self._windows:
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(60)
            child.kill()
            child.wait()

    def _line(self, text: str, *, keep: bool) -> list[str]:
        """The command that runs *text* on this computer; it *keeps* what it exported for the next."""
        script = self._folder / "script"
        lines = [f". {self._state}"] if self._state.exists() else []
        lines += ["set -e", text, f"export -p > {self._state}" if keep else ""]
        script.write_text("\n".join(lines))
        home = self._folder / "home"
        return [
            "nice", "-n", "10", "ip", "netns", "exec", self._space, "unshare", "--mount", "sh", "-ec",
            (
                f"mount --bind {self._hosts} /etc/hosts; mount -t tmpfs stick /media; mkdir {_STICK};"
                f"mount --bind {self._stick} {_STICK}; cd {home};"
                f"exec env -i HOME={home} LANG=C.UTF-8 PATH={Path(sys.executable).parent}:/usr/bin:/bin bash {script}"
            ),
        ]  # fmt: skip


@contextlib.contextmanager
def two(
    folder: Path, first: str, second: str, also: tuple[str, ...] = ()
) -> Iterator[tuple[Machine, Machine]]:
    """Two computers on one cable, called *first* and *second*, and ``NAME.example.org`` in the network; *also*: more names of the first.

    Skips where there are none.
    """
    needs.programs("ip", "unshare", "bash", "curl")
    spaces = [f"e{name}{os.getpid()}" for name in (first, second)]
    stick, hosts = folder / "stick", folder / "hosts"
    stick.mkdir()
    names = " ".join(f"{name}.example.org" for name in (first, *also))
    hosts.write_text(f"127.0.0.1 localhost\n198.51.100.1 {names}\n198.51.100.2 {second}.example.org\n")
    machines: list[Machine] = []
    try:
        try:
            for space in spaces:
                _ip("netns", "add", space)
                _ip("-n", space, "link", "set", "lo", "up")
            _ip(*f"-n {spaces[0]} link add wire type veth peer name wire netns {spaces[1]}".split())
            for number, space in enumerate(spaces, 1):
                _ip("-n", space, "address", "add", f"198.51.100.{number}/24", "dev", "wire")
                _ip("-n", space, "link", "set", "wire", "up")
            subprocess.run(["unshare", "--mount", "true"], check=True, capture_output=True, text=True)
        except subprocess.CalledProcessError as error:
            needs.absent(f"network namespaces cannot be made here: {error.stderr.strip()}")
        machines += [
            Machine(name, space, folder / name, stick, hosts)
            for name, space in zip((first, second), spaces, strict=True)
        ]
        yield machines[0], machines[1]
    finally:
        for machine in machines:
            machine.end()
        for space in spaces:
            _ip("netns", "del", space, check=False)


def wait_until_said(path: Path, holds: object) -> str:
    """What a window has said, as soon as *holds* of it is true."""
    deadline = time.monotonic() + PATIENCE
    while True:
        said = path.read_text()
        if holds(said):  # type: ignore[operator]
            return said
        assert time.monotonic() < deadline, said
        time.sleep(0.1)


def _ip(*words: str, check: bool = True) -> None:
    subprocess.run(["ip", *words], check=check, capture_output=True, text=True, timeout=30)
