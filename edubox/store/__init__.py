"""Files that last and files that are served: what the disk promises, made simple for the rooms above.

``layout`` spells the paths of a mirror, ``platform`` writes so that a pulled plug does no harm, ``lock`` lets
one process work at a time. ``objects`` keeps each content once, ``twins`` compresses it once, and ``site``
links both into the folders that pupils read. ``file_response`` and ``server`` put such files on the network,
for the hub and the box. Nothing here knows what a lesson, a signature or a user is.
"""
