"""Power cuts, replayed: every moment of a command's work on the disk, and what the disk may hold after a cut there.

``trace`` runs a command under strace and reads what it wrote, synced, renamed and linked. ``disk`` makes from that the
states that a cut may leave: names up to some operation, data that was not synced lost, torn or there. ``explore``
lays states out as folders and hands each distinct one to a check, in several processes.
"""
