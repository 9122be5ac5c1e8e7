"""Who may say what a lesson is: The Update Framework, and what a country adds to it.

``keys`` makes, wraps and opens keys. ``editor`` holds an open repository and gives back the files to write;
``directory`` and ``publisher`` are its two kinds. ``record`` is what the directory says of a publisher. ``fetch``
is the small protocol through which metadata are read, from a folder or from a source. ``verify`` is the client:
it starts from what a mirror folder already holds (laid out by ``state``) and brings it up to date; a publisher's
repository begins at ``publisher.pinned_root``. ``clock`` decides what time it is on a
computer without a clock. ``guard`` tries a publication as a fresh and as an old client before it is one.
Nothing here writes into a mirror: it returns bytes, and its callers write them in the order given.
"""
