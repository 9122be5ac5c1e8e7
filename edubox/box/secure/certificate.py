"""The box's own certificate: made once, by nobody else, for whoever accepts it by hand.

It vouches for itself, so browsers warn and a person compares fingerprints. What they then accept is this very
certificate: a name or an address that changes later makes no new warning of another kind. It must outlive the box, for a
new one would warn everybody again, and must hold on a box without a clock, whose date may be years in the past; its
readers' devices do have one. Hence from FIRST_DAY to LAST_DAY. Apple refuses, with no way around, certificates that
begin after 1 July 2019 and hold for more than 825 days; so this one begins before. LAST_DAY is the last whole year that
X.509 writes with two digits, which the oldest readers expect.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edubox.box.discovery import host_name, own_addresses
from edubox.errors import BadCertificate
from edubox.store.platform import write_atomic

if TYPE_CHECKING:
    from cryptography import x509

FIRST_DAY, LAST_DAY = datetime(2019, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)
CERTIFICATE, KEY = "desk.crt", "desk.key"
_ALIAS = "edubox.local"
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----")


def files(data: Path, settings: dict[str, Any]) -> tuple[Path, Path]:
    """The certificate and the key that the box in *data* shows: the administrator's, else its own; they may be absent."""
    if settings["certificate"]:
        return Path(settings["certificate"]), Path(settings["certificate_key"])
    return data / "keys" / CERTIFICATE, data / "keys" / KEY


def make(keys: Path) -> None:
    """Make a certificate and its key in the folder *keys*. Raises NoRoom.

    The key is written first: whoever finds the certificate finds its key.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())  # the one curve that every phone knows
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_atomic(keys / KEY, pem, 0o600)
    write_atomic(keys / CERTIFICATE, _signed_by_itself(key).public_bytes(serialization.Encoding.PEM))


def _signed_by_itself(key: Any) -> x509.Certificate:
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    name = host_name()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names: list[x509.GeneralName] = [x509.DNSName(one) for one in (f"{name}.local", _ALIAS, "localhost")]
    names += [x509.IPAddress(ipaddress.ip_address(one)) for one in (*own_addresses(), "127.0.0.1")]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FIRST_DAY)
        .not_valid_after(LAST_DAY)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        # Not an authority: whoever accepts it accepts this box, and nothing that it might sign.
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def fingerprint(certificate: Path) -> str:
    """The SHA-256 of the first certificate in a PEM file, as 16 groups of four capitals; empty if there is none.

    Raises BadCertificate.
    """
    try:
        first = _PEM.search(certificate.read_text("ascii"))
        der = base64.b64decode("".join(first[1].split()) if first else "", validate=True)
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise BadCertificate(path=certificate, reason=str(error)) from None
    if not der:
        raise BadCertificate(path=certificate, reason="no certificate stands in it")
    digest = hashlib.sha256(der).hexdigest().upper()
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def shown_fingerprint(data: Path, settings: dict[str, Any]) -> str:
    """What a person compares: the fingerprint of the certificate of the box in *data*; empty if that cannot be told."""
    try:
        return fingerprint(files(data, settings)[0])
    except BadCertificate:  # the doctor says more
        return ""
