"""The computer in the school: what it knows of its lessons, and how it shows them.

``setup`` makes a data folder; ``own`` is what the school publishes itself, its keys, its sheet and its
backups. ``catalog`` is what a synchronisation tells about installed lessons; it keeps that in ``box.db``
(``database``, ``schema``) together with everything pages need: ``contents`` and ``passages`` read it out of
the lesson's files at that moment. The serving process only reads: ``library`` gives pages their data,
``search`` answers queries, ``app`` is the pages' origin, ``lessons`` the other origin for files that nobody
trusts, ``serve`` runs both, ``discovery`` tells the network. ``health`` looks whether all is well.
"""
