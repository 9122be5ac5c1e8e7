"""The reading site as static files: the pages of a box, for any web server, a stick or a folder on a PC.

``places`` lists every page that a site has and renders it with the very functions that a box answers with; ``site`` writes
them with the lessons' files beside; ``links`` makes them work in another place than at the root of an address; ``folder``
is the folder that is written, where only what changed is touched and nothing of others ever leaves. What a page says
comes from a ``Shelf``: a box's list of lessons, or a choice of it.
"""
