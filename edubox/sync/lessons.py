"""The lessons of one run: decide what to do about each, bring its text, show it, then bring its media. And the box's system.

A lesson becomes visible when its tree is on the disk and the catalogue says so, and its moment has come (``curtain``); until
then pupils read the version they had. When a card has no room, what may leave does, and the work is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from edubox.errors import EduboxError, NoRoom, Postponed
from edubox.pack.index import Index
from edubox.pack.manifest import Manifest
from edubox.sync import erase, system
from edubox.sync.catalogue import Catalogue, Installed
from edubox.sync.checking import read_answer
from edubox.sync.curtain import Curtain, is_closed, moment, read_opened
from edubox.sync.eviction import make_room
from edubox.sync.hearing import Heard
from edubox.sync.install import install, plant
from edubox.sync.local import Local, media_of
from edubox.sync.media import Missing, bring, lacking
from edubox.sync.own import own_publisher
from edubox.sync.plan import NOTHING, WITHDRAWN, Step, decide, in_order
from edubox.sync.report import Telling
from edubox.sync.stages import may_take
from edubox.sync.urgent import read_urgent

#: The plan and state of a lesson that waits, for a person's word or for a better time, and of one that was erased; the state
#: of a version that other boxes have first, and of one that is here and waits for its moment.
WAITS, ERASED, FAILED, LATER, CLOSED = "waits", "erased", "failed", "later", "closed"
T = TypeVar("T")


class Lessons:
    """What one run does about the lessons that it *heard* of."""

    def __init__(self, local: Local, catalogue: Catalogue, telling: Telling, heard: Heard) -> None:
        self._local, self._catalogue, self._telling, self._heard = local, catalogue, telling, heard
        self._urgent, self._opened = read_urgent(local.data), read_opened(local.data)
        self._box = own_publisher(local.data) or local.data.name
        self._held_back = read_answer(local.data, heard.now.timestamp()).hold
        #: Versions that are fetched and not shown yet, by their lesson's address.
        self.closed: dict[str, Step] = {}
        #: Which version of a lesson that spreads in stages this run took, and how that ended.
        self.spreading: list[dict[str, Any]] = []
        #: Hashes of bundles, media and manifests that the next run may continue with.
        self.wanted: set[str] = set()
        #: Hashes of the bundles that current indexes list.
        self.listed: set[str] = set()

    def decide(self) -> list[Step]:
        """The steps, in the order to take them."""
        installed = self._installed()
        steps = []
        for publisher, found in self._heard.publishers.items():
            for slug, index in found.indexes.items():
                if erase.is_refused(self._local, self._heard.erasures, publisher, index.manifest):
                    self._leave_erased(publisher, slug, index)
                    continue
                one, address = installed.get((publisher, slug)), f"{publisher}/{slug}"
                self.listed |= {bundle.sha256 for bundle in index.bundles}
                if not may_take(index, address, self._box, self._heard.now, self._held_back):
                    self._telling.pack(address, index.version, WAITS, LATER, 0)
                    continue
                intact = one is not None and self._local.intact(one.manifest)
                try:
                    step = decide(publisher, slug, index, one, intact=intact, held=self._local.held)
                except EduboxError as error:
                    self._telling.failed(address, error)
                    continue
                if step.plan not in {NOTHING, WITHDRAWN} and is_closed(
                    index, address, self._heard.now, self._opened
                ):
                    self.closed[address] = step
                steps.append(step)
                self.wanted |= {index.manifest, *(way.sha256 for way in step.ways)}
        return in_order(steps, self._urgent)

    def decide_system(self, settings: Mapping[str, Any]) -> Step | None:
        """The step to this box's next system, None if there is none to take."""
        if self._heard.system is None:
            return None
        publisher, slug, index = self._heard.system
        self.listed |= {bundle.sha256 for bundle in index.bundles}
        if erase.is_refused(self._local, self._heard.erasures, publisher, index.manifest):
            return None
        step = system.decide(publisher, slug, index, settings)
        if step is not None:
            self.wanted |= {way.sha256 for way in step.ways}
        return step

    def bring_system(self, step: Step) -> None:
        """Bring the bundle of this box's next system and report it."""
        before, plan, state = self._bytes(), step.plan, FAILED
        try:
            if self._waits(step):
                plan = state = WAITS
            else:
                show = self._telling.lesson(step.address, step.index.name)
                plan = self._with_room(partial(system.bring, self._local, step, show))
                state = "ready"
                self._telling.system_ready(step.address, step.index.version)
        except Postponed as later:
            self._telling.postpone(later)
            plan = state = WAITS
        except EduboxError as error:
            self._telling.failed(step.address, error)
        self._telling.pack(step.address, step.index.version, plan, state, self._bytes() - before)

    def take(self, step: Step) -> None:
        """Do one step and report it."""
        before = self._bytes()
        plan, state = step.plan, WITHDRAWN
        try:
            if step.plan == WITHDRAWN:
                self._catalogue.withdraw(step.publisher, step.slug, step.index.version)
            elif step.plan != NOTHING and self._waits(step):
                plan = state = WAITS
            elif step.address in self.closed and self._local.intact(step.index.manifest):
                plan, state = NOTHING, CLOSED
            elif step.plan != NOTHING:
                plan = self._install(step)
                state = plan
        except Postponed as later:
            self._telling.postpone(later)
            plan = state = WAITS
        except EduboxError as error:
            self._telling.failed(step.address, error)
            state = FAILED
        if step.index.stages and step.plan != NOTHING:
            self.spreading.append({"pack": step.address, "version": step.index.version, "state": state})
        if not step.index.withdrawn or step.plan == WITHDRAWN:
            self._telling.pack(step.address, step.index.version, plan, state, self._bytes() - before)

    def bring_media(self, steps: list[Step], whole: Step | None = None) -> None:
        """Fetch what installed versions still lack, and complete the report.

        *whole* is a step to all of this box's next system: it comes after the media that are smaller, or that somebody waits for.
        """
        installed = self._installed()
        readable = [
            step for step in steps
            if step.address in self.closed
            or ((found := installed.get((step.publisher, step.slug))) and found.version == step.index.version)
        ]  # fmt: skip
        for step in readable:
            # A cut may have come between the last film's arrival and this.
            if step.address not in self.closed and installed[step.publisher, step.slug].state != "ready":
                self._activate_if_complete(step)
        urgent = [step.index.manifest for step in readable if step.address in self._urgent]
        missing = lacking(self._local, {step.index.manifest for step in readable}, urgent)
        self.wanted |= {one.file.sha256 for one in missing}
        self._expect_media(readable, missing)
        for one in missing:
            if whole is not None and one.file.size > whole.cost and one.manifests().isdisjoint(urgent):
                self.bring_system(whole)
                whole = None
            if self._telling.postponed:
                break
            self._bring(one, [step for step in readable if step.index.manifest in one.manifests()])
        if whole is not None:
            self.bring_system(whole)
        for (publisher, slug), now in self._installed().items():
            self._telling.pack_state(f"{publisher}/{slug}", now.version, now.state)

    def curtains(self) -> list[Curtain]:
        """The versions that are here, all of their text, and not shown yet."""
        return [
            Curtain(address, step.index.version, step.index.name, moment(step.index), ready=self._is_complete(step))
            for address, step in self.closed.items()
            if self._local.intact(step.index.manifest)
        ]  # fmt: skip

    def _waits(self, step: Step) -> bool:
        return step.publisher in self._heard.too_old or self._telling.postponed is not None

    def _install(self, step: Step) -> str:
        show = self._telling.lesson(step.address, step.index.name)
        manifest, plan = self._with_room(partial(install, self._local, step, show))
        accepted = erase.is_accepted(
            self._local, self._catalogue, self._heard.erasures, step.publisher, manifest
        )
        if accepted:
            self._with_room(partial(self._activate, step, manifest))
        for way in step.ways:
            (self._local.arriving / way.sha256).unlink(missing_ok=True)
        return (CLOSED if step.address in self.closed else plan) if accepted else ERASED

    def _bring(self, one: Missing, waiting: list[Step]) -> None:
        """One media file, for the lessons that are *waiting* for it."""
        before, first = self._bytes(), waiting[0]
        show = self._telling.lesson(first.address, first.index.name)
        try:
            self._with_room(partial(bring, self._local, one, show))
        except EduboxError as error:
            self._telling.failed(first.address, error)
        else:
            for step in waiting:
                self._activate_if_complete(step)
        self._telling.pack_bytes(first.address, self._bytes() - before)

    def _leave_erased(self, publisher: str, slug: str, index: Index) -> None:
        """An erased version takes its place all the same: who had an older one would show it for ever."""
        if (publisher, slug) in self._installed():
            self._catalogue.withdraw(publisher, slug, index.version)
        self._telling.pack(f"{publisher}/{slug}", index.version, ERASED, ERASED, 0)

    def _with_room(self, work: Callable[[], T]) -> T:
        """Do *work*; as long as it finds no room and something may leave, make room and do it again. Raises NoRoom."""
        while True:
            try:
                return work()
            except NoRoom as error:
                if not make_room(
                    self._local, self._catalogue, self._heard.follow, self.wanted, error, self._telling.say
                ):
                    raise

    def _activate(self, step: Step, manifest: Manifest) -> None:
        tree, complete = plant(self._local, step.index, manifest)
        if step.address in self.closed:
            self._telling.arrived(step.address, CLOSED if complete else "waiting")
            return
        self._catalogue.activate(step.publisher, step.slug, step.index, manifest, tree, complete=complete)
        self._telling.arrived(step.address, "ready" if complete else "waiting")

    def _is_complete(self, step: Step) -> bool:
        manifest = self._local.manifest(step.index.manifest)
        return manifest is not None and not self._local.site.lacking(step.index.manifest, media_of(manifest))

    def _activate_if_complete(self, step: Step) -> None:
        manifest = self._local.manifest(step.index.manifest)
        if manifest is None or not self._is_complete(step):
            return
        try:
            self._activate(step, manifest)
        except EduboxError as error:
            self._telling.failed(step.address, error)

    def _expect_media(self, readable: list[Step], missing: list[Missing]) -> None:
        sizes: dict[str, tuple[str, int]] = {}
        for one in missing:
            step = next(step for step in readable if step.index.manifest in one.manifests())
            _, known = sizes.get(step.address, ("", 0))
            sizes[step.address] = (step.index.name, known + one.file.size)
        self._telling.expect_media(sizes)

    def _installed(self) -> dict[tuple[str, str], Installed]:
        return {(one.publisher, one.slug): one for one in self._catalogue.installed()}

    def _bytes(self) -> int:
        return sum(self._local.received().values())
