"""Passkeys: a device or a security key signs what the hub asks, for this site's name alone (WebAuthn, by the library ``webauthn``).

What a browser signs names the address that its person sees, so a copy of our pages elsewhere gets nothing that opens anything
here. A key is bound to the name of the site at which it was made; where the hub has no name (an IP address), browsers have no
passkeys, and the authenticator's codes remain. The library is loaded when somebody uses one.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from edubox.errors import BadInput, NotTrusted
from edubox.hub.tables import passkeys

#: Keys of one person, characters of the name of one, bytes of an answer.
OF_ONE, LABEL, ANSWER = 10, 60, 16 * 1024
#: Milliseconds that a browser gives its person.
_PATIENCE = 120_000
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9.-]*[a-z])?[a-z0-9]*\Z")


def can_be_at(site: str) -> bool:
    """Whether browsers have passkeys for the host *site*: a name, not an address."""
    return _NAME.match(site) is not None and re.search(r"[a-z]", site.rpartition(".")[2]) is not None


def to_make(connection: Connection, site: str, issuer: str, number: int, login: str) -> dict[str, Any]:
    """What the browser is asked to make a key for person *number* at *site*; its ``challenge`` is to be kept."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    asked = generate_registration_options(
        rp_id=site, rp_name=issuer, user_name=login, user_id=hashlib.sha256(f"edubox {number} {login}".encode()).digest(),
        timeout=_PATIENCE, exclude_credentials=[_described(row) for row in of(connection, number)],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )  # fmt: skip
    return dict(json.loads(options_to_json(asked)))


def keep(
    connection: Connection,
    number: int,
    site: str,
    origin: str,
    challenge: str,
    answer: str,
    label: str,
    now: int,
) -> None:
    """Keep the key that a browser made in *answer* to *challenge*. Raises NotTrusted, BadInput (too many)."""
    from webauthn import verify_registration_response
    from webauthn.helpers.exceptions import WebAuthnException

    if (connection.scalar(select(func.count()).where(passkeys.c.person == number)) or 0) >= OF_ONE:
        raise BadInput(reason=f"you have {OF_ONE} passkeys already, take one away first")
    try:
        made = verify_registration_response(
            credential=_read(answer), expected_challenge=_bytes(challenge), expected_rp_id=site, expected_origin=origin
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotTrusted(reason=f"the passkey was not made as asked ({type(error).__name__})") from None
    mark = hashlib.sha256(made.credential_id).hexdigest()
    if connection.scalar(select(passkeys.c.hash).where(passkeys.c.hash == mark)) is not None:
        raise BadInput(reason="this passkey is known already")
    connection.execute(
        insert(passkeys).values(
            hash=mark, person=number, credential=_text(made.credential_id), public_key=_text(made.credential_public_key),
            site=site, label=label.strip()[:LABEL], uses=made.sign_count, made=now, used=0,
        )
    )  # fmt: skip


def to_use(connection: Connection, site: str, number: int) -> dict[str, Any] | None:
    """What the browser is asked to sign for person *number*; None if they have no key for *site*."""
    from webauthn import generate_authentication_options, options_to_json

    known = [_described(row) for row in of(connection, number) if row.site == site]
    if not known:
        return None
    asked = generate_authentication_options(rp_id=site, timeout=_PATIENCE, allow_credentials=known)
    return dict(json.loads(options_to_json(asked)))


def is_right(
    connection: Connection, number: int, site: str, origin: str, challenge: str, answer: str, now: int
) -> bool:
    """Whether *answer* is what a key of person *number* signs for *challenge* at *site*; the key's count goes on."""
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        read = _read(answer)
        mark = hashlib.sha256(_bytes(read["rawId"])).hexdigest()
        row = connection.execute(
            select(passkeys).where(
                passkeys.c.hash == mark, passkeys.c.person == number, passkeys.c.site == site
            )
        ).first()
        if row is None or not challenge:
            return False
        used = verify_authentication_response(
            credential=read, expected_challenge=_bytes(challenge), expected_rp_id=site, expected_origin=origin,
            credential_public_key=_bytes(row.public_key), credential_current_sign_count=row.uses,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):
        return False
    connection.execute(
        update(passkeys).where(passkeys.c.hash == mark).values(uses=used.new_sign_count, used=now)
    )
    return True


def of(connection: Connection, number: int) -> list[Row[Any]]:
    """The keys of person *number*, oldest first."""
    return list(
        connection.execute(select(passkeys).where(passkeys.c.person == number).order_by(passkeys.c.made))
    )


def end(connection: Connection, number: int, mark: str) -> bool:
    """Take the key *mark* from person *number*; whether there was one."""
    return connection.execute(
        delete(passkeys).where(passkeys.c.hash == mark, passkeys.c.person == number)
    ).rowcount > 0  # fmt: skip


def _described(row: Row[Any]) -> Any:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return PublicKeyCredentialDescriptor(id=_bytes(row.credential))


def _read(answer: str) -> dict[str, Any]:
    """The JSON of a browser's *answer*. Raises ValueError."""
    if len(answer) > ANSWER:
        raise ValueError("too long")
    read = json.loads(answer)
    if not isinstance(read, dict):
        raise TypeError("not an object")
    return read


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
