"""60,000 schools get 500 MB for Monday: what the hub sees, simulated; and what one core of it answers, measured.

    python -m tests.prove.monday [--boxes 60000] [--plot FILE]

Measured on this computer: check-ins (real requests, signed, against the hub's application and its database) with 600 and with the
whole country's boxes in turns, so that the ratio holds whatever else the computer does; and the questions of one look for
something new, by a real box. What the simulation assumes is in ``tests.country.monday``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert

from edubox.hub.app import create_app
from edubox.hub.hub import Hub, open_hub
from edubox.hub.tables import boxes, check_ins
from edubox.publishing.country import create
from edubox.store.mirror_app import mirror_app
from edubox.trust import requests
from edubox.trust.keys import generate, signer
from tests.country.monday import DAY, Release, simulate
from tests.hub.conftest import BEGIN, COUNTRY_FILE, PASSPHRASE
from tests.hub.fleet.world import PATH, SAID
from tests.prove.monday_chart import draw

#: Boxes of the small country, check-ins of a round, rounds.
FEW, ROUND, ROUNDS = 600, 300, 4
#: Keys are made for so many boxes only; the others are rows like theirs.
ASKING = 300


class Country:
    """A hub whose database has *number* boxes that were taken in, of which some ask."""

    def __init__(self, folder: Path, number: int) -> None:
        create(folder, "Testland", COUNTRY_FILE, PASSPHRASE, BEGIN)
        self.hub: Hub = open_hub(folder)
        self.app = create_app(self.hub)
        self.signers = [signer(generate()) for _ in range(ASKING)]
        self.counter = 0
        empty = {column.name: column.type.python_type() for column in boxes.columns if not column.nullable}
        told = {column.name: column.type.python_type() for column in check_ins.columns}
        step = max(number // ASKING, 1)
        for begin in range(0, number, 5000):
            rows, heard = [], []
            for count in range(begin, min(begin + 5000, number)):
                asks = count % step == 0 and count // step < ASKING
                key = self.signers[count // step].public_key if asks else None
                rows.append(empty | {
                    "id": count + 1, "local": f"local/{count:026}", "publisher": f"ac-{count % 30}/ecole-{count}", "state": "accepted",
                    "authority": f"ac-{count % 30}", "label": f"École {count}", "keyid": key.keyid if key else f"{count:064}",
                    "key": key.keyval["public"] if key else f"{count:064}",
                })  # fmt: skip
                heard.append(told | {"box": count + 1, "health": "{}", "level": "good"})
            self.hub.database.change(lambda connection, rows=rows: connection.execute(insert(boxes), rows))
            self.hub.database.change(
                lambda connection, heard=heard: connection.execute(insert(check_ins), heard)
            )

    def check_ins(self) -> float:
        """Check-ins a second of one core's time."""
        client, body = self.app.test_client(), SAID.to_bytes()
        self.counter += 1
        signed = [requests.sign("POST", PATH, "", body, one, self.counter) for one in self.signers]
        begin = time.process_time()
        for headers in signed:
            answer = client.post(PATH, data=body, headers=headers)
            assert answer.status_code == 200, answer.text
        return len(signed) / (time.process_time() - begin)


def polls(mirror: Path) -> float:
    """Questions for ``timestamp.json`` that the hub's own mirror answers a second of one core's time."""
    app = mirror_app(mirror)
    begin, number = time.process_time(), 3000
    for _ in range(number):
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/directory/metadata/timestamp.json",
            "SERVER_PROTOCOL": "HTTP/1.1",
        }
        answer = app(environ, lambda *_: None)
        b"".join(answer)
        getattr(answer, "close", lambda: None)()
    return number / (time.process_time() - begin)


def measure(number: int) -> None:
    """Print what a core does with 600 and with *number* boxes."""
    with tempfile.TemporaryDirectory(prefix="prove-monday-") as name:
        few, many = Country(Path(name) / "few", FEW), Country(Path(name) / "many", number)
        for one in (few, many):
            one.check_ins()
        told = [(few.check_ins(), many.check_ins()) for _ in range(ROUNDS)]
        small, large = (sorted(column)[ROUNDS // 2] for column in zip(*told, strict=True))
        print(
            f"check-ins a second of one core: {small:.0f} with {FEW} boxes, {large:.0f} with {number}; a box costs {small / large:.2f} times as much"
        )
        print(f"wanted: {number / 21_600:.1f} in the mean, one a box in six hours")
        print(
            f"questions for timestamp.json a second of one core, by the hub itself: {polls(few.hub.mirror):.0f}"
        )
        for one in (few, many):
            one.hub.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--boxes", type=int, default=60_000)
    parser.add_argument("--plot", type=Path)
    asked = parser.parse_args()
    measure(asked.boxes)
    boxes_ = asked.boxes
    narrow = 1e9 * boxes_ / 60_000
    plans = {
        "one hub of 1 Gbit/s, on the day": Release(boxes_, hub=narrow),
        "30 academies, on the day": Release(boxes_, hub=narrow, academies=30, academy=narrow),
        "one hub, three nights ahead": Release(boxes_, hub=narrow, ahead=3 * DAY),
        "30 academies, three nights ahead": Release(
            boxes_, hub=narrow, ahead=3 * DAY, academies=30, academy=narrow
        ),
    }
    print(
        f"\n500 MB for {boxes_} schools | ready at 8:00 on Monday | half / nine in ten / last, hours after | hub sends | busiest minute | busiest second"
    )
    courses = {}
    for name, plan in plans.items():
        course = courses[name] = simulate(plan)
        hours = " / ".join(
            "never" if (found := course.hours(share, boxes_)) is None else f"{found:.1f}"
            for share in (0.5, 0.9, 1)
        )
        print(
            f"{name} | {course.ready(0, boxes_):.1%} | {hours} | {course.hub_bytes / 1e9:.0f} GB | {course.peak_gbit:.2f} Gbit/s | {course.peak_requests} requests",
            flush=True,
        )
    if asked.plot:
        asked.plot.write_text(draw(courses, boxes_), "utf-8")
        print(f"drawn: {asked.plot}")


if __name__ == "__main__":
    main()
