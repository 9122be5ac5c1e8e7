"""Does this box do its work now? What a system that was just installed must show before it may stay.

Less than the doctor asks: what a worn card, an empty lesson list or a missing internet explains is no fault of a system, and
the older one would not do better. Each check returns a sentence about what is wrong, nothing when all is well.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
from pathlib import Path
from typing import Any

from edubox.box.catalog import Catalogue
from edubox.box.health import Box, database
from edubox.errors import EduboxError
from edubox.pack.manifest import Manifest
from edubox.store.site import Site
from edubox.sync.local import manifest_in
from edubox.trust.fetch import open_inside

#: Seconds to wait for a page: as long as a phone does.
PATIENCE = 30.0
#: How often the front page may lead on: to the one in a language.
LED_ON = 2
#: Lessons that are tried until one is right, bytes that are read of it at most, and bytes written to the disk.
LESSONS, LARGEST, WRITTEN = 5, 32 * 1024 * 1024, 64 * 1024


def pages_are_served(settings: dict[str, Any]) -> str:
    """Ask for the front page at the port that pupils use, on this machine."""
    status, path = 0, "/"
    for _ in range(LED_ON + 1):
        asked = http.client.HTTPConnection("127.0.0.1", settings["port"], timeout=PATIENCE)
        try:
            asked.request("GET", path)
            answer = asked.getresponse()
            status, path = answer.status, answer.headers.get("Location", "")
        except (OSError, http.client.HTTPException) as error:
            return f"No page is served at port {settings['port']}: {error}."
        finally:
            asked.close()
        # To the page in the reader's language, which this box has to serve as well; never elsewhere.
        if status != http.HTTPStatus.FOUND or not path.startswith("/"):
            break
    return "" if status == http.HTTPStatus.OK else f"The front page is answered with {status}."


def a_lesson_is_right(box: Box) -> str:
    """Compare the files of a lesson with their hashes; a box without lessons has nothing to compare."""
    found = database.check(box)
    if found.level == "broken":
        return found.sentence
    ready = [one.manifest for one in Catalogue(box.data).installed() if one.state == "ready"][:LESSONS]
    lists = {sha256: manifest_in(box.data / "mirror", sha256) for sha256 in ready}
    lessons = [(sha256, manifest) for sha256, manifest in lists.items() if manifest is not None]
    if not lessons or any(_is_right(Site(box.data).tree(sha256), manifest) for sha256, manifest in lessons):
        return ""
    return f"None of {len(lessons)} lessons is what its publisher made."


def the_disk_keeps(data: Path) -> str:
    """Write a file without a name to the data disk, and let the disk say that it has it."""
    try:
        with tempfile.TemporaryFile(dir=data) as out:
            out.write(os.urandom(WRITTEN))
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        return f"The data disk cannot be written: {error.strerror}."
    return ""


def _is_right(tree: Path, manifest: Manifest) -> bool:
    left = LARGEST
    for file in sorted(manifest.files, key=lambda one: one.size):
        left -= file.size
        if left < 0:
            break
        try:
            # Opened as a stranger's: this runs as root in folders of the user who serves lessons.
            with open_inside(tree, file.path) as handle:
                held = handle.read(file.size + 1)
        except (OSError, EduboxError):
            return False
        if hashlib.sha256(held).hexdigest() != file.sha256:
            return False
    return True
