"""Can teachers come in from other computers: is there a certificate, does its key fit, has it not ended?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from edubox.box.health import Box, Finding
from edubox.box.secure.certificate import LAST_DAY, files, make
from edubox.box.secure.credentials import load

TITLE = "Certificate of the desk"
DAY = 86_400
#: Days before its end when somebody should know.
SOON = 21


def check(box: Box) -> Finding:
    """A warning when the desk cannot be reached over HTTPS or soon cannot, with what to do."""
    certificate, key = files(box.data, box.settings)
    if reason := _unusable(certificate, key):
        advice = "Put another one there" if _is_given(box) else "Run edubox doctor --fix"
        return Finding(
            "warning", f"Teachers cannot come in from other computers: {certificate} {reason}. {advice}."
        )
    end = _end(certificate) if _is_given(box) else LAST_DAY
    left = int((end - datetime.now(UTC)).total_seconds() // DAY)
    if left < SOON:
        state = f"ends in {left} days" if left >= 0 else "has ended"
        advice = "Put a new one there" if _is_given(box) else "Look at the clock"
        return Finding("warning", f"The certificate {state} by this computer's clock. {advice}.")
    return Finding("good", f"The certificate holds until {end:%d %B %Y}, and its key fits.")


def fix(box: Box) -> str:
    """Make the box's own again; one that somebody gave is theirs to replace."""
    if _is_given(box) or not _unusable(*files(box.data, box.settings)):
        return ""
    make(box.data / "keys")
    return (
        "The box has another certificate: browsers of teachers warn once more. Print the school sheet again."
    )


def _is_given(box: Box) -> bool:
    return bool(box.settings["certificate"])


def _unusable(certificate: Path, key: Path) -> str:
    """Why no connection can be made with them; empty if one can."""
    try:
        load(certificate, key)
    except FileNotFoundError:
        return "or its key is missing"
    except (OSError, ValueError) as error:
        return f"cannot be used with its key ({error})"
    return ""


def _end(certificate: Path) -> datetime:
    from cryptography import x509

    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
