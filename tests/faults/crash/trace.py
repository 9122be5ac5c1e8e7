"""What a command did to one folder, as a list of operations on files, read from strace's log.

A file is a number: a rename or a link changes names, not files. Reading is not logged, so a file that is written
where reading left it would be misunderstood; nothing of ours does that (it seeks first), and what the model ends with is
compared with the real folder.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CALLS = (
    "openat,open,creat,close,dup,dup2,dup3,fcntl,lseek,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,"
    "fallocate,fsync,fdatasync,sync,syncfs,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,"
    "sendfile,copy_file_range,symlink,symlinkat"
)
#: SQLite's shared memory: it is made again at the next start, and no cut keeps it.
NOT_KEPT = "-shm"
#: Operations that a model of plain files does not know; meeting one in the folder is an error, not a guess.
_UNKNOWN = {"writev", "pwritev", "pwritev2", "fallocate", "sendfile", "copy_file_range", "truncate"}  # fmt: skip
_LINE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+|\?)(?:<.*>)?(?: .*)?\Z", re.DOTALL)
_UNFINISHED = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>\Z", re.DOTALL)
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)\Z", re.DOTALL)
_TOKEN = re.compile(
    r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?|(AT_FDCWD|-?\d+)<((?:\\x[0-9a-f]{2}|[^>])*)>|([^,\s]+)'
)


@dataclass(frozen=True, slots=True)
class Op:
    """One change. *kind*: create, write, truncate, fsync, fsync-folder, sync, rename, link, unlink, mkdir, rmdir."""

    kind: str
    path: str = ""
    to: str = ""
    file: int = 0
    at: int = 0
    data: bytes = b""


@dataclass(slots=True)
class Image:
    """What a folder holds: name → number of its file, or None for a folder; number → bytes."""

    names: dict[str, int | None]
    data: dict[int, bytes]


def read_folder(root: Path) -> Image:
    """The folder *root* as an image; hard links share a file."""
    image, numbers = Image({}, {}), {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.endswith(NOT_KEPT):
            continue
        if path.is_dir():
            image.names[name] = None
            continue
        inode = path.stat().st_ino
        if inode not in numbers:
            numbers[inode] = len(numbers) + 1
            image.data[numbers[inode]] = path.read_bytes()
        image.names[name] = numbers[inode]
    return image


def traced(command: Sequence[str], root: Path, log: Path, before: Image) -> list[Op]:
    """Run *command* under strace; what it did below *root*, which held *before*. Raises CalledProcessError."""
    strace = ["strace", "-f", "-qq", "-y", "-xx", "-s", "100000000", "-e", f"trace={CALLS}", "-o", str(log)]
    subprocess.run([*strace, *command], check=True, capture_output=True)
    reader = _Reader(root, before)
    with log.open("r", encoding="ascii", errors="replace") as lines:
        for pid, call, arguments, result in _calls(lines):
            reader.take(pid, call, arguments, result)
    return reader.ops


def _calls(lines: Iterator[str]) -> Iterator[tuple[str, str, str, int]]:
    """Each finished call: process, name, arguments, result. Interrupted lines are put together."""
    waiting: dict[str, str] = {}
    for line in lines:
        text = line.rstrip("\n")
        if begun := _UNFINISHED.match(text):
            waiting[begun[1]] = f"{begun[1]} {begun[2]}({begun[3]}"
            continue
        if again := _RESUMED.match(text):
            text = waiting.pop(again[1], "") + again[3]
        if (call := _LINE.match(text)) and call[4] != "?" and int(call[4]) >= 0:
            yield call[1], call[2], call[3], int(call[4])


class _Reader:
    def __init__(self, root: Path, before: Image) -> None:
        self.ops: list[Op] = []
        self._root = str(root)
        self._names = dict(before.names)
        self._next = max(before.data, default=0) + 1
        self._open: dict[int, tuple[str, int | None, int]] = {}  # fd → name, file (None: folder), offset

    def take(self, _pid: str, call: str, text: str, result: int) -> None:
        arguments = [_argument(token) for token in _TOKEN.finditer(text)]
        if call in {"open", "openat", "creat"}:
            self._opened(arguments, call, result)
        elif call == "close":
            self._open.pop(arguments[0][0], None)
        elif call in {"dup", "dup2", "dup3"} or (call == "fcntl" and "F_DUPFD" in text):
            self._open.pop(result, None)
            if arguments[0][0] in self._open:
                self._open[result] = self._open[arguments[0][0]]
        elif call == "sync" or call == "syncfs":
            self.ops.append(Op("sync"))
        elif call in {"rename", "renameat", "renameat2", "link", "linkat"}:
            paths = self._paths(arguments)
            self._two_names("link" if call.startswith("link") else "rename", *paths[:2])
        elif call in {"symlink", "symlinkat"}:
            # Only in folders for temporary files, where nobody reads it after a cut: a name is enough.
            self._created(self._paths(arguments)[-1])
        elif call in {"unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"}:
            kind = "rmdir" if call == "rmdir" or "AT_REMOVEDIR" in text else call.removesuffix("at")
            self._one_name(kind, self._paths(arguments)[0])
        elif arguments and isinstance(arguments[0][0], int) and arguments[0][0] in self._open:
            self._on_open_file(call, arguments, result)

    def _opened(self, arguments: list, call: str, result: int) -> None:
        path = self._inside(self._paths(arguments)[0])
        self._open.pop(result, None)
        if path is None:
            return
        flags = " ".join(str(one[0]) for one in arguments)
        if path == "" or self._names.get(path, 0) is None:
            self._open[result] = (path, None, 0)
            return
        if path not in self._names:
            self._created(f"{self._root}/{path}")
        elif "O_TRUNC" in flags or call == "creat":
            self.ops.append(Op("truncate", path, file=self._names[path]))
        assert "O_APPEND" not in flags, path
        self._open[result] = (path, self._names[path], 0)

    def _created(self, path: str) -> None:
        name = self._inside(path)
        if name is not None:
            self._names[name] = self._next
            self._next += 1
            self.ops.append(Op("create", name, file=self._names[name]))

    def _on_open_file(self, call: str, arguments: list, result: int) -> None:
        number = arguments[0][0]
        path, file, offset = self._open[number]
        if call in {"fsync", "fdatasync"}:
            self.ops.append(Op("fsync-folder", path) if file is None else Op("fsync", path, file=file))
        elif call == "lseek":
            self._open[number] = (path, file, result)
        elif call == "write":
            self.ops.append(Op("write", path, file=file, at=offset, data=arguments[1][0][:result]))
            self._open[number] = (path, file, offset + result)
        elif call == "pwrite64":
            at = int(arguments[-1][0])
            self.ops.append(Op("write", path, file=file, at=at, data=arguments[1][0][:result]))
        elif call == "ftruncate":
            self.ops.append(Op("truncate", path, file=file, at=int(arguments[1][0])))
        assert call not in _UNKNOWN, f"{call} on {path} is not understood"

    def _one_name(self, kind: str, path: str) -> None:
        name = self._inside(path)
        if name is None:
            return
        if kind == "mkdir":
            self._names[name] = None
        else:
            self._names.pop(name)
        self.ops.append(Op(kind, name))

    def _two_names(self, kind: str, old: str, new: str) -> None:
        source, target = self._inside(old), self._inside(new)
        assert (source is None) == (target is None), f"{old} → {new} crosses the folder"
        if source is None or target is None:
            return
        apply_names(self._names, Op(kind, source, target))
        self.ops.append(Op(kind, source, target))

    def _paths(self, arguments: list) -> list[str]:
        """The absolute paths among *arguments*; a folder's number before a name is where it begins."""
        found, folder = [], ""
        for value, where in arguments:
            if where is not None:
                folder = where
            elif isinstance(value, bytes):
                found.append(os.path.normpath(os.path.join(folder, os.fsdecode(value))))
        return found

    def _inside(self, path: str) -> str | None:
        """*path* below the root, None if it is elsewhere or not kept."""
        if path == self._root:
            return ""
        begin = f"{self._root}/"
        if not path.startswith(begin) or path.endswith(NOT_KEPT):
            return None
        return path[len(begin) :]


def apply_names(names: dict[str, int | None], op: Op) -> None:
    """Do to *names* what *op* does to them."""
    if op.kind == "create":
        names[op.path] = op.file
    elif op.kind == "mkdir":
        names[op.path] = None
    elif op.kind in {"unlink", "rmdir"}:
        names.pop(op.path, None)
    elif op.kind == "link":
        names[op.to] = names[op.path]
    elif op.kind == "rename":
        moved = {
            name: file for name, file in names.items() if name == op.path or name.startswith(f"{op.path}/")
        }
        for name in moved:
            del names[name]
        for name, file in moved.items():
            names[op.to + name[len(op.path) :]] = file


def _argument(token: re.Match[str]) -> tuple[object, str | None]:
    """A value, and the path of a file descriptor."""
    text, cut, number, path, word = token.groups()
    if number is not None:
        where = _bytes(path).decode() if "\\x" in path else path
        return (int(number) if number != "AT_FDCWD" else number), where
    if word is not None:
        return (int(word) if re.fullmatch(r"-?\d+", word) else word), None
    assert not cut, "strace cut a string"
    return _bytes(text), None


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
