"""One synchronisation from end to end, under the data folder's lock.

Directory and publishers are verified first; then each lesson is decided, and taken in the order free, small, large; then
media. Each lesson becomes visible when its tree is on the disk and the catalogue says so; until then pupils
read the version they had. One bad lesson does not stop the others: everything that can be done is done and
told, then the first error is raised. The end of a run is also when replaced versions leave.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from edubox.errors import BadInput, EduboxError, UnreadableSource
from edubox.pack.manifest import Manifest
from edubox.store.layout import DIRECTORY, PUBLISHERS
from edubox.store.lock import lock
from edubox.store.objects import sweep
from edubox.store.platform import full_disk_is_no_room, is_unfinished, make_folder, write_atomic
from edubox.store.twins import sweep as sweep_twins
from edubox.sync.catalogue import Catalogue, Installed
from edubox.sync.install import install, plant
from edubox.sync.local import Local, media_of, reserve_of
from edubox.sync.media import bring, lacking
from edubox.sync.plan import NOTHING, WITHDRAWN, Step, decide, in_order
from edubox.sync.sources import Source
from edubox.sync.trusted import Publisher, read_directory, read_floor, read_publisher
from edubox.trust.clock import staleness
from edubox.trust.directory import PREFIX
from edubox.trust.publisher import prefix as prefix_of
from edubox.trust.record import Record

#: The plan and state of a lesson that waits because its country's signatures are too old.
WAITS, FAILED = "waits", "failed"


class Progress(Protocol):
    """Where a person follows the work."""

    def show(self, what: str, done: int, total: int) -> None:
        """*done* of *total* bytes of *what* are there."""

    def say(self, sentence: str) -> None:
        """A line that stays."""


@dataclass(slots=True)
class Report:
    """What happened: *packs* has a dict for each lesson (pack, version, plan, state, bytes)."""

    packs: list[dict[str, Any]] = field(default_factory=list)
    bytes: int = 0
    requests: int = 0

    def to_json(self) -> dict[str, Any]:
        """The object that ``edubox sync --json`` prints."""
        return {"bytes": self.bytes, "requests": self.requests, "packs": self.packs}


def synchronise(
    data: Path, sources: Sequence[Source], settings: dict[str, Any], catalogue: Catalogue, progress: Progress,
    system: datetime | None = None,
) -> Report:  # fmt: skip
    """Bring the box in *data* up to date. *system*: what its clock says (UTC), now if None.

    Raises Busy, and after doing all that could be done the first of: Unreachable (received bytes are kept),
    NotTrusted and its kin, BadInput and its kin (a publisher's mistake), NoRoom.
    """
    if not sources:
        raise BadInput(reason="no source was named")
    with lock(data / ".lock"), full_disk_is_no_room(data):
        job = _Job(Local(data, list(sources), reserve_of(settings)), catalogue, progress)
        try:
            job.run(settings["follow"], system or datetime.now(UTC))
        finally:
            job.report.bytes = job.local.received()
            job.report.requests = sum(source.requests for source in sources)
    if job.errors:
        raise job.errors[0]
    return job.report


class _Job:
    def __init__(self, local: Local, catalogue: Catalogue, progress: Progress) -> None:
        self.local, self.catalogue, self.progress = local, catalogue, progress
        self.report = Report()
        self.errors: list[EduboxError] = []
        #: Whether every followed publisher said all it has to say; if not, nothing is thrown away.
        self.all_said = True
        #: Publishers whose signatures, or the directory's, are so old that new lessons wait.
        self.too_old: set[str] = set()
        #: Hashes of bundles, media and manifests that the next run may continue with.
        self.wanted: set[str] = set()

    def run(self, follow: Sequence[str], system: datetime) -> None:
        """Everything, in order."""
        self._clear_leftovers()
        publishers, now = self._refresh(follow, system)
        steps = in_order(self._decide(publishers))
        for step in steps:
            self._take(step)
        self._bring_media(steps)
        if self.all_said:
            self._forget_arrivals()
            self._let_old_versions_leave(now, changed=any(step.plan != NOTHING for step in steps))

    def _clear_leftovers(self) -> None:
        """Remove what a run that was killed left half-written; the folder of arrivals is kept."""
        for folder in (self.local.unpacking, self.local.verifying):
            shutil.rmtree(folder, ignore_errors=True)
        make_folder(self.local.arriving)
        make_folder(self.local.verifying)
        self.local.site.clear_leftovers()
        for folder in (
            self.local.data / "keys",
            self.local.mirror / DIRECTORY,
            self.local.mirror / PUBLISHERS,
        ):
            for path in list(folder.rglob(".*")):
                if is_unfinished(path.name):
                    path.unlink()

    def _failed(self, what: str, error: EduboxError) -> None:
        self.errors.append(error)
        self.progress.say(f"{what}: {error}")

    # --- what is said ----------------------------------------------------------------------------------

    def _refresh(self, follow: Sequence[str], system: datetime) -> tuple[dict[str, Publisher], datetime]:
        local, keys = self.local, self.local.data / "keys"
        try:
            root = (keys / "root.json").read_bytes()
        except OSError as error:
            raise UnreadableSource(path=keys / "root.json", reason=error.strerror) from None
        floor = read_floor(keys / "clock.json")
        last_fresh = self.catalogue.last_fresh(PREFIX)
        country = read_directory(
            local.mirror, local.verifying, local.sources, root, floor, system, last_fresh, follow
        )
        if country.floor != floor:
            write_atomic(keys / "clock.json", country.floor.to_bytes())
        now = country.floor.now(system)
        if country.country_file is not None:
            self.catalogue.set_country(country.country_file)
        self.catalogue.verified(PREFIX, "directory", now, country.stale_since)
        for publisher, problem in country.problems.items():
            self._unsaid(publisher, problem)
        publishers = {}
        for name, record in country.records.items():
            if record.status == "active":
                try:
                    publishers[name] = self._publisher(record, country.stale_since, now)
                except EduboxError as error:
                    self._unsaid(name, error)
            else:
                self.progress.say(
                    f"{record.label} ({name}) is {record.status}: nothing new is taken from it."
                )
        return publishers, now

    def _publisher(self, record: Record, directory_stale: datetime | None, now: datetime) -> Publisher:
        prefix = prefix_of(record.id)
        last_fresh = self.catalogue.last_fresh(prefix)
        found = read_publisher(
            self.local.mirror, self.local.verifying, self.local.sources, record, now, last_fresh
        )
        self.catalogue.verified(prefix, record.label, now, found.stale_since)
        for slug, error in found.problems.items():
            self._unsaid(f"{record.id}/{slug}", error)
        if any(
            since is not None and staleness((now - since).days) == "blocked"
            for since in (directory_stale, found.stale_since)
        ):
            self.too_old.add(record.id)
            self.progress.say(
                f"The signatures of {record.label} are too old: new lessons wait for newer ones."
            )
        return found

    def _unsaid(self, what: str, error: EduboxError) -> None:
        self.all_said = False
        self._failed(what, error)

    # --- lessons ---------------------------------------------------------------------------------------

    def _decide(self, publishers: dict[str, Publisher]) -> list[Step]:
        installed = self._installed()
        steps = []
        for publisher, found in publishers.items():
            for slug, index in found.indexes.items():
                one = installed.get((publisher, slug))
                intact = one is not None and self.local.intact(one.manifest)
                try:
                    step = decide(publisher, slug, index, one, intact=intact, held=self.local.held)
                except EduboxError as error:
                    self._failed(f"{publisher}/{slug}", error)
                    continue
                steps.append(step)
                self.wanted |= {index.manifest, *(way.sha256 for way in step.ways)}
        return steps

    def _take(self, step: Step) -> None:
        """Do one step and report it."""
        before = self.local.received()
        plan, state = step.plan, WITHDRAWN
        try:
            if step.plan == WITHDRAWN:
                self.catalogue.withdraw(step.publisher, step.slug, step.index.version)
            elif step.plan != NOTHING and step.publisher in self.too_old:
                plan = state = WAITS
            elif step.plan != NOTHING:
                manifest, plan = install(self.local, step, partial(self.progress.show, step.index.name))
                self._activate(step, manifest)
                for way in step.ways:
                    (self.local.arriving / way.sha256).unlink(missing_ok=True)
        except EduboxError as error:
            self._failed(step.address, error)
            state = FAILED
        if not step.index.withdrawn or step.plan == WITHDRAWN:
            self.report.packs.append({
                "pack": step.address, "version": step.index.version, "plan": plan, "state": state,
                "bytes": self.local.received() - before,
            })  # fmt: skip

    def _activate(self, step: Step, manifest: Manifest) -> None:
        tree, complete = plant(self.local, step.index, manifest)
        self.catalogue.activate(step.publisher, step.slug, step.index, manifest, tree, complete=complete)

    def _bring_media(self, steps: list[Step]) -> None:
        """Fetch what installed versions still lack, and complete the report."""
        installed = self._installed()
        readable = [
            step for step in steps
            if (found := installed.get((step.publisher, step.slug))) and found.version == step.index.version
        ]  # fmt: skip
        for step in readable:
            # A cut may have come between the last film's arrival and this.
            if installed[step.publisher, step.slug].state != "ready":
                self._activate_if_complete(step)
        missing = lacking(self.local, {step.index.manifest for step in readable})
        self.wanted |= {one.file.sha256 for one in missing}
        entries = {entry["pack"]: entry for entry in self.report.packs}
        for one in missing:
            waiting = [step for step in readable if step.index.manifest in one.manifests()]
            before = self.local.received()
            try:
                bring(self.local, one, partial(self.progress.show, waiting[0].index.name))
            except EduboxError as error:
                self._failed(waiting[0].address, error)
            else:
                for step in waiting:
                    self._activate_if_complete(step)
            entries[waiting[0].address]["bytes"] += self.local.received() - before
        for (publisher, slug), now in self._installed().items():
            entry = entries.get(f"{publisher}/{slug}")
            if entry is not None and entry["version"] == now.version:
                entry["state"] = now.state

    def _activate_if_complete(self, step: Step) -> None:
        manifest = self.local.manifest(step.index.manifest)
        if manifest is None or self.local.site.lacking(step.index.manifest, media_of(manifest)):
            return
        try:
            self._activate(step, manifest)
        except EduboxError as error:
            self._failed(step.address, error)

    def _installed(self) -> dict[tuple[str, str], Installed]:
        return {(one.publisher, one.slug): one for one in self.catalogue.installed()}

    # --- what leaves -----------------------------------------------------------------------------------

    def _forget_arrivals(self) -> None:
        """Remove half-fetched files that no current lesson needs any more."""
        for path in list(self.local.arriving.iterdir()):
            if path.name not in self.wanted:
                path.unlink()

    def _let_old_versions_leave(self, now: datetime, *, changed: bool) -> None:
        site = self.local.site
        current = {one.manifest for one in self.catalogue.installed()}
        if site.retire(current, now) or changed:
            sweep(self.local.mirror, partial(self._strike_used, site.manifests() | current))
            sweep_twins(site.twins)

    def _strike_used(self, readable: set[str], candidates: set[str]) -> None:
        """Strike from *candidates* what the *readable* versions and those on their way need."""
        for sha256 in readable | self.wanted:
            candidates.discard(sha256)
            manifest = self.local.manifest(sha256)
            if manifest is not None:
                candidates.difference_update(file.sha256 for file in manifest.files)
            elif sha256 in readable:
                candidates.clear()  # its list of files is damaged, so nobody can say what it needs
