"""What lies on a card and is not Python: the folder ``hardware/``, inside the installed package or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

import edubox
from edubox.errors import NotFound


def hardware_folder() -> Path:
    """The folder of boards and of the files of their systems. Raises NotFound."""
    package = Path(edubox.__file__).parent
    for folder in (package / "_hardware", package.parent / "hardware"):
        if (folder / "boards").is_dir():
            return folder
    raise NotFound(what="The folder of boards")
