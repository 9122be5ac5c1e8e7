"""A publisher that goes on under another name: the box follows it, with all that it knows and shows of it.

Believed only when the record that was left names the new one and the new one names the old, each signed by
its own authority. The signed files are taken along before the new name is asked for, so that nothing older is
accepted there; lessons keep their versions and change their address. Safe to repeat after a cut.
"""

from __future__ import annotations

import shutil

from edubox.store.platform import make_folder, sync_folder
from edubox.sync.catalogue import Catalogue
from edubox.sync.epochs import carry_over
from edubox.sync.local import Local
from edubox.sync.urgent import rename
from edubox.trust.publisher import prefix


def go_on(local: Local, catalogue: Catalogue, old: str, new: str) -> None:
    """What this box has of *old* is *new*'s from now on. Raises NoRoom, Busy; then call it again."""
    source, target = local.mirror / prefix(old), local.mirror / prefix(new)
    if source.is_dir():
        if not (target / "metadata" / "timestamp.json").exists():
            shutil.rmtree(target, ignore_errors=True)
            make_folder(target.parent)
            source.rename(target)
            sync_folder(target.parent)
        shutil.rmtree(source, ignore_errors=True)
    carry_over(local.data, old, new)
    rename(local.data, old, new)
    # Also without any lesson: when it was last fresh counts for the new name, where a clock may be wrong.
    if catalogue.last_fresh(prefix(old)) or any(one.publisher == old for one in catalogue.installed()):
        catalogue.moved(old, new)
