"""What we ship besides the program: the starter lessons and the country files."""

from __future__ import annotations

from pathlib import Path

import edubox
from edubox.errors import NotFound


def content_folder() -> Path:
    """The folder of lessons and country files: inside the installed package, or beside it in a checkout."""
    package = Path(edubox.__file__).parent
    for folder in (package / "_content", package.parent / "content"):
        if (folder / "lessons").is_dir():
            return folder
    raise NotFound(what="The folder of starter lessons")
