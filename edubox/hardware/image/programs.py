"""Running the programs that make an image, each with the one time that everything in it has."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from edubox.errors import FailedCommand, NotFound

_LAST_WORDS = 400


def run(line: Sequence[str | Path], epoch: int, root: Path | None = None) -> str:
    """Run *line*, in the folder *root* as its root directory if one is given; what it said. Raises NotFound, FailedCommand."""
    words = [str(word) for word in (["chroot", root] if root else []) + list(line)]
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin") + ":/usr/sbin:/sbin", "SOURCE_DATE_EPOCH": str(epoch), "LC_ALL": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive", "MTOOLS_SKIP_CHECK": "1", "TZ": "UTC", "HOME": "/root",
    }  # fmt: skip
    try:
        done = subprocess.run(
            words,
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise NotFound(what=f"The program {words[0]} (Debian package of that name)") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-_LAST_WORDS:]
        raise FailedCommand(command=" ".join(words[:4]), reason=said or f"it ended with {done.returncode}")
    return done.stdout
