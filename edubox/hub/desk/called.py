"""What the directory's ids are called, in the reader's language: publishers by their records, levels and kinds by the country file."""

from __future__ import annotations

from edubox.errors import BadIdentifier, NotFound
from edubox.hub.desk import frame
from edubox.hub.hub import Hub
from edubox.pages import country
from edubox.trust import follow_lists
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from edubox.trust.follow_lists import FollowList
from edubox.trust.record import Record

Lists = tuple[FollowList, ...]


class Names:
    """The directory as people read it: what ids are called, in the reader's language."""

    def __init__(self, hub: Hub) -> None:
        """Raises MissingFile, NotTrusted."""
        self.listed = Directory(FolderFetch(hub.mirror))
        self.country = country.parse(self.listed.country_file())
        self._language = frame.language()
        self._records: dict[str, Record | None] = {}

    def publisher(self, ident: str) -> Record | None:
        """The active record of the publisher *ident*, None if there is none."""
        if ident not in self._records:
            try:
                found = self.listed.record(ident)
            except (BadIdentifier, NotFound):
                found = None
            self._records[ident] = found if found is not None and found.status == "active" else None
        return self._records[ident]

    def level(self, ident: str) -> str:
        """A level in few letters."""
        found = self.country.level(ident)
        return ident if found is None else found.brief(self._language)

    def kind(self, ident: str) -> str:
        """A kind of schools."""
        return next((one.name(self._language) for one in self.country.kinds if one.id == ident), ident)

    @property
    def first_kind(self) -> str:
        """The kind that the country names first: its ministry."""
        return self.country.kinds[0].id if self.country.kinds else ""

    def lists(self, authority: str) -> Lists:
        """What *authority* proposes now, nothing if the directory does not know it. Raises NotTrusted, MissingFile."""
        try:
            data = self.listed.follow_lists(authority)
        except NotFound:
            return ()
        return () if data is None else follow_lists.parse(data)
