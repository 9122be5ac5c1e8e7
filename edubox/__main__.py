"""``python -m edubox`` is the ``edubox`` command; child processes are started this way."""

from __future__ import annotations

from edubox.cli import main

main()
