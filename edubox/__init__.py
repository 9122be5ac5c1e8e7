"""edubox: signed lessons for a school, served by a small box, with or without the internet.

A signed repository is a folder of static files. ``publishing`` makes such a folder, ``sync`` copies
it, ``pages`` shows it; everything else serves those three. ``docs/architecture.md`` draws the rooms.
"""

__version__ = "0.1.0"
