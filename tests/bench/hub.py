"""What a hub carries: check-ins, questions and offers a second, ten times too much, tables of 60,000 schools, a long signing queue.

``python -m tests.bench hub``: over SQLite and a folder, one process, on loopback, whoever asks being on the same processors. Quote
the ratios: to what the same process does with a file of the mirror (``per_file``), of 60,000 schools to 600, of 5,000 lines to 100.
"""

from __future__ import annotations

import random
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from edubox.hub.app import create_app
from edubox.hub.enrol import signing
from edubox.hub.fleet import export, overview
from edubox.hub.hub import Hub, open_hub
from edubox.hub.tables import boxes, check_in_days, check_ins
from edubox.sync import letter
from edubox.trust.record import Record
from tests.hub.conftest import PASSPHRASE
from tests.hub.desk.client import entered
from tests.hub.enrol.world import NORTH, Asker, give_codes
from tests.hub.intake.world import School, enrol
from tests.hub.load import Crowd, Heard, http, memory, storm
from tests.hub.processes import make_country, served

SMALL, LARGE = 600, 60_000
#: Boxes that speak, connections of an ordinary hour, requests of one figure, and how much too much is.
CROWD, AT_ONCE, REQUESTS, TOO_MUCH = 200, 16, 1200, 10
#: Connections that a server takes at once, nearly.
MOST = 1200
LINES = (100, 1000, 5000)
TIMESTAMP = http("GET", "/directory/metadata/timestamp.json")
LEVELS = ("good", "good", "good", "note", "warning", "broken")


def run() -> dict:
    """See above."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    found: dict = {}
    for schools in (SMALL, LARGE):
        with tempfile.TemporaryDirectory() as name:
            country = make_country(Path(name) / "country")
            hub = open_hub(country)
            fill(hub, schools)
            found[f"{schools}_schools"] = {"tables_ms": tables(hub)} | line(hub, Path(name))
            hub.close()
    small, large = (found[f"{schools}_schools"] for schools in (SMALL, LARGE))
    found["large_to_small"] = {
        "tables": {what: ratio(large["tables_ms"][what], small["tables_ms"][what]) for what in small["tables_ms"]},
        "check_ins": ratio(large["a_second"]["check_ins"], small["a_second"]["check_ins"]),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        found["signing"] = lines(Path(name))
    return found


def line(hub: Hub, folder: Path) -> dict:
    """What one process answers a second, and what becomes of it under ten times as much."""
    crowd = Crowd(hub, CROWD, "ac-foule")
    askers = [Asker(name=f"nouvelle-{number}") for number in range(REQUESTS // 4)]
    codes = give_codes(hub, len(askers))
    with served(hub.data, 1) as ((child, address),):
        storm(address, [crowd.check_in(0), TIMESTAMP], 1)
        before = memory(child.pid, "VmRSS")
        per = {
            "files": rate(address, [TIMESTAMP] * REQUESTS),
            "check_ins": rate(address, [crowd.check_in(n % CROWD) for n in range(REQUESTS)], in_order=CROWD),
            "looks": rate(address, [crowd.request(n % CROWD, "GET", "/api/1/offers") for n in range(REQUESTS)], in_order=CROWD),
            "asks": rate(address, [ask(asker, code) for asker, code in zip(askers, codes, strict=True)]),
            "pushes": rate(address, pushes(hub, folder), in_order=16),
        }  # fmt: skip
        quiet = memory(child.pid)
        # What it can do in ten seconds, all in one moment, and people who read lessons meanwhile.
        many = Crowd(hub, min(round(TOO_MUCH * per["check_ins"]), MOST), "ac-lundi", first=CROWD)
        sent = [many.check_in(n) for n in range(many.count)] + [TIMESTAMP] * 100
        random.Random(1).shuffle(sent)
        began = time.monotonic()
        heard = storm(address, sent, len(sent))
        seconds = time.monotonic() - began
        most = memory(child.pid)
    told = heard.counts
    return {
        "a_second": {name: round(value) for name, value in per.items()},
        "per_file": {name: ratio(value, per["files"]) for name, value in per.items() if name != "files"},
        "ten_times": {
            "sent": len(sent), "heard": told[200], "told_later": told[503] + told[429], "broken": told[0],
            "lessons_given": sum(status == 200 for status, one in zip(heard.status, sent, strict=True) if one is TIMESTAMP),
            "answers_to_quiet": ratio(len(sent) / seconds, per["check_ins"]),
        },
        "mib": {"at_first": before, "after_all": quiet, "after_ten_times": most},
    }  # fmt: skip


def rate(address: str, sent: list[bytes], in_order: int = 0) -> float:
    """Requests a second on ``AT_ONCE`` connections; *in_order*: so many at a time, so that no box overtakes itself."""
    began, heard = time.monotonic(), Heard([])
    for begin in range(0, len(sent), in_order or len(sent)):
        some = storm(address, sent[begin : begin + (in_order or len(sent))], AT_ONCE)
        heard.status += some.status
    seconds = time.monotonic() - began
    assert set(heard.counts) <= {200, 503}, heard.counts
    return heard.counts[200] / seconds


def ask(asker: Asker, code: str) -> bytes:
    """A box's request to be enrolled."""
    body = asker.body(code)
    return http("POST", "/api/1/enrolments", body, asker.headers(body))


def pushes(hub: Hub, folder: Path, schools: int = 16, times: int = 6) -> list[bytes]:
    """Letters of offers: what a hub verifies before it takes a byte of a lesson."""
    made = []
    for number in range(schools):
        one = School(folder / f"school-{number}", now=datetime.now(UTC))
        enrol(hub, one, f"offre-{number}", "ac-foule")
        one.give(words=f"Leçon {number}")
        body = letter.write(one.mirror, one.id, "la-lune").to_bytes()
        made.append([
            http("POST", "/api/1/pushes", body, requests_of(one, body, count)) for count in range(1, times + 1)
        ])  # fmt: skip
    return [several[time_] for time_ in range(times) for several in made]


def requests_of(one: School, body: bytes, counter: int) -> dict:
    from edubox.trust.requests import sign

    return sign("POST", "/api/1/pushes", "", body, one.signer, counter)


def fill(hub: Hub, count: int) -> None:
    """*count* schools of thirty academies that checked in, with a month of days for some."""
    chance, now = random.Random(2), hub.now()
    empty = {c.name: c.type.python_type() for c in boxes.columns if not c.nullable and c.name != "id"}
    last = {c.name: c.type.python_type() for c in check_ins.columns}
    for begin in range(0, count, 5000):
        numbers = range(begin, min(begin + 5000, count))
        rows = [
            empty | {
                "id": n + 1, "local": f"local/f{n:025d}", "publisher": f"ac-{n % 30}/ecole-{n}", "state": "accepted",
                "authority": f"ac-{n % 30}", "wanted": f"ecole-{n}", "label": f"Collège n° {n}", "school": f"Collège n° {n}",
                "kind": "school", "keyid": f"{n:064x}", "key": f"{n:064x}", "root_version": 1, "roots": "[]", "epoch": 1, "asked": n,
            }
            for n in numbers
        ]  # fmt: skip
        told = [
            last | {
                "box": n + 1, "at": now - chance.randrange(86_400), "due": now + chance.randrange(-86_400, 10 * 86_400), "version": "0.1.0",
                "board": "rpi-arm64", "disk_free": 20_000, "disk_total": 60_000, "level": chance.choice(LEVELS), "health": "{}",
            }
            for n in numbers
        ]  # fmt: skip
        days = [
            {"box": n + 1, "day": now // 86_400 - day, "times": 4, "level": "good", "failure": "", "disk_free": 1, "lessons": 40, "month_hub": 1}
            for n in numbers for day in range(5)
        ]  # fmt: skip
        for table, some in ((boxes, rows), (check_ins, told), (check_in_days, days)):
            hub.database.change(lambda c, table=table, some=some: c.execute(insert(table), some))


def tables(hub: Hub) -> dict:
    """Milliseconds of the pages and tables that officers and programs ask for."""
    app = create_app(hub)
    me = entered(app, hub, "marie", "ministry")

    def page(address: str):
        def get() -> None:
            answer = me.get(address)
            assert answer.status_code == 200, address

        return get

    def read(what):
        def get() -> None:
            with hub.database.read() as connection:
                what(connection)

        return get

    asked = {
        "today": page("/bureau/"), "schools": page("/bureau/ecoles/"), "last_page": page("/bureau/ecoles/?page=9"),
        "sought": page("/bureau/ecoles/?q=599"), "of_an_academy": page("/bureau/ecoles/?academie=ac-7"),
        "suspended": page("/bureau/ecoles/?etat=suspended"), "silent": read(lambda c: overview.silent(c, hub.now())),
        "csv": read(lambda c: sum(len(one) for one in export.table(c, ""))),
        "prometheus": read(lambda c: export.prometheus(c, hub.now())),
    }  # fmt: skip
    return {name: round(best(what), 1) for name, what in asked.items()}


def best(what, times: int = 3) -> float:
    """Milliseconds of the quickest of a few runs."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        took.append(time.perf_counter() - began)
    return 1000 * min(took)


def lines(folder: Path) -> dict:
    """Seconds to sign long queues at once, and milliseconds a line."""
    found: dict = {}
    for count in LINES:
        country = make_country(folder / f"c{count}")
        hub = open_hub(country)

        def put(connection, count=count, hub=hub) -> None:
            for number in range(count):
                record = Record(
                    f"{NORTH}/ecole-{number}", f"École n° {number}", "school", 1, f"{number:064x}"
                )
                signing.put(connection, record, "enter", hub.now(), "marie")

        hub.database.change(put)
        waiting = signing.waiting(hub)
        signers = {NORTH: hub.workplace.signer(f"authorities/{NORTH}", PASSPHRASE)}
        began = time.perf_counter()
        signing.transcript(waiting, hub.clock())
        done = signing.sign(hub, signers, waiting, "marie")
        seconds = time.perf_counter() - began
        assert len(done) == count
        found[str(count)] = {"seconds": round(seconds, 2), "ms_a_line": round(1000 * seconds / count, 2)}
        hub.close()
    first, last = (found[str(count)]["ms_a_line"] for count in (LINES[0], LINES[-1]))
    found["a_line_of_many_to_one_of_few"] = ratio(last, first)
    return found


def ratio(one: float, other: float) -> float:
    return round(one / other, 2) if other else 0.0
