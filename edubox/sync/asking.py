"""A box asks its academy to take it in: the request, the hub's answer, and when to ask again.

The request is made from the box's own repository and signed with its writer key. It also lies in ``enrolment-request.json``, so
that a stick can carry it where there is no line (``carried.exchange``). A hub that does not answer costs nothing: the box
serves, and asks the next time that it synchronises. Who was accepted does not ask again, unless its key changed.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edubox.errors import BadIdentifier, HubRefused, MissingFile, NotFound, TryLater, Unreachable
from edubox.pack.names import check_publisher, printable
from edubox.store.layout import metadata_path, publisher_prefix
from edubox.store.platform import write_atomic
from edubox.sync.api import PREFIX, HubApi
from edubox.sync.enrolment import (
    ASKED,
    PROMISED,
    REFUSED,
    REQUEST,
    Enrolment,
    code_of,
    read_enrolment,
    wanted_name,
    write_enrolment,
)
from edubox.trust.chain import MAX_ROOTS
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import MAX_ROOT

if TYPE_CHECKING:
    from securesystemslib.signer import Signer

PATH = "enrolments"
MAX_LABEL = 200
#: Seconds until a hub that did not answer is asked again; least and most that a hub may say.
AGAIN, LEAST, MOST = 3600, 300, 30 * 86_400
_SECRET = 0o600
#: No from a hub that a person has to read; any other is asked again.
_SAID = {400, 403}


def request_of(data: Path, own: str, settings: Mapping[str, Any], code: str, authority: str = "") -> bytes:
    """The body of the request of the box in *data*, whose repository is *own*. Raises NotFound (it has no repository)."""
    return json.dumps({
        "format": 1, "roots": [base64.b64encode(one).decode("ascii") for one in roots_of(data, own)],
        "label": " ".join(printable(str(settings["name"])).split())[:MAX_LABEL].strip() or wanted_name(settings),
        "kind": "school", "code": code, "authority": authority, "name": wanted_name(settings),
    }, ensure_ascii=False).encode()  # fmt: skip


def roots_of(data: Path, own: str) -> list[bytes]:
    """Every root of the repository *own*, the first one first. Raises NotFound."""
    prefix, fetch = publisher_prefix(*check_publisher(own)), FolderFetch(data / "mirror")
    roots: list[bytes] = []
    try:
        while len(roots) < MAX_ROOTS:
            roots.append(fetch.read(metadata_path(prefix, "root", len(roots) + 1), MAX_ROOT))
    except MissingFile:
        pass
    if not roots:
        raise NotFound(what=f"The repository {own}")
    return roots


def is_due(data: Path, own: str, now: int, *, rekeyed: bool = False) -> bool:
    """Whether the hub is to be asked at *now* (seconds since 1970). *rekeyed*: the box went on by its recovery code."""
    known = read_enrolment(data)
    if known.told:
        return len(roots_of(data, own)) != known.version and now >= known.next
    if not known.state:
        return rekeyed or bool(code_of(data))
    # A clock that jumped back must not keep the box waiting.
    return now >= known.next or known.next - now > MOST


def ask(
    data: Path, own: str, settings: Mapping[str, Any], address: str, signer: Signer, now: datetime, *,
    authority: str = "", drawn: Callable[[], float] = random.random,
) -> Enrolment:  # fmt: skip
    """Ask the hub at *address* (empty: there is no line, the request waits for a stick) and remember what it says.

    *now* (UTC) as the box believes. Raises NotFound, NoRoom; a hub that does not answer is no error.
    """
    known, moment = read_enrolment(data), int(now.timestamp())
    body = request_of(data, own, settings, code_of(data), authority)
    file_request(data, body, signer, now)
    if not known.told:
        # A refusal stays to be read until there is another answer.
        begun = known.asked or moment
        known = replace(known, state=known.state or ASKED, asked=begun, since=known.since or begun)
    version = len(roots_of(data, own))
    wait = float(AGAIN)
    if address:
        try:
            said = HubApi(address, data, signer, now).call("POST", PATH, body=body).json()
            known, wait = _understood(known, said, moment)
            known = replace(known, version=version)
        except HubRefused as error:
            if error.details["status"] in _SAID:
                known, wait = _refused(known, str(error.details["reason"]), moment), 86_400.0
        except TryLater as error:
            wait = float(str(error.details["seconds"]))
        except Unreachable:
            pass
    if address:
        wait = min(max(wait, LEAST), MOST)
        # Who is taken in has nothing to ask before its key changes, and then at once.
        settled = known.told and known.version == version
        known = replace(known, next=0 if settled else moment + round(wait * (0.75 + 0.5 * drawn())))
    write_enrolment(data, known)
    return known


def file_request(data: Path, body: bytes, signer: Signer, now: datetime) -> None:
    """Keep the signed request as a file that somebody can carry. Raises NoRoom."""
    from edubox.trust.requests import next_counter, sign

    path = f"{PREFIX}{PATH}"
    # Whoever takes it in compares no counter: asking twice changes nothing.
    headers = sign("POST", path, "", body, signer, next_counter(0, now))
    value = {
        "format": 1, "kind": "edubox enrolment", "method": "POST", "path": path, "headers": headers,
        "body": base64.b64encode(body).decode("ascii"),
    }  # fmt: skip
    write_atomic(data / REQUEST, json.dumps(value).encode(), _SECRET)


def hint(data: Path, said: Mapping[str, Any], now: int) -> Enrolment:
    """Remember an answer that came on a stick. Raises NoRoom."""
    known = read_enrolment(data)
    if not known.told:
        known, _ = _understood(known, said, now)
        write_enrolment(data, known)
    return known


def _understood(known: Enrolment, said: Mapping[str, Any], now: int) -> tuple[Enrolment, float]:
    """What a hub *said*, which nobody signed: it may make this box wait or look for a name, and no more."""
    poll = said.get("poll")
    wait = float(poll) if isinstance(poll, int | float) and 0 <= poll < 1e9 else float(AGAIN)
    if known.told:
        return known, wait
    state, name = said.get("state"), said.get("id")
    if state == "refused":
        reason = said.get("reason")
        return _refused(known, reason if isinstance(reason, str) else "", now), wait
    if state == "accepted" and isinstance(name, str):
        try:
            check_publisher(name)
        except BadIdentifier:
            return known, wait
        changed = (known.state, known.id) != (PROMISED, name)
        return replace(known, state=PROMISED, id=name, reason="", since=now if changed else known.since), wait
    if state == "asked":
        return replace(
            known, state=ASKED, id="", reason="", since=known.since if known.state == ASKED else now
        ), wait
    return known, wait


def _refused(known: Enrolment, reason: str, now: int) -> Enrolment:
    if known.told:
        return known
    same = known.state == REFUSED and known.reason == reason
    return replace(known, state=REFUSED, id="", reason=reason, since=known.since if same else now)
