"""Where the frozen program begins: the ``edubox`` command, whose children see the system's own libraries.

The program is started with its folder in front of the places where libraries are looked for. What it starts of the system,
such as ffmpeg, must not find ours.
"""

from __future__ import annotations

import os
import sys

from edubox.cli import main

for _name in ("LD_LIBRARY_PATH", "LIBPATH"):
    _before = os.environ.pop(f"{_name}_ORIG", None)
    if _before is not None:
        os.environ[_name] = _before
    elif getattr(sys, "frozen", False):
        os.environ.pop(_name, None)

# A child is a program of its own, and finds its libraries by itself; PyInstaller would let it inherit ours.
os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"

main()
