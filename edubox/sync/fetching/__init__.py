"""Bytes from wherever they are, believed in nothing: sources, and one file from several of them.

``sources`` is the protocol and the folder on a disk, ``http_source`` a hub or a box over HTTP, ``tls`` what
of a certificate counts on a box without a clock, ``neighbours`` the judgement of boxes next door. ``part`` is
a file on its way, ``fetch`` brings one from source after source, ``swarm`` from several at once.
"""
