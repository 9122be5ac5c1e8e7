"""What a synchronisation is told: by the directory, by each followed publisher, and by the box itself.

Nothing of a lesson is fetched here. What fails for one publisher is told and leaves the others alone; but
then not everything was said, and a run that did not hear everything throws nothing away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from edubox.errors import EduboxError
from edubox.pack.index import Index
from edubox.sync import epochs, moves
from edubox.sync.catalogue import Catalogue
from edubox.sync.enrolment import candidates, read_enrolment
from edubox.sync.enrolment import heard as heard_of_oneself
from edubox.sync.erase import Erasures
from edubox.sync.following import (
    Proposal,
    ask_of,
    followed,
    read_proposal,
    together,
    write_proposal,
)
from edubox.sync.local import Local
from edubox.sync.own import LONG_AGO, own_record
from edubox.sync.pinned import country_root, read_floor, write_floor
from edubox.sync.report import Telling
from edubox.sync.system import wanted_from
from edubox.sync.trusted import Country, Publisher, read_directory, read_publisher
from edubox.trust.clock import staleness
from edubox.trust.directory import PREFIX
from edubox.trust.publisher import prefix as prefix_of
from edubox.trust.record import Record


@dataclass(slots=True)
class Heard:
    """What was said. *now* is the time to judge by (UTC)."""

    now: datetime
    publishers: dict[str, Publisher] = field(default_factory=dict)
    #: What must not be on this box.
    erasures: Erasures = field(default_factory=Erasures)
    #: Publishers whose lessons never make room for others, under every name they have.
    follow: list[str] = field(default_factory=list)
    #: Publishers whose signatures, or the directory's, are so old that new lessons wait.
    too_old: set[str] = field(default_factory=set)
    #: The system that this box keeps up to date, if it is published: its publisher, slug and index.
    system: tuple[str, str, Index] | None = None
    #: Whether everybody said all there is to say.
    all_said: bool = True


def hear(
    local: Local, catalogue: Catalogue, settings: Mapping[str, Any], system: datetime, telling: Telling
) -> Heard:
    """Ask directory and publishers, and write what is verified to the mirror. *system* is what the clock says (UTC).

    Raises Unreachable, NotTrusted and its kin when the directory says nothing at all; UnreadableSource; Postponed; NoRoom.
    """
    root, floor = country_root(local.data), read_floor(local.data)
    own = own_record(local.data, settings.get("name", ""))
    # Under whichever name it is followed, what this box publishes itself is not fetched.
    oneself = {read_enrolment(local.data).id} | ({own.id} if own is not None else set())
    follow = [name for name in followed(local.data, settings) if name not in oneself]
    ask = ask_of(local.data, settings)
    system_of, slug = wanted_from(settings)
    asked = follow if not system_of or system_of in follow else [*follow, system_of]
    country = read_directory(
        local.mirror, local.verifying, [*local.sources, local.own], root, floor, system,
        floor.retry(catalogue.last_fresh(PREFIX), system), asked, candidates(local.data, settings), ask,
    )  # fmt: skip
    proposed = read_proposal(local.data).publishers if country.proposed is None else country.proposed
    if country.proposed is not None:
        write_proposal(local.data, Proposal(ask.authority, country.proposed))
    if country.floor != floor:
        write_floor(local.data, country.floor)
    if country.country_file is not None:
        catalogue.set_country(country.country_file)
    hearing = _Hearing(local, catalogue, telling, country, system)
    hearing.note(PREFIX, "directory", country)
    heard_of_oneself(local.data, country.oneself, int(country.floor.now(system).timestamp()))
    for old, new in country.moves.items():
        moves.go_on(local, catalogue, old, new)
    wanted = together(settings, proposed)
    hearing.heard.follow = [*wanted, *country.moves.values()]
    # What was proposed until now, and is no more, was asked for once and is not fetched.
    now_followed = {country.moves.get(one, one) for one in (*wanted, system_of)}
    for record in country.records.values():
        if record.id in now_followed and record.id not in oneself:
            hearing.ask(record)
    hearing.hear_system(system_of, slug, follow)
    if own is not None:
        hearing.ask_oneself(own)
    heard = hearing.heard
    said = {name: publisher.erased for name, publisher in heard.publishers.items()}
    heard.erasures = Erasures(country.recalled, said)
    return heard


class _Hearing:
    def __init__(
        self, local: Local, catalogue: Catalogue, telling: Telling, country: Country, system: datetime
    ) -> None:
        self._local, self._catalogue, self._telling = local, catalogue, telling
        self._country, self._system = country, system
        self.heard = Heard(country.floor.now(system))

    def note(self, prefix: str, label: str, found: Country | Publisher) -> None:
        """Remember that *found* was said, by whom it was confirmed, and what is wrong with parts of it."""
        if found.confirmed:
            self._catalogue.verified(prefix, label, self.heard.now, found.stale_since)
        elif found.unanswered is not None:
            self._unsaid(label, found.unanswered)
        for part, problem in found.problems.items():
            self._unsaid(part, problem)

    def ask(self, record: Record) -> None:
        """One followed publisher."""
        if record.status != "active":
            self._telling.say(
                f"{record.label} ({record.id}) is {record.status}: nothing new is taken from it."
            )
            return
        local, prefix = self._local, prefix_of(record.id)
        last_fresh = self._country.floor.retry(self._catalogue.last_fresh(prefix), self._system)
        try:
            epochs.begin(local.data, record)
            found = read_publisher(
                local.mirror, local.verifying, [*local.sources, local.own], record, self.heard.now, last_fresh
            )
        except EduboxError as error:
            self._unsaid(record.id, error)
            return
        self.note(prefix, record.label, found)
        self.heard.publishers[record.id] = found
        ends = [moment for moment in (self._country.stale_since, found.stale_since) if moment is not None]
        if any(staleness((self.heard.now - moment).days) == "blocked" for moment in ends):
            self.heard.too_old.add(record.id)

    def hear_system(self, publisher: str, slug: str, follow: list[str]) -> None:
        """What *publisher* says of this box's system; whoever is not among *follow* says nothing else to it."""
        name = self._country.moves.get(publisher, publisher)
        found = self.heard.publishers.get(name)
        if found is None:
            return
        if slug in found.systems:
            self.heard.system = name, slug, found.systems[slug]
        if name not in {self._country.moves.get(one, one) for one in follow}:
            self.heard.publishers[name] = replace(found, indexes={})

    def ask_oneself(self, record: Record) -> None:
        """What this box itself publishes: nobody else can say it, and its age stops nothing."""
        local = self._local
        try:
            found = read_publisher(
                local.mirror, local.verifying, [local.own], record, self.heard.now, LONG_AGO
            )
        except EduboxError as error:
            self._unsaid(record.id, error)
        else:
            self.heard.publishers[record.id] = found

    def _unsaid(self, what: str, error: EduboxError) -> None:
        self.heard.all_said = False
        self._telling.failed(what, error)
