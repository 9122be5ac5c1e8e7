"""Importers: one file per kind of document, each turning it into something that a phone's browser shows.

``folder.build_lesson`` is the way in. It opens the source (``pack.opening``), gives every file a safe path
(``pack.naming``), lets the importer of each file's kind look at it, puts what they found in reading order
(``contents``), and hands files and order to ``pack.build`` and ``pack.edpack``. An importer is a function
``read(path, workshop) -> Imported``; it never changes a file, it may add one beside it (``Workshop.make``).
Documents that are zips of many files are opened first (``containers``); pictures are made light at the end
(``posters``).
"""
