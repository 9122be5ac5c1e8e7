"""A box's request to its academy on a stick, and the academy's answer on the way back.

``enrolments/<box>.json`` is the signed request, which whoever keeps the hub gives to ``edubox academy take``; the answer is put
beside it as ``<box>.answer.json``. It is a hint that nobody signed: it says under which name to look in the directory that the
stick brings too, and only that lets the box in. A phone brings the request to the hub's page for carriers, and the answer from there as
a courier's part: ``enrolments/answer.json`` in it says ``for`` which box it is, since phones carry for several.
"""

from __future__ import annotations

import json
from pathlib import Path

from edubox.errors import EduboxError
from edubox.store.fat import New, write_all
from edubox.store.notes import read_note
from edubox.sync.asking import hint
from edubox.sync.enrolment import REQUEST, read_enrolment
from edubox.sync.own import own_publisher
from edubox.trust.fetch import Fetch, FolderFetch

FOLDER, ANSWER = "enrolments", ".answer.json"
#: The answer among the members of a courier's part.
CARRIED_ANSWER = f"{FOLDER}/answer.json"
#: Whether a courier brought an answer, and for whom.
NONE, OURS, OTHERS = "", "ours", "others"
#: Bytes of an answer, and of a request.
MAX_ANSWER, MAX_REQUEST = 16 * 1024, 512 * 1024


def bring_answer(data: Path, folder: Path, box: str, now: int) -> None:
    """Let the box in *data*, called *box*, hear what *folder*, ours on a stick, brings as an answer. Raises NoRoom."""
    try:
        said = json.loads(FolderFetch(folder).read(f"{FOLDER}/{box}{ANSWER}", MAX_ANSWER))
    except (EduboxError, ValueError, RecursionError):
        return
    if isinstance(said, dict) and read_enrolment(data).state:
        hint(data, said, now)


def hear_carried(data: Path, source: Fetch, now: int) -> str:
    """Let the box in *data* hear the answer that the courier *source* brings: NONE, OURS or OTHERS. Raises NoRoom."""
    try:
        said = json.loads(source.read(CARRIED_ANSWER, MAX_ANSWER))
    except (EduboxError, ValueError, RecursionError):
        return NONE
    if not isinstance(said, dict):
        return NONE
    if said.get("for") != own_publisher(data):
        return OTHERS
    hint(data, said, now)
    return OURS


def put_request(data: Path, folder: Path, box: str) -> None:
    """Leave the request of the box in *data* in *folder* while it is not taken in. Raises OSError."""
    if read_enrolment(data).told:
        return
    path = f"{FOLDER}/{box}.json"
    try:
        read_note(data / REQUEST)
        request = (data / REQUEST).read_bytes()
        here = FolderFetch(folder).read(path, MAX_REQUEST)
    except (OSError, ValueError):
        return
    except EduboxError:
        here = b""
    if here != request:
        write_all(folder, [New.of(path, request)])
