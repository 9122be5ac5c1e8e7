"""A box's request to be taken in, which a phone brings to the page for carriers, and the answer that the phone takes back.

The request is the one that boxes send themselves, in a file; it is heard as those are (``enrol.api.filed``). The answer is a part of a
courier that holds the directory, the record of that school in it, and one member more, ``enrolments/answer.json``: a hint that nobody
signed, and whose box it is for. What lets the box in is the record, which its academy signed.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from edubox.errors import EduboxError
from edubox.hub.courier.choosing import Choice, Chooser
from edubox.hub.enrol.api import filed
from edubox.hub.enrol.asking import ACCEPTED, ASKED, REFUSED, read
from edubox.hub.enrol.limits import side_of
from edubox.hub.hub import Hub
from edubox.sync.carried.enrolments import CARRIED_ANSWER


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: What the page says of a request, by how far it is. SIGNING: accepted, and not yet in the directory.
SIGNING = "signing"
STATES = {
    ASKED: _("The academy has the request and looks at it. Hand in the same file here on another day: when the academy has decided, you get its answer to take back."),
    SIGNING: _("The academy says yes, and its signature is on the way. Hand in the same file here again, tomorrow for instance: you then get the answer to take back."),
    ACCEPTED: _("The academy has taken this school in. Take the answer back to its box."),
    REFUSED: _("The academy has not taken this school in. Take the answer back to its box, which says why, and ask the academy for another code."),
}  # fmt: skip
#: Why a request is not heard, by the code of the error; "" is any other.
REFUSALS = {
    "no-code": _("The request has no code. Type the academy’s one-time code on the page of the box, and fetch the request again."),
    "wrong-code": _("The one-time code in the request has a slip in it. Type it again on the page of the box, and fetch the request again."),
    "unknown-code": _("No academy knows the one-time code in the request. Compare it with the academy’s letter, or ask for another one."),
    "used-code": _("Another box used this one-time code. Ask the academy for another one."),
    "expired-code": _("The time of this one-time code is over. Ask the academy for another one."),
    "too-often": _("Too many wrong codes came from here. Try again in a quarter of an hour."),
    "older-key": _("This request is older than the box’s keys. Fetch it again on the page of the box."),
    "forked-keys": _("Another box shows other keys for the same school. Call the academy."),
    "": _("This request cannot be heard. Fetch it again on the page of the box; if it fails again, call the academy."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """How far a request is, a key of STATES; *answer* is what goes back, if there is something to take along."""

    state: str
    answer: Choice | None = None


def is_request(data: bytes) -> bool:
    """Whether *data* says that it is a box's request; what it is worth ``hear`` finds out."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.get("kind") == "edubox enrolment"


def hear(hub: Hub, chooser: Chooser, data: bytes, address: str, patience: float) -> Heard | None:
    """Hear the request *data*, which came from *address*; None when others ask and *patience* seconds were not enough.

    Raises Refused and its kin (see REFUSALS), BadInput, DatabaseAway, Unreachable.
    """
    reply = filed(hub, data, side_of(address))
    if reply.state not in {ACCEPTED, REFUSED}:
        return Heard(ASKED)
    school = read(base64.b64decode(json.loads(data)["body"])).chain.local
    said = json.dumps({"format": 1, "for": school} | reply.to_json(), ensure_ascii=False, sort_keys=True)
    answer = chooser.answer(said.encode(), reply.id, patience)
    if answer is None:
        return None
    if reply.state == ACCEPTED and not any(one.path.endswith(_file_of(reply.id)) for one in answer.items):
        return Heard(SIGNING)
    return Heard(reply.state, answer)


def state_of(answer: Choice) -> str:
    """What the *answer* says, ACCEPTED or REFUSED; empty for lessons."""
    data = next((one.data for one in answer.items if one.path == CARRIED_ANSWER), None)
    try:
        said: Any = json.loads(data or b"{}")
        return str(said.get("state", ""))
    except (ValueError, AttributeError):
        return ""


def refusal(error: EduboxError) -> str:
    """The sentence for a request that is not heard."""
    return REFUSALS.get(error.code, REFUSALS[""])


def _file_of(publisher: str) -> str:
    """What ends the path of its record in a mirror."""
    return f".{publisher.rpartition('/')[2]}.json"
