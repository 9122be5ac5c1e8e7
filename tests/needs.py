"""What tests need of the machine: a skip that names what is missing, and in CI, for which tests/setup-machine installs it, a failure."""

from __future__ import annotations

import os
import shutil

import pytest

#: Where programs are, for root and for others.
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def absent(reason: str) -> None:
    """Skip this test for *reason*; in CI a skip would hide a hole."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


def programs(*names: str) -> None:
    """Go on where all these programs are installed."""
    if missing := [name for name in names if shutil.which(name, path=PATH) is None]:
        absent(f"not installed: {', '.join(missing)} (tests/setup-machine has their Debian packages)")
