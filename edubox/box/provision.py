"""Making a box as its card asks for, or bringing the one that is there forward; as the box's own user, before it serves.

Three cards come here: a fresh one; one with lessons that were put on it when it was made, and no keys, since forty boxes with
one key would contradict each other; and one that has served for a year. A cut anywhere is followed by the same again.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edubox.box import setup
from edubox.box.own import reset
from edubox.box.own.takeover import second_box
from edubox.errors import BadInput, NotFound
from edubox.hardware.card import wifi_note
from edubox.settings import check_settings, dump_settings, load_settings
from edubox.store.platform import write_atomic
from edubox.sync.enrolment import keep_code, read_enrolment

#: In the folder of what an image brings: the country's root, and settings that every box of it has.
ROOT, SETTINGS = "root.json", "box.toml"


def provision(
    data: Path, seed: Path, asked: Mapping[str, Any], network: Mapping[str, Any], *, again: bool = False,
    code: str = "",
) -> None:  # fmt: skip
    """Let there be a box in *data* with the settings *asked* for, and let its school sheet know the *network*.

    *seed* is the folder of what the image brings. *again*: people, classes and drafts leave first. *code*: the authority's one-time code. Raises NotFound (the image
    has no country), BadInput, NoRoom, Busy.
    """
    if (data / "keys" / "root.json").exists():
        if not (data / "keys" / "own.json").exists():
            second_box(data)
            settle(data, seed)
        _change(data, asked)
        if again or reset.is_under_way(data):
            reset.reset(data)
    else:
        try:
            root = (seed / ROOT).read_bytes()
        except OSError:
            raise NotFound(what=f"The country's root {seed / ROOT}") from None
        settings = _of_image(seed) | dict(asked)
        setup.init(data, root, settings.pop("follow", []), settings.pop("sources", []), settings)
    wifi_note.write(data, network)
    if not read_enrolment(data).told:
        keep_code(data, code)


def settle(data: Path, seed: Path) -> None:
    """Let the box in *data*, which was made elsewhere, answer as the image does that brings the folder *seed*. Raises BadInput."""
    _change(data, _of_image(seed))


def _change(data: Path, asked: Mapping[str, Any]) -> None:
    before = load_settings(data / "box.toml")
    after = before | dict(asked)
    if after != before:
        check_settings(after, "box.toml")
        write_atomic(data / "box.toml", dump_settings(after).encode())


def _of_image(seed: Path) -> dict[str, Any]:
    """Settings that an image brings; none if it brings no file."""
    try:
        settings = tomllib.loads((seed / SETTINGS).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadInput(reason=f"{seed / SETTINGS}: {error}") from None
    check_settings(settings, SETTINGS)
    return settings
