"""Suggestions while a reader types, made once for each language whenever the lessons change, and kept compressed."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from edubox.box.kept import Rendered, packed
from edubox.box.library import Library
from edubox.pages.finding import suggestions

#: Languages that are kept: those of one school's readers at one time.
_LANGUAGES = 2


class Suggestions:
    """The files of ``/find/<language>/``; safe to share between threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._made: OrderedDict[str, tuple[int, dict[str, Rendered]]] = OrderedDict()
        self._lock = Lock()

    def get(self, language: str, name: str) -> Rendered | None:
        """The file *name* for readers of *language*, or None. Raises DamagedCatalogue."""
        changes = self._library.changes()
        with self._lock:  # a class types at once: one of them makes the files, the others wait for them
            known = self._made.get(language)
            if known is None or known[0] != changes:
                files = {name: packed(data) for name, data in suggestions(self._library.titles(), language)}
                known = self._made[language] = (changes, files)
            self._made.move_to_end(language)
            while len(self._made) > _LANGUAGES:
                self._made.popitem(last=False)
        return known[1].get(name)
