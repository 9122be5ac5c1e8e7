"""Copying a signed mirror into a box, cut anywhere, from any source, with the fewest bytes.

``sources`` are the places a file can come from (a folder; ``http_source``), behind one protocol. ``trusted`` verifies what
the country and its publishers say. ``plan`` is pure: what is installed, what the signed indexes say, and the steps that
cost the fewest bytes. ``fetch`` brings one file to the staging folder and never asks twice for a byte it has;
``install`` makes a readable text of it, ``media`` adds films. ``job`` is one synchronisation from end to end; what it
learns it tells the ``catalogue``, a contract that the box keeps.
"""
