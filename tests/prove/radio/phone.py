"""The phone that comes in over the air, by hand of the guest's shell: ``phone.sh`` does what it does, this says what it means."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.prove.radio.box import Box

_SCRIPT, _PLACE, _LIST = Path(__file__).with_name("phone.sh"), "/run/phone.sh", "/run/phone.list"
#: What a page is asked with where it does not matter.
ANYBODY = "Mozilla/5.0"


@dataclass(frozen=True, slots=True)
class Lease:
    """An address that the phone has, who gave it, for how many seconds, and how many seconds that took."""

    address: str
    router: str
    names: str
    seconds: int
    took: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answered: *status* 0 is nothing, and *took* are seconds."""

    status: int
    leads_to: str
    body: str
    took: float


class Phone:
    """The second radio of *box*, from now on in a namespace of its own."""

    def __init__(self, box: Box) -> None:
        self._box = box
        box.give(_SCRIPT, _PLACE)
        begun = self._do("begin")
        assert "begun" in begun, begun

    def _do(self, *words: str) -> str:
        quoted = " ".join(f"'{word}'" for word in words)
        return self._box.ask(f"sh {_PLACE} {quoted} 2>&1").strip()

    def join(self, name: str, password: str) -> tuple[float | None, str]:
        """Seconds until this phone was let into the Wi-Fi *name*, or None and why not."""
        said = self._do("join", name.encode().hex(), password).splitlines()[-1]
        word, _, rest = said.partition(" ")
        assert word in {"in", "out"}, said
        return (float(rest), "") if word == "in" else (None, rest)

    def leave(self) -> None:
        """Go out of the Wi-Fi."""
        self._do("leave")

    def lease(self) -> Lease:
        """Ask for an address."""
        said = self._do("lease").splitlines()[-1].split()
        assert len(said) == 5, said
        return Lease(said[0], said[1], said[2], int(said[3]), float(said[4]))

    def ask(self, asked: Iterable[tuple[str, str]]) -> list[Answer]:
        """What each (agent, address) answers, in the order in which they were asked."""
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as lines:
            lines.writelines(f"{address}\t{agent}\n" for agent, address in asked)
            lines.flush()
            self._box.give(Path(lines.name), _LIST)
        return [_answer(line) for line in self._do("ask", _LIST).splitlines() if line.startswith("said ")]

    def address_of(self, name: str) -> str:
        """The address that the name server gives for *name*; empty if there is no such name."""
        said = self._do("name", name)
        found = [line.split()[-1] for line in said.splitlines() if line.startswith("Address")][1:]
        assert found or "NXDOMAIN" in said, said
        return found[0] if found else ""

    def open(self, address: str) -> Answer:
        """What *address* answers."""
        return self.ask([(ANYBODY, address)])[0]


def _answer(line: str) -> Answer:
    _, status, took, leads_to, body = f"{line} ".split(" ")[:5]
    return Answer(
        int(status), leads_to.strip("<>"), base64.b64decode(body).decode("utf-8", "replace"), float(took)
    )
