"""Lessons where there is no line: the signed mirror on a stick, or in parts that a phone carries.

``wants`` says what a box lacks, ``carry`` chooses from a mirror what to take along for it. ``stick`` knows
and reads our folder on a USB stick, ``fill`` writes it so that it may be pulled at any moment, ``exchange``
is what happens when one is plugged in. ``courier`` writes the parts, ``courier_source`` reads them where they
lie, ``courier_shelf`` keeps them for phones, and ``courier_work`` brings in and makes what waits there.
"""
