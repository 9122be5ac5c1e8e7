"""Forty cards in an evening: an image on a technician's computer becomes cards, each for its own school.

    IMAGE → checksums (is it the one?) → image (unpacked once) ┐
    SCHOOLS.csv → schools → register (codes, who has a card) → personal (a file in FAT) ┴→ writing → device, one thread a card
                                                                                  disks (which may be written at all) ↗

``disks`` refuses whatever this computer needs. ``writing`` speaks to a small ``Device``, so that tests can hand it one that
fails. A card starts only when all of it was written and read back: its first mebibyte, with the partition table, comes last.
``imager`` describes images to Raspberry Pi Imager, for computers that are not Linux.
"""
