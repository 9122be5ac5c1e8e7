"""What is in a system, as SPDX 2.3: every Debian package and every Python library, by name, version and where it comes from."""

from __future__ import annotations

import email
import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PLACE = Path("usr/share/edubox/sbom.spdx.json")
_LIBRARIES = "usr/lib/edubox/lib/python*/site-packages/*.dist-info/METADATA"


def describe(root: Path, board: str, epoch: int, suites: Sequence[str]) -> bytes:
    """The list of what is in *root*, sorted, and the same for the same root; *suites* are those of Debian that it came from."""
    packages = sorted([*_debian(root), *_python(root)], key=lambda one: str(one["SPDXID"]))
    body = json.dumps(packages, sort_keys=True).encode()
    value = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"edubox system for {board}",
        "documentNamespace": f"urn:sha256:{hashlib.sha256(body).hexdigest()}",
        "comment": from_debian(suites),
        "creationInfo": {
            "created": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: edubox image build"],
        },
        "packages": packages,
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relatedSpdxElement": one["SPDXID"], "relationshipType": "DESCRIBES"}
            for one in packages
        ],
    }  # fmt: skip
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def from_debian(suites: Sequence[str]) -> str:
    """What *suites* an image came from, in words, and whether Debian's fixes of security are among them."""
    without = not any(name.endswith("-security") for name in suites)
    return f"Debian {', '.join(suites)}" + (", WITHOUT Debian's security fixes" if without else "")


def _debian(root: Path) -> Iterator[dict[str, Any]]:
    for paragraph in (root / "var/lib/dpkg/status").read_text("utf-8").split("\n\n"):
        fields = email.message_from_string(paragraph)
        if fields["Package"] and "installed" in (fields["Status"] or "").split():
            name, version, architecture = fields["Package"], fields["Version"], fields["Architecture"]
            yield _package("deb", name, version, f"pkg:deb/debian/{name}@{version}?arch={architecture}")


def _python(root: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(root.glob(_LIBRARIES)):
        fields = email.message_from_string(path.read_text("utf-8").partition("\n\n")[0])
        name, version = fields["Name"].lower(), fields["Version"]
        yield _package("pypi", name, version, f"pkg:pypi/{name}@{version}")


def _package(kind: str, name: str, version: str, locator: str) -> dict[str, Any]:
    spelled = "".join(letter if letter.isalnum() or letter in ".-" else "-" for letter in name)
    return {
        "SPDXID": f"SPDXRef-{kind}-{spelled}",
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator.replace("+", "%2B")}
        ],
    }  # fmt: skip
