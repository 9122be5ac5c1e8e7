"""What a publication that was cut left in a repository: metadata that no timestamp names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tuf.api.metadata import Snapshot

from edubox.trust.editor import Editor
from edubox.trust.fetch import Fetch

_VERSIONED = re.compile(r"(\d{1,10})\.([a-z0-9-]+)\.json\Z")


def unnamed(fetch: Fetch, prefix: str, names: Iterable[str]) -> list[str]:
    """Those of a repository's metadata file *names* that are newer than what is published: left by a cut.

    Raises MissingFile (there is no whole repository), NotTrusted.
    """
    editor = Editor.open(fetch, prefix, 0)
    snapshot: Snapshot = editor.signed("snapshot")
    current = {name.removesuffix(".json"): line.version for name, line in snapshot.meta.items()}
    current["snapshot"] = snapshot.version
    found = []
    for name in names:
        match = _VERSIONED.match(name)
        # Roots are published by being there.
        if match and match[2] != "root" and int(match[1]) > current.get(match[2], 0):
            found.append(name)
    return found
