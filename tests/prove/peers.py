"""Four ways to bring the same lesson over the line: ours, and three that people use.

Each is called with a Task and a folder of its own, where ``tree`` is what the school has, and returns the share of the
lesson that it brought: 1.0, or less where it was stopped early; then its figures are scaled up and marked. Who is cut
begins again at once.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.prove.lessons import Task
from tests.prove.line import ADDRESSES, Failed, Line, run

#: Where the forwarder listens, and the server behind it that each way asks.
PORT = 8000
RSYNC_PORT, FILES_PORT = 8730, 8080
#: The whole files of a large lesson are fetched up to so many bytes, and scaled.
ENOUGH = 2_000_000


def edubox(line: Line, task: Task, _: Path) -> float:
    """The box's own synchronisation, begun again as the box's keeper would."""
    source = f"http://{ADDRESSES['hub']}:{PORT}/"
    while True:
        done = run(
            *line.inside("box", sys.executable, "-m", "edubox", "sync", "--data", task.box, "--from", source),
            "--json", check=False,
        )  # fmt: skip
        if done.returncode == 0:
            break
        if done.returncode != 4:
            raise Failed(f"edubox sync: {done.stderr}")
    if not any(same(task.tree, tree) for tree in (task.box / "site").iterdir()):
        raise Failed("the box has another lesson")
    return 1.0


def wget(line: Line, task: Task, folder: Path) -> float:
    """``wget -c`` of the file that carries the lesson: nothing is verified, nothing unpacked."""
    url = f"http://{ADDRESSES['hub']}:{PORT}/{task.carrier}"
    _again(line.inside("box", "wget", "-q", "-c", "-t", "1", "-P", folder, url), task.seconds)
    return 1.0


def rsync(line: Line, task: Task, folder: Path) -> float:
    """``rsync --partial -zz`` of the tree onto what the school has, comparing contents: dates say nothing here."""
    url = f"rsync://{ADDRESSES['hub']}:{PORT}/{task.name}/"
    tree = folder / "tree"
    command = ("rsync", "-rtLzz", "--checksum", "--no-whole-file", "--partial", "--delete", url, tree)
    _again(line.inside("box", *command), task.seconds)
    if not same(task.tree, tree):
        raise Failed("rsync brought another tree")
    return 1.0


def whole_files(line: Line, task: Task, folder: Path) -> float:
    """Every file that changed, whole, each from its first byte again after a cut (see ``whole_files``)."""
    old, new = contents(task.before) if task.before else {}, contents(task.tree)
    changed = {name: size for name, (digest, size) in sorted(new.items()) if old.get(name) != (digest, size)}
    (folder / "names").write_text("".join(f"{task.name}/{name}\n" for name in changed), "utf-8")
    program = (
        "-m",
        "tests.prove.whole_files",
        f"{ADDRESSES['hub']}:{PORT}",
        folder / "names",
        folder,
        ENOUGH,
    )
    try:
        done = run(*line.inside("box", sys.executable, *program), timeout=task.seconds)
    except subprocess.TimeoutExpired:
        return 0.0
    return min(int(done.stdout) / sum(changed.values()), 1.0)


#: The name in the table → the way, and the port of the server that it asks, None for the task's hub.
WAYS: dict[str, tuple[Callable[[Line, Task, Path], float], int | None]] = {
    "edubox sync": (edubox, None), "wget -c": (wget, None), "rsync --partial -zz": (rsync, RSYNC_PORT),
    "whole files (Kolibri)": (whole_files, FILES_PORT),
}  # fmt: skip


def servers(trees: dict[str, Path], folder: Path) -> list[tuple[int, tuple[object, ...]]]:
    """Port and command of the servers of *trees*, name → folder, for rsync and for whole files."""
    (folder / "www").mkdir()
    for name, tree in trees.items():
        (folder / "www" / name).symlink_to(tree)
    modules = "".join(f"[{name}]\npath = {tree}\nread only = yes\n" for name, tree in trees.items())
    (folder / "rsyncd.conf").write_text(
        f"use chroot = no\naddress = 127.0.0.1\nport = {RSYNC_PORT}\n{modules}"
    )
    web = (sys.executable, "-m", "http.server", FILES_PORT, "--bind", "127.0.0.1", "--protocol", "HTTP/1.1")
    return [
        (RSYNC_PORT, ("rsync", "--daemon", "--no-detach", f"--config={folder / 'rsyncd.conf'}")),
        (FILES_PORT, (*web, "--directory", folder / "www")),
    ]


def contents(tree: Path) -> dict[str, tuple[str, int]]:
    """Path → hash and size of what pupils get, twins apart."""
    found = {}
    for path in tree.rglob("*"):
        if path.is_file() and not (path.suffix == ".gz" and path.with_suffix("").exists()):
            data = path.read_bytes()
            found[path.relative_to(tree).as_posix()] = hashlib.sha256(data).hexdigest(), len(data)
    return found


def same(one: Path, other: Path) -> bool:
    return contents(one) == contents(other)


def _again(command: list[str], seconds: float) -> None:
    """Run *command* until it succeeds; raises Failed after *seconds*."""
    deadline = time.monotonic() + seconds
    while (done := run(*command, check=False)).returncode:
        if time.monotonic() > deadline:
            raise Failed(f"{command[3:]} does not end: {done.stderr}")
        time.sleep(0.05)
