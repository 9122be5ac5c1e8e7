"""Tests come in to the desk here, as whoever they say."""

from __future__ import annotations

from pathlib import Path

from edubox.box.own.identity import desk_code


def desk_of(client, data: Path, role: str = "admin", name: str = "Ada") -> str:
    """Let the Flask test client *client* in to the desk of the box in *data*; the desk's address, without a slash at its end."""
    return f"/b/{desk_code(data)}"
