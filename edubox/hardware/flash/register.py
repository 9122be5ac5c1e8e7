"""Which school has which code, and which of them have their card: ``SCHOOLS.codes.csv`` beside the list of schools.

It is the list that goes to the academy, and what lets an evening of five rounds go on where the last one stopped. It only
grows: a school that left the list keeps its code. Only its owner may read it, since a code lets a box in.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from edubox.errors import BadCard, BadSchools, UnreadableSource
from edubox.hardware.card.decoding import decode
from edubox.hardware.flash.codes import new_code
from edubox.hardware.flash.schools import School, cells
from edubox.store.lock import lock
from edubox.store.platform import write_atomic

_HEAD = ("name", "hostname", "code", "written")


@dataclass(frozen=True, slots=True)
class Entry:
    """One school: its one-time code, and when its card was finished (UTC); empty while it has none."""

    name: str
    hostname: str
    code: str
    written: str = ""


class Register:
    """The entries of a list of schools, by name; *listed* are those that the list names today."""

    def __init__(self, schools_file: Path, entries: dict[str, Entry], listed: Sequence[str]) -> None:
        self._schools_file, self._entries, self._listed = schools_file, entries, listed
        self._path = register_path(schools_file)

    @property
    def path(self) -> Path:
        """The file that goes to the academy."""
        return self._path

    def entry(self, name: str) -> Entry:
        """The entry of the school *name*, which is in the list."""
        return self._entries[name]

    def by_code(self, code: str) -> Entry | None:
        """Whose *code* it is; None for one that is not ours."""
        return next((one for one in self._entries.values() if code and one.code == code), None)

    def waiting(self) -> int:
        """How many schools of the list have no card yet."""
        return sum(not self._entries[name].written for name in self._listed)

    def finished(self, name: str, now: datetime) -> None:
        """Note that the card of *name* is whole, in the file too."""
        self._entries[name] = replace(self._entries[name], written=now.strftime("%Y-%m-%d %H:%M"))
        self.save()

    def save(self) -> None:
        """Write the file, for whoever owns the list alone: UTF-8 with a mark, for spreadsheets. Raises NoRoom, OSError."""
        out = io.StringIO(newline="")
        table = csv.writer(out, delimiter=";")
        table.writerow(_HEAD)
        table.writerows((one.name, one.hostname, one.code, one.written) for one in self._entries.values())
        write_atomic(self._path, out.getvalue().encode("utf-8-sig"), 0o600)
        if os.geteuid() == 0:  # cards are written with sudo, and the list is sent to the academy without
            owner = self._schools_file.stat()
            os.chown(self._path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def register_path(schools_file: Path) -> Path:
    """Where the register of the list in *schools_file* is."""
    return schools_file.with_suffix(".codes.csv")


@contextmanager
def register(schools_file: Path, schools: Sequence[School]) -> Iterator[Register]:
    """The register of the list in *schools_file*, with a code for every one of *schools*; saved, and held alone.

    A code in the list counts; else the one of the register; else it is new. Raises BadSchools (the register cannot be read, or a
    school that has its card would get another code), UnreadableSource, Busy, NoRoom.
    """
    path = register_path(schools_file)
    with lock(schools_file):
        entries = _read(path)
        for school in schools:
            old = entries.get(school.name)
            code = str(school.values.get("code", "")) or (old.code if old else new_code())
            if old and old.written and old.code != code:
                told = f"Line {school.line}: the card of {school.name} was written with another code. Take its line out of {path.name}."
                raise BadSchools(path=schools_file.name, list=told)
            hostname = str(school.values.get("hostname", ""))
            entries[school.name] = Entry(school.name, hostname, code, old.written if old else "")
        held = Register(schools_file, entries, [school.name for school in schools])
        held.save()
        yield held


def _read(path: Path) -> dict[str, Entry]:
    try:
        data = path.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = decode(data).text  # a spreadsheet has saved it in letters of its own
        rows = [row for _, row in cells(text)]
        if rows and tuple(rows[0]) != _HEAD:
            raise BadSchools(path=path.name, list=f"Its first line is not: {';'.join(_HEAD)}")
        return {row[0]: Entry(*(row + [""] * 4)[:4]) for row in rows[1:]}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UnreadableSource(path=path, reason=error.strerror) from None
    except (BadCard, csv.Error):
        raise BadSchools(
            path=path.name, list="It cannot be read as a table any more. Restore it, or move it away."
        ) from None
