"""A card in a folder: its partitions, and a box that is only a few files, so that a test can start it a hundred times."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from edubox.hardware.card import apply as card_apply
from edubox.hardware.card.apply import Host, Places, Wishes
from edubox.hardware.card.state import CardState
from edubox.store.platform import is_unfinished, write_atomic


@dataclass
class Card:
    """*places* of a card below a folder; ``start`` is what happens when it is switched on."""

    places: Places
    wishes: list[Wishes] = field(default_factory=list)

    @classmethod
    def below(cls, folder: Path) -> Card:
        for name in ("boot", "data", "etc"):
            (folder / name).mkdir(parents=True)
        return cls(Places(folder / "boot", folder / "data/system", folder / "data/edubox", folder / "etc"))

    @property
    def file(self) -> Path:
        return self.places.boot / "edubox.toml"

    def start(self) -> CardState:
        return card_apply.apply(self.places, Host(self.make_box))

    def make_box(self, wishes: Wishes) -> None:
        """As a box does: what it has stays, what is asked is changed."""
        self.wishes.append(wishes)
        path = self.places.data / "box.json"
        before = json.loads(path.read_text("utf-8")) if path.exists() else {}
        write_atomic(self.places.data / "keys" / "root.json", b"{}")
        write_atomic(path, json.dumps(before | dict(wishes.settings) | {"wifi": dict(wishes.wifi)}).encode())

    def everything(self) -> dict[str, bytes]:
        """Every file of the card by its name, except what depends on when and how often it was started, and what a cut leaves in places of others."""
        root = self.places.boot.parent
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file()
            and not path.is_symlink()
            and path.name not in {"applied.json", "state.json", "reset-word", "machine-id"}
            and (path.parent == self.places.system or not is_unfinished(path.name))
        }
