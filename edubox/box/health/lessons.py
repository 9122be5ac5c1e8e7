"""Are there lessons, and are they all there?"""

from __future__ import annotations

from edubox.box.catalog import Catalogue
from edubox.box.health import Box, Finding
from edubox.box.repair import repair
from edubox.sync.catalogue import Installed
from edubox.sync.following import followed

TITLE = "Lessons"


def check(box: Box) -> Finding:
    """A note while lessons are still on their way, broken when a lesson's folder has gone."""
    installed = Catalogue(box.data).installed()
    if not installed:
        if not followed(box.data, box.settings):
            return Finding(
                "warning", "No lesson will come: name publishers to follow in box.toml, then run edubox sync."
            )
        return Finding("note", "No lesson is listed. Bring some with: edubox sync.")
    lost = _lost(box)
    if lost:
        names = ", ".join(f"{one.publisher}/{one.slug}" for one in lost[:3])
        return Finding("broken", f"The files of {len(lost)} lessons are gone ({names}). Run edubox sync.")
    waiting = sum(one.state != "ready" for one in installed)
    if waiting:
        return Finding(
            "note", f"{len(installed)} lessons; {waiting} still wait for pictures, sound or films."
        )
    return Finding("good", f"{len(installed)} lessons, all complete.")


def fix(box: Box) -> str:
    """Make the folders of lessons again from what the box holds of them."""
    before = len(_lost(box))
    if not before:
        return ""
    repair(box.data, box.settings)
    return f"{before - len(_lost(box))} of {before} lessons have their files again."


def _lost(box: Box) -> list[Installed]:
    return [one for one in Catalogue(box.data).installed() if not (box.data / "site" / one.manifest).is_dir()]
