"""The engines that a hub may run on, as tests get them: each test an empty database and an empty part of a bucket."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

SMALL, LARGE = "sqlite+folder", "postgresql+s3"
NAMES = (SMALL, LARGE)


@dataclass(frozen=True)
class Engine:
    """Lines of ``hub.toml``, and what a process of its own needs in its environment."""

    name: str
    settings: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def configure(self, country: Path, **more: str | int) -> None:
        """Write ``hub.toml`` of the country's folder."""
        self.write(country / "hub.toml", **more)

    def write(self, path: Path, **more: str | int) -> Path:
        """Write the settings to *path*."""
        lines = [f"{name} = {value!r}".replace("'", '"') for name, value in {**self.settings, **more}.items()]
        path.write_text("\n".join(lines) + "\n")
        return path


def of(name: str, request) -> Engine:
    """The engine *name*; starts the servers that it needs, once a session."""
    if name == SMALL:
        return Engine(SMALL)
    postgresql = request.getfixturevalue("postgresql")
    swift = request.getfixturevalue("swift")
    database = postgresql.database()
    prefix = secrets.token_hex(6)
    return Engine(
        LARGE,
        {
            "database": database, "blobs": f"s3://{swift.bucket}/{prefix}", "s3_endpoint": swift.endpoint,
            "s3_credentials": str(swift.credentials),
        },
    )  # fmt: skip
