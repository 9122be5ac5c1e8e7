"""Keys that never leave a security token or smart card: PKCS#11, through securesystemslib.

Such a token signs with ECDSA on P-256 or P-384, which TUF knows beside Ed25519. The library of the token's maker is named by the
environment variable ``PYKCS11LIB``; python-pkcs11 speaks to it and is installed by the extra ``token``.
"""

from __future__ import annotations

import os

from securesystemslib.signer import HSMSigner, Signature, Signer

from edubox.errors import BadInput, NotTrusted

#: Number of the key on a token where nobody says another: PIV's slot for signatures.
USUAL = 2


def token_signer(label: str, pin: str, number: int = USUAL) -> Signer:
    """What signs with key *number* of the token called *label*, which opens with *pin*.

    Raises BadInput (no library, no such token or key), NotTrusted (the PIN does not open it).
    """
    try:
        from pkcs11.exceptions import PKCS11Error
    except ImportError:
        raise BadInput(reason="python-pkcs11 is not installed: pip install edubox[token]") from None
    if not os.environ.get("PYKCS11LIB"):
        raise BadInput(reason="the environment variable PYKCS11LIB does not name the library of the token")
    try:
        _, public = HSMSigner.import_(number, label, lambda _: pin)
        made = _Token(number, public, lambda _: pin, label)
        # Whether the PIN opens it: later nobody could say so in a sentence. It signs what no metadata is.
        made.sign(b"edubox")
    except ValueError as error:
        raise BadInput(reason=f"the token {label}, key {number}: {error}") from None
    except PKCS11Error as error:
        raise _said(label, error) from None
    return made


class _Token(HSMSigner):
    """A token whose library speaks of itself in our words."""

    def sign(self, payload: bytes) -> Signature:
        """See Signer."""
        from pkcs11.exceptions import PKCS11Error

        try:
            return super().sign(payload)
        except PKCS11Error as error:
            raise _said(str(self.token_label), error) from None


def _said(label: str, error: Exception) -> NotTrusted | BadInput:
    name = type(error).__name__
    if name.startswith(("Pin", "UserPin")):
        return NotTrusted(reason=f"the PIN does not open the token {label}")
    return BadInput(reason=f"the token {label} says {name} {error}".rstrip())
