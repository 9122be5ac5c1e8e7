"""Are keys readable by nobody else?"""

from __future__ import annotations

import shlex

from edubox.box.health import Box, Finding

TITLE = "Keys"
#: Public files among the keys; everything else there is secret.
PUBLIC = {"root.json", "clock.json"}


def check(box: Box) -> Finding:
    """Warn about secret files that other users of this computer can read."""
    folder = box.data / "keys"
    if not (folder / "root.json").exists():
        return Finding(
            "broken",
            "The country's root is not pinned: this box cannot trust anything. "
            f"Copy 1.root.json, had by a way you trust, to {folder / 'root.json'}.",
        )
    loose = sorted(
        str(path) for path in folder.iterdir() if path.name not in PUBLIC and path.stat().st_mode & 0o077
    )
    if loose:
        return Finding(
            "warning",
            f"Other users of this computer can read secret keys. Run: chmod go= {shlex.join(loose)}",
        )
    return Finding("good", "The country's root is pinned; secret files are closed to others.")
