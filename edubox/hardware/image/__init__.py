"""An image of a card, from one file that says what it is to be.

    school.toml ─ recipe ─┐
    boards/…toml ─────────┤
    Debian ── debian ── base root (cached) ── root: ours laid over it ── slot: one file system, the same bytes each time
                                                                          │
                          loader, edubox.toml ── boot partition ── layout: table, boot, slot a, slot b, data ── box.img

Nothing is mounted and no loop device is used: file systems are made from folders by the programs of the very Debian that the
image holds (``debian.tools``), partitions are written at their places in a file. All times are one, and so are all ids, so that the
same inputs make the same bytes. Beside the image lie a list of what is in it (SPDX) and checksums.
"""
