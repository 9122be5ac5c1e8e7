"""What a lesson costs, said once before anybody decides: for the country, with the academies whose lines are much slower beside it."""

from __future__ import annotations

import html

import pytest
from sqlalchemy import insert, select, update

from edubox.hub.tables import boxes, check_in_days
from tests.hub.desk import world
from tests.hub.desk.client import entered

DAY = 86_400
FAST, SLOW = 10_000, 1  # MB a day


def costs(hub, app, tmp_path, who, slow):
    """The page of a lesson, as *who* sees it, where *slow* is what the lines of ac-test carry and all others are fast."""
    world.many(hub, 40)
    today = hub.now() // DAY

    def work(connection):
        connection.execute(update(boxes).where(boxes.c.id > 3).values(authority="ac-nord"))
        rows = [
            {"box": box, "day": day, "times": 1, "level": "good", "failure": "", "disk_free": 10_000, "lessons": 1,
             "month_hub": (day - today + 2) * (slow if box <= 3 else FAST)}
            for box in connection.execute(select(boxes.c.id)).scalars()
            for day in (today - 1, today)
        ]  # fmt: skip
        connection.execute(insert(check_in_days), rows)

    hub.database.change(work)
    world.offer(hub, app, world.school(hub, tmp_path))
    return html.unescape(entered(app, hub, "marie", *who).get("/bureau/relecture/1/").text)


def test_the_ministry_reads_it_once_and_beside_it_the_academy_that_needs_much_longer(hub, app, tmp_path):
    page = costs(hub, app, tmp_path, ("ministry",), SLOW)
    assert page.count('class="cost"') == 1
    assert page.count("Dans ac-test, le dixième le plus lent a besoin de") == 1


def test_where_lines_are_alike_no_academy_is_named(hub, app, tmp_path):
    page = costs(hub, app, tmp_path, ("ministry",), FAST)
    assert page.count('class="cost"') == 1
    assert "Dans ac-" not in page


@pytest.mark.parametrize("role", ["officer", "reviewer"])
def test_an_academy_reads_what_its_own_boxes_need(hub, app, tmp_path, role):
    page = costs(hub, app, tmp_path, (role, "ac-test"), SLOW)
    assert page.count('class="cost"') == 1
    assert "4 boîtiers" in page
    assert "Dans ac-" not in page
