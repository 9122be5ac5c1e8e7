"""The box's own repository: what the school publishes itself, from its first day, with no authority in sight.

``identity`` makes it and remembers it in ``keys/own.json``: its name, which computer writes it (``machine``)
and who may open its backups. ``recovery`` is the code on the school sheet, from which the root key is made
again; the sheet itself is filled in ``sheet``. ``lessons`` publishes and withdraws, ``show`` puts them on the
pages; ``repository`` reads what is listed. When the card died, was copied or came out of a backup,
``takeover`` asks every source for what it has of the repository and gives this computer a new writer key.
``backup`` is what no mirror has, in one file that ``sealed`` encrypts for the recovery code alone.
"""
