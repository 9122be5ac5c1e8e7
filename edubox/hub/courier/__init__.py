"""The page for carriers: somebody brings the list of a school without a line, and takes its lessons along on a phone.

A list comes in (``pages``), ``sync.carried`` chooses what its box lacks and ``choosing`` writes down which public files go into
which part; the list is forgotten with the request. Parts are made while they leave (``streaming``): the very bytes that ``edubox
courier export`` would write, and any range of them, without a file of their own. It is public as the mirror is: no account, no cookie.
"""
