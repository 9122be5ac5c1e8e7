"""Carrying out a request, once, whatever cuts it: every step can be done again, and the last one says that all are done.

The bytes of ``edubox.toml`` are a request when they are others than those applied last (``applied.json``); so the file itself
says what is still to be done. A file with a mistake changes nothing. A card that was never prepared gets what a box
begins with, so that it serves in any case.

Secrets go to files of root alone, and to the box's own keys for the school sheet. Only when they are there, their lines in
``edubox.toml`` become remarks; the file that this makes is the one that counts as applied.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from edubox.errors import BadCard, EduboxError, NotFound
from edubox.hardware.card import box_folder, kept, state, this_system, wifi_note
from edubox.hardware.card.boot_folder import take, without_taken, writable
from edubox.hardware.card.decoding import LARGEST
from edubox.hardware.card.fields import BY_KEY
from edubox.hardware.card.kept import keep, text
from edubox.hardware.card.mistakes import Mistake
from edubox.hardware.card.request import NAME, Request, is_hostname, is_password, is_timezone, understand
from edubox.hardware.card.state import APPLIED, DEFAULTS, REFUSED, UNFINISHED, CardState
from edubox.hardware.hotspot import network
from edubox.hardware.hotspot.network import Network, Wifi
from edubox.store.platform import is_unfinished, make_folder

#: What of a request is the box's own settings.
_SETTINGS = ("name", "languages", "sources", "follow", "levels", "system_from")
#: What of it is remembered for ``STATUS.txt``.
_SHOWN = ("name", "show_code", "wifi.show_password")
_OPEN_TO_ALL = 0o755


@dataclass(frozen=True, slots=True)
class Places:
    """The card's FAT partition, what the system keeps and the box's data folder on the data partition, the system's settings."""

    boot: Path
    system: Path
    data: Path
    etc: Path = Path("/etc")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the box itself is asked for: *settings* of ``box.toml``, the Wi-Fi that its sheet shows, and whether to reset it."""

    settings: Mapping[str, Any]
    wifi: Mapping[str, Any]
    reset: bool = False
    #: The one-time code of the authority that takes the box in; empty if the card never had one.
    code: str = ""


@dataclass(frozen=True, slots=True)
class Host:
    """What the rooms above do: make the box or bring it forward (EduboxError when that fails), and name it if nobody did."""

    make_box: Callable[[Wishes], None]
    name: Callable[[], str] = this_system.new_hostname


def apply(places: Places, host: Host, problems: tuple[Mistake, ...] = ()) -> CardState:
    """Finish what was begun, then carry out what ``edubox.toml`` asks now; say what came of it.

    *problems* are those of an earlier step. The data partition must be there. Raises NoRoom, OSError.
    """
    system = places.system
    make_folder(system)
    system.chmod(_OPEN_TO_ALL)
    for path in system.iterdir():
        if is_unfinished(path.name):
            path.unlink()  # a start that was cut wrote it, perhaps with a secret in it
    this_system.keep_machine_id(places.etc, system)
    data, mistakes, undone = file(places.boot), [], []
    if data is not None and _fingerprint(data) != kept.applied(system).get("sha256"):
        try:
            undone = _carry_out(
                places, host, data, understand(data, kept.word(system), box_folder.levels_in(places.data))
            )
        except BadCard as error:
            mistakes = cast("list[Mistake]", error.details["mistakes"])
    if not undone and not _is_whole(places):
        # Nobody asked for anything that can be done, or the card lost a file: the box has at least what every box has.
        undone = _carry_out(places, host, None, Request({}))
    made = _state(places, mistakes, [*problems, *undone, *_tell_system(places)])
    if made != state.read(system):
        state.write(system, made)
    return made


def file(boot: Path) -> bytes | None:
    """The bytes of ``edubox.toml``, no more than are looked at; None if there is none."""
    try:
        with (boot / NAME).open("rb") as handle:
            return handle.read(LARGEST + 1)
    except OSError:
        return None


def _is_whole(places: Places) -> bool:
    """Whether everything is there that a prepared box has, and nothing is half done."""
    return (
        bool(kept.applied(places.system))
        and (places.data / "keys" / "root.json").exists()
        and not (places.data / box_folder.RESETTING).exists()
        and is_hostname(text(places.system / kept.HOSTNAME))
        and is_timezone(text(places.system / kept.TIMEZONE))
        and kept.wishes(places.system) is not None
    )


def _carry_out(places: Places, host: Host, data: bytes | None, asked: Request) -> list[Mistake]:
    """Do all that is *asked* by the file *data* (None: by nobody); what could not be done. Done: it is remembered."""
    system, values = places.system, asked.values
    known = text(system / kept.HOSTNAME)
    hostname = values.get("hostname") or (known if is_hostname(known) else host.name())
    keep(system / kept.HOSTNAME, hostname)
    known = text(system / kept.TIMEZONE)
    default = str(BY_KEY["timezone"].default)
    keep(system / kept.TIMEZONE, values.get("timezone") or (known if is_timezone(known) else default))
    if "code" in values:
        keep(system / kept.CODE, values["code"], kept.SECRET)
    wished = _network_of(values, kept.wishes(system) or _on_paper(places.data, values, hostname))
    if wished != kept.wishes(system):
        network.write(system / kept.NETWORK, wished)
    settings = {key: values[key] for key in _SETTINGS if key in values}
    wifi = {"name": wished.wifi.name, "password": wished.wifi.password, "open": wished.wifi.open}
    try:
        code = text(system / kept.CODE)
        host.make_box(Wishes(settings, wifi if wished.wifi.on else {}, "reset" in values, code))
    except NotFound:
        return [Mistake(0, "no-country")]
    except (EduboxError, OSError) as error:
        return [Mistake(0, "box", {"reason": str(error)})]
    done = (
        kept.applied(system)
        | {key: values[key] for key in _SHOWN if key in values}
        | {"at": int(time.time())}
    )
    undone = [] if data is None else _take_secrets(places.boot, asked)
    if data is not None and not undone:
        notes = [one.in_both() for one in asked.notes]
        done |= {"sha256": _fingerprint(without_taken(data, asked)), "notes": notes}
    kept.remember(system, done)
    if "reset" in values:
        kept.forget_word(system)
    return undone


def _take_secrets(boot: Path, asked: Request) -> list[Mistake]:
    """Make remarks of the lines of *asked* whose values the box has taken; why that could not be done."""
    if not asked.taken:
        return []
    try:
        with writable(boot):
            take(boot / NAME, asked)
    except (EduboxError, OSError) as error:
        return [Mistake(0, "boot", {"reason": str(error)})]
    return []


def _fingerprint(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _network_of(values: Mapping[str, Any], was: Network) -> Network:
    """The network that *values* wish for, where *was* one; a password is made where there must be one and is none."""
    opened = values.get("wifi.open", was.wifi.open and "wifi.password" not in values)
    wifi = Wifi(
        values.get("wifi.on", was.wifi.on), values.get("wifi.name", was.wifi.name),
        "" if opened else values.get("wifi.password") or was.wifi.password or network.new_password(),
        opened, values.get("wifi.channel", was.wifi.channel),
    )  # fmt: skip
    country = values.get("country") or was.country or str(BY_KEY["country"].default)
    return replace(was, wifi=wifi, ethernet=values.get("ethernet.role", was.ethernet), country=country)


def _on_paper(data: Path, values: Mapping[str, Any], hostname: str) -> Network:
    """The network of a box that has none yet: as its school sheet says, if it has one, or named for the school."""
    told = wifi_note.read(data)
    if told is not None and told.name == _cut(told.name) and is_password(told.password):
        return Network(Wifi(name=told.name, password=told.password))
    return Network(Wifi(name=_cut(values.get("name", "")) or hostname))


def keep_paper(system: Path, data: Path) -> None:
    """Let the network be as the school sheet of the box in *data* says, which has just come from another card. Raises NoRoom."""
    wished = kept.wishes(system)
    if wished is not None and wifi_note.read(data) is not None:
        told = _on_paper(data, {}, wished.wifi.name).wifi
        wifi = replace(wished.wifi, name=told.name, password=told.password or wished.wifi.password)
        network.write(system / kept.NETWORK, replace(wished, wifi=replace(wifi, open=False)))


def _cut(name: str) -> str:
    """*name* as a Wi-Fi may be called, by whole letters."""
    return name.encode()[: network.LONGEST_NAME].decode("utf-8", "ignore").strip()


def _tell_system(places: Places) -> list[Mistake]:
    """Give the running system its name and hour; nothing else depends on them, so a failure is only told."""
    try:
        this_system.tell(places.etc, text(places.system / kept.HOSTNAME), text(places.system / kept.TIMEZONE))
    except (EduboxError, OSError) as error:
        return [Mistake(0, "names", {"reason": str(error)})]
    return []


def _state(places: Places, mistakes: list[Mistake], failed: list[Mistake]) -> CardState:
    """What came of it."""
    done, wished, data = kept.applied(places.system), kept.wishes(places.system), file(places.boot)
    if mistakes:
        outcome = REFUSED
    elif not _is_whole(places) or (data is not None and _fingerprint(data) != done.get("sha256")):
        outcome = UNFINISHED
    else:
        outcome = APPLIED if "sha256" in done else DEFAULTS
    wifi = wished.wifi if wished is not None else Wifi(on=False)
    shown = {
        "school": str(done.get("name", "")), "wifi": wifi.name if wifi.on else "", "open": "yes" if wifi.open else "",
        "address": wished.address if wished is not None else "",
    }  # fmt: skip
    return CardState(
        outcome, int(done.get("at", 0)), tuple(one.in_both() for one in mistakes), tuple(one.in_both() for one in failed),
        (*done.get("notes", ()), *(() if data is not None else (Mistake(0, "no-file").in_both(),))),
        text(places.system / kept.HOSTNAME), shown,
    )  # fmt: skip
