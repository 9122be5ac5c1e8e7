"""Can the school go on publishing after a bad day: its own repository, the sheet on paper, the last backup?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from edubox.box.health import Box, Finding
from edubox.box.own import backup, identity
from edubox.box.own.machine import this_machine
from edubox.box.own.repository import listed
from edubox.errors import EduboxError, NotFound
from edubox.pack.names import is_staff
from edubox.store.layout import STAFF, bundle_path

TITLE = "The school's own lessons"
#: How old a backup may be.
OLD = timedelta(days=30)


def check(box: Box) -> Finding:
    """Broken when nothing can be published or something of the school's own is lost; else a note of what to do."""
    try:
        own = identity.read(box.data)
        own.ensure_ready(this_machine())
        indexes = listed(box.data / "mirror", own.prefix)
    except NotFound as error:
        return Finding("note", str(error))
    except EduboxError as error:
        return Finding("broken", str(error))
    published = {slug: index for slug, index in indexes.items() if not index.withdrawn}
    lessons = sum(not is_staff(slug) for slug in published)
    lost = [
        slug
        for slug, index in published.items()
        for bundle in index.bundles
        if not (_shelf(box, slug) / bundle_path(bundle.sha256)).is_file()
    ]
    if lost:
        return Finding(
            "broken",
            f"Files of {', '.join(sorted(set(lost)))} are not here: run edubox sync, or publish them again.",
        )
    if identity.unprinted_code(box.data, own) is not None:
        return Finding("note", "The school sheet is not printed yet: edubox box sheet writes it.")
    if published:
        made = backup.last(box.data)
        if made is None:
            return Finding(
                "note",
                f"Lessons of its own: {lessons}, and no backup yet: edubox box backup makes one.",
            )
        if datetime.now(UTC) - made.when > OLD:
            return Finding(
                "note", f"The last backup is of {made.when:%d %B %Y} ({made.file}). Make a new one."
            )
    return Finding("good", f"Lessons of its own: {lessons}, as {own.id}.")


def _shelf(box: Box, slug: str) -> Path:
    """Where the bundles of *slug* lie."""
    return box.data / "mirror" / (STAFF if is_staff(slug) else "")
