"""What stands on the screen while nobody presses a key: the school, where it is found, and that Enter leads on.

Root writes it into memory beside ``STATUS.txt``, from the same facts, whenever they change; whoever has no keyboard reads it too.
No secret is in it, whatever ``edubox.toml`` asks to be shown on the card.
"""

from __future__ import annotations

from edubox.box.console.plain import HEIGHT, labelled, plain, wrapped
from edubox.hardware.card.state import CardState
from edubox.hardware.card.status_file import Here

#: Below ``/run/edubox``.
NAME = "console.txt"
_ENTER = "Entrée : état, éteindre, redémarrer  /  Enter: state, switch off, restart"


def render(state: CardState, here: Here, wifi: str) -> bytes:
    """The text: UTF-8, fewer lines than a terminal has; *wifi* is the name of the network that the box makes, empty if it makes none."""
    lines = [*wrapped(f"{state.shown.get('school') or 'edubox'} - edubox {here.version}", 1), ""]
    lines += labelled("Lire / Read", here.pages[:4])
    lines += labelled("Bureau / Desk", [here.desk] if here.desk else [])
    lines += labelled("Wi-Fi", [wifi] if wifi else [])
    for language, todo in (("fr", "À FAIRE : "), ("en", "TO DO: ")):
        if said := [plain(one) for one in state.said(language)]:
            lines += ["", *wrapped(todo + "  ".join(said), 3)]
    return "\n".join([*lines[: HEIGHT - 3], "", _ENTER, ""]).encode()
