"""How this very edubox is started once more, for a child process: by its Python, or by itself where it was frozen into one program."""

from __future__ import annotations

import sys

#: What stands before the arguments of a command.
EDUBOX = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "edubox"]
