"""A computer in QEMU, without the processor's help, that starts from a card: its pages on a port of this one, its console in a file.

What no box has, a shell, is asked for by words for the kernel (``systemd.debug_shell``), on the second serial line.
"""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.cli.country import free_port

#: Words for the kernel that give ``Machine.ask`` somebody to answer; and a PC whose clock is a busy computer's program may stutter.
SHELL = "systemd.debug_shell=ttyS1 no_timer_check"
#: Seconds that a step of a PC may take, here where nothing is fast.
PATIENCE = 600.0
_BEGIN, _END = "--asks--", "--asked--"
#: What a shell tells a terminal of colours and pasting.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of computer: its *words* for QEMU, its *network* card, the bytes of its *card*, the seconds that a step may take.

    ``{disk}``, ``{console}``, ``{line}`` and ``{shell}`` stand for the card, the file of what is said on the first serial line, and the
    sockets of that line and of the second.
    """

    words: tuple[str, ...]
    network: str
    memory_mb: int = 512
    card: int = 4_000_000_000
    patience: float = PATIENCE


PC = Kind(
    ("qemu-system-x86_64", "-M", "q35", "-smp", "2", "-chardev", "socket,id=line,path={line},server=on,wait=off,logfile={console}", "-serial", "chardev:line",
     "-serial", "unix:{shell},server=on,wait=off", "-drive", "file={disk},format=raw,if=virtio,cache=unsafe"),
    "virtio-net-pci",
)  # fmt: skip


class Machine:
    """The computer with the card *disk* in it, running from its making until ``kill``; *more* are words for QEMU."""

    def __init__(self, disk: Path, kind: Kind = PC, more: tuple[str, ...] = ()) -> None:
        self.port, self.lesson_port = free_port(), free_port()
        self.console = disk.with_suffix(".console")
        self._shell = disk.with_suffix(".shell")
        #: What is typed on the first serial line goes here, where the kind of computer has it.
        self.line = disk.with_suffix(".line")
        self._patience = kind.patience
        self.began = time.monotonic()
        self.console.unlink(missing_ok=True)
        words = [
            word.format(disk=disk, console=self.console, line=self.line, shell=self._shell)
            for word in kind.words
        ]
        self._process = subprocess.Popen(
            [*words, "-m", str(kind.memory_mb), "-display", "none", "-monitor", "none", "-no-reboot",
             "-netdev", f"user,id=net,hostfwd=tcp:127.0.0.1:{self.port}-:80,hostfwd=tcp:127.0.0.1:{self.lesson_port}-:8081", "-device", f"{kind.network},netdev=net", *more],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def page(self, path: str, port: int | None = None) -> str | None:
        """What the box answers, None while it does not, or says that it is starting."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{port or self.port}{path}", headers={"Accept-Language": "fr"}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read().decode()
        except (OSError, urllib.error.URLError):
            return None

    def wait_for(self, path: str, words: str) -> float:
        """Seconds from power-on until the page *path* has *words*."""
        while time.monotonic() - self.began < self._patience:
            if words in (self.page(path) or ""):
                return time.monotonic() - self.began
            assert self._process.poll() is None, f"it went off: {self.said()[-2000:]}"
            time.sleep(1)
        raise AssertionError(f"{path} never said {words!r}: {self.said()[-2000:]}")

    def said(self) -> str:
        """What the console shows."""
        return self.console.read_text("utf-8", "replace")

    def ask(self, command: str) -> str:
        """What *command* says in the guest."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(self._patience)
            line.connect(str(self._shell))
            # The shell shows what is typed, and its prompt again: both marks are put together there, so that only the answer has
            # them in one piece.
            begin, end = (f"{mark[0]}''{mark[1:]}" for mark in (_BEGIN, _END))
            line.sendall(f"stty -echo; echo {begin}; {command}; echo {end}\n".encode())
            heard = b""
            while _END.encode() not in heard:
                heard += line.recv(4096)
        said = _ESCAPES.sub("", heard.decode("utf-8", "replace").replace("\r", ""))
        return said.partition(f"{_BEGIN}\n")[2].partition(_END)[0]

    def wait_for_its_end(self) -> float:
        """Seconds from power-on until the machine went off by itself: it does where another one would start again."""
        self._process.wait(self._patience * 3)
        return time.monotonic() - self.began

    def kill(self) -> None:
        """Cut the power."""
        self._process.kill()
        self._process.wait()


@contextlib.contextmanager
def running(image: Path, disk: Path, kind: Kind = PC):
    """A machine with a fresh card *disk* that *image* was written to."""
    put(image, disk, kind)
    with powered(disk, kind) as machine:
        yield machine


def put(image: Path, disk: Path, kind: Kind = PC) -> None:
    """Write *image* to a fresh card *disk*."""
    subprocess.run(["cp", "--sparse=always", image, disk], check=True)
    with disk.open("r+b") as handle:
        handle.truncate(kind.card // 512 * 512)


@contextlib.contextmanager
def powered(disk: Path, kind: Kind = PC):
    """A machine with the card *disk* as it is."""
    machine = Machine(disk, kind)
    try:
        yield machine
    finally:
        machine.kill()
