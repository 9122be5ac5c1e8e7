"""``python -m tests.faults.killed STEP COUNT ARGUMENT…``: run edubox, and die by SIGKILL before its STEPth change of a disk.

STEP 0 dies nowhere. The file COUNT gets the number of changes that there were.
"""

from __future__ import annotations

import os
import shutil  # noqa: F401 - looks at os once, before it is changed below
import signal
import sys
from pathlib import Path

from edubox.cli import run

CHANGES = ("fdatasync", "fsync", "link", "mkdir", "rename", "replace", "rmdir", "sync", "truncate", "unlink")
done = 0


def counted(usual):
    def change(*arguments, **options):
        global done  # noqa: PLW0603 - one count a process
        done += 1
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return usual(*arguments, **options)

    return change


if __name__ == "__main__":
    step, count = int(sys.argv[1]), Path(sys.argv[2])
    for name in CHANGES:
        setattr(os, name, counted(getattr(os, name)))
    code = run(sys.argv[3:])
    count.write_text(str(done))
    sys.exit(code)
