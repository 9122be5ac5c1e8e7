"""Copying a signed mirror into a box, cut anywhere, from any source, with the fewest bytes.

``job`` is one synchronisation from end to end: begin there. ``hearing`` asks what the country and its
publishers say, and ``trusted`` verifies it; ``lessons`` decides with ``plan``, which is pure, and makes a
readable text of what came (``install``, ``by_objects``), then adds films (``media``). What was erased goes
(``erase``), what is replaced leaves (``leaving``), and when the card is full something makes room
(``eviction``). ``catalogue`` is the contract that the box keeps, ``report`` and ``status`` are what people
are told. The other way, from the box to its hub: ``api`` asks in signed requests, ``offers`` is the queue of lessons that
teachers offer, ``letter`` and ``pushing`` send them.

Three rooms inside: ``fetching`` gets bytes from a source and proves them, ``pacing`` says when and how fast,
and ``carried`` is the mirror on sticks and phones. ``fetching`` knows neither of the others, ``pacing`` only
``fetching``.
"""
