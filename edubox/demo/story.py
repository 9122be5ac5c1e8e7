"""What the demonstration does, from the first key to the school that asks its academy to take it in."""

from __future__ import annotations

import contextlib
import csv
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from edubox.box.accounts import first
from edubox.box.library import Library
from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.cli.output import Meter, human_size
from edubox.content import content_folder
from edubox.demo.children import command, free_port, start
from edubox.importers.folder import build_lesson
from edubox.publishing.country import add_publisher, create
from edubox.publishing.job import Publication, publish
from edubox.publishing.workplace import Workplace

PUBLISHER, PUBLISHER_NAME = "ministry/starter", "edubox, leçons de départ"
ACADEMY, ACADEMY_NAME = "ac-exemple", "Académie d’exemple"
SCHOOL = "École de démonstration"
#: Who comes in at the hub's desk.
LOGIN = "demo"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports the person asked for; None is our usual one, or a free one if that is taken."""

    pages: int | None = None
    lessons: int | None = None
    desk: int | None = None
    hub: int | None = None


def run(data: Path | None, ports: Ports, *, hub_down_after_sync: bool, say: Say) -> None:
    """Run the demonstration until Ctrl-C or SIGTERM. *data* is kept, None is a temporary folder."""
    signal.signal(signal.SIGTERM, _interrupt)
    # A shell that starts it in the background lets it ignore this one, and then nothing would end it.
    signal.signal(signal.SIGINT, _interrupt)
    with contextlib.ExitStack() as ending:
        if data is None:
            folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="edubox-demo-")))
        else:
            folder = data.absolute()
        try:
            _Demo(folder, ports, say, ending).show(hub_down_after_sync)
        except KeyboardInterrupt:
            say("\nStopping the box and the hub …")
    say("Everything is stopped." + ("" if data is None else f" The country stays in {data}."))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


class _Demo:
    def __init__(self, folder: Path, ports: Ports, say: Say, ending: contextlib.ExitStack) -> None:
        self.country, self.box = folder / "country", folder / "box"
        self.second, self.stick = folder / "box-without-line", folder / "stick"
        self.say, self.ending, self.meter = say, ending, Meter()
        self.pages = free_port(ports.pages, 8080, "--port")
        self.lessons = free_port(ports.lessons, 8081, "--lesson-port", self.pages)
        self.desk = free_port(ports.desk, 8443, "--desk-port", self.pages, self.lessons)
        self.hub = free_port(ports.hub, 8090, "--hub-port", self.pages, self.lessons, self.desk)
        self.officers = free_port(None, 8490, "", self.pages, self.lessons, self.desk, self.hub)
        self.review = free_port(None, 8491, "", self.pages, self.lessons, self.desk, self.hub, self.officers)
        # Where the hub's libraries are not installed, the box reads the very folder that a hub would serve.
        self.has_hub = find_spec("sqlalchemy") is not None
        self.source = f"http://127.0.0.1:{self.hub}/" if self.has_hub else str(self.country / "mirror")
        self.passphrase = os.environ.get("EDUBOX_PASSPHRASE") or secrets.token_urlsafe(12)
        folder.mkdir(parents=True, exist_ok=True)

    def show(self, hub_down_after_sync: bool) -> None:
        """The demonstration from beginning to end; returns only through KeyboardInterrupt or an error."""
        known = (self.country / "mirror").is_dir()
        if known:
            self.say(f"1  The country in {self.country} goes on as it is.")
        else:
            self._make_country()
        hub = self._serve() if self.has_hub else None
        if hub is None:
            self.say(
                "3  This edubox has no hub: pip install 'edubox[hub]' brings one. The box reads the country's folder."
            )
        if not (self.box / "box.toml").exists():
            self._init(self.box, SCHOOL, "--from", self.source)
        first = self._synchronise()
        self.say(
            f"4  The school's box has {_lessons(first)}: {human_size(first['bytes'])} in {first['requests']} requests."
        )
        start(self.ending, self.pages, "box", "serve", "--data", self.box, "--port", self.pages, "--lesson-port", self.lessons,
              "--desk-port", self.desk)  # fmt: skip
        self.say("5  The class can begin:\n")
        self._poster()
        if not known:
            self._update()
            self._carry()
            if self.has_hub:
                self._enrol()
        if hub_down_after_sync and hub is not None:
            hub.terminate()
            hub.wait()
            self.say("9  The hub is switched off. The class goes on.")
        self.say("\nPress Ctrl-C to end.")
        while True:
            signal.pause()

    def _serve(self) -> subprocess.Popen[bytes]:
        """Start the country's hub."""
        hub = start(self.ending, self.hub, "hub", "serve", "--data", self.country, "--listen", "127.0.0.1", "--port", self.hub,
                    "--desk-port", self.officers, "--review-port", self.review)  # fmt: skip
        self.say(f"3  The hub answers at {self.source}")
        return hub

    def _make_country(self) -> None:
        now = datetime.now(UTC)
        country_file = tomllib.loads((content_folder() / "countries" / "france.toml").read_text("utf-8"))
        create(self.country, "France", country_file, self.passphrase, now)
        add_publisher(self.country, PUBLISHER, PUBLISHER_NAME, self.passphrase, now)
        add_publisher(
            self.country, f"{ACADEMY}/lecons", ACADEMY_NAME, self.passphrase, datetime.now(UTC), "academy"
        )
        self.say("1  A country: its directory, its keys, a publisher at the ministry and one at an academy.")
        if "EDUBOX_PASSPHRASE" not in os.environ:
            self.say(f"   Its keys open with: {self.passphrase}   (kept nowhere else)")
        count = len(self._publish(content_folder() / "lessons"))
        self.say(f"2  {count} starter lessons are signed and published.")

    def _publish(self, *layers: Path) -> dict[str, Any]:
        """Publish every lesson of the first of *layers*, with the files of later layers laid over it."""
        published = {}
        sources = sorted(path for path in layers[0].iterdir() if (path / "lesson.toml").is_file())
        with tempfile.TemporaryDirectory(dir=self.country) as name:
            for number, source in enumerate(sources):
                self.meter.show(f"publishing {source.name}", number, len(sources), str)
                folder, built = Path(name) / source.name, Path(name) / f"{source.name}.edpack"
                for layer in layers:
                    if (layer / source.name).is_dir():
                        shutil.copytree(layer / source.name, folder, dirs_exist_ok=True)
                build_lesson(folder, built, {})
                published[source.name] = publish(
                    Publication(PUBLISHER, source.name, built), Workplace.beside(self.country / "mirror"),
                    self.passphrase, datetime.now(UTC),
                )  # fmt: skip
        self.meter.close()
        return published

    def _init(self, box: Path, school: str, *more: str) -> None:
        root = self.country / "mirror" / "directory" / "metadata" / "1.root.json"
        command(
            "box", "init", "--data", box, "--country", root, "--follow", PUBLISHER, "--name", school, *more
        )

    def _update(self) -> None:
        """Publish and fetch the second versions. The box's keeper leaves them to us: it never looks in its first minute."""
        content = content_folder()
        whole = {
            name: done.index.full.size
            for name, done in self._publish(content / "lessons", content / "updates").items()
        }
        report = self._synchronise()
        self.say("6  Their authors corrected them; the box took only what changed:")
        for one in report["packs"]:
            slug = one["pack"].rpartition("/")[2]
            if one["bytes"] and slug in whole:
                self.say(
                    f"     {slug:32} {human_size(one['bytes']):>10}   instead of {human_size(whole[slug])}"
                )

    def _carry(self) -> None:
        """Bring the lessons to a school without a line, with a folder that stands for a stick."""
        self.stick.mkdir()
        prepared = command("stick", "prepare", self.stick, "--data", self.box)
        self._init(self.second, "École sans ligne")
        came = command("stick", "exchange", self.stick, "--data", self.second)["came"]
        self.say(
            f"7  A second school has no line: a stick of {human_size(prepared['bytes'])} brought it {len(came)} lessons."
        )

    def _enrol(self) -> None:
        """The school asks its academy, with the code that was printed for it; a person answers at the hub's desk."""
        schools = self.country / "schools.csv"
        schools.write_text(f"name;hostname\n{SCHOOL};ecole-exemple\n", "utf-8")
        codes = command("flash", "codes", schools)["codes"]
        command("academy", "codes", "import", codes, "--data", self.country, "--authority", ACADEMY)
        with open(codes, encoding="utf-8-sig", newline="") as lines:
            code = next(csv.DictReader(lines, delimiter=";"))["code"]
        command("enrol", "--data", self.box, "--code", code)
        person = command("hub", "person", "add", LOGIN, "--role", "ministry", "--data", self.country)
        self.say(
            "8  The school asks its academy to take it in. Who answers comes in at the hub's desk, with this code:\n\n"
            f"     http://localhost:{self.officers}/bureau/invitation/     {person['code']}\n"
        )

    def _synchronise(self) -> dict[str, Any]:
        return command("sync", "--data", self.box, "--from", self.source, "--once")

    def _poster(self) -> None:
        import segno

        origin = f"http://{_own_address()}:{self.pages}"
        segno.make(f"{origin}/", error="m").terminal(compact=True)
        self.say(f"\n     {origin}/     (on this machine: http://localhost:{self.pages}/)")
        self.say("   Teachers come in by HTTPS, where the browser warns once; on this machine it needs none:")
        self.say(
            f"\n     https://{urlsplit(origin).hostname}:{self.desk}/bureau/     http://localhost:{self.pages}/bureau/\n"
        )
        if code := first.read(self.box):
            self.say(
                f"   The first administrator takes this code, which works once, and a password:   {code}\n"
            )
        self.say(
            f"   A class was given two lessons; its pupils type six digits:\n\n     {origin}/fr/classe/{self._class()}/\n"
        )

    def _class(self) -> str:
        """The code of a class with two lessons and an announcement; that of the last demonstration if it is kept."""
        school = SchoolFile(self.box)
        if known := classes.every(school):
            return known[0].code
        now = datetime.now(UTC)
        code = classes.make(school, "6e B")
        today, until = now.date(), now.date() + timedelta(days=14)
        classes.announce(school, code, "Bienvenue en 6e B !", until.isoformat(), today.isoformat())
        french = [card for card in Library(self.box).cards() if card.language == "fr"]
        for card in sorted(french, key=lambda card: card.title)[:2]:
            classes.give(school, code, card.address, card.title, day=int(now.timestamp()))
        return code


def _lessons(report: dict[str, Any]) -> str:
    return f"{len(report['packs'])} lessons"


def _own_address() -> str:
    """This machine's address on its network, as a phone would type it; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: only asks the kernel which interface it would use
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
