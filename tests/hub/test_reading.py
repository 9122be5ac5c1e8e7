"""The reading site behind the hub: what is published is there, by itself, for everybody at home."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from edubox.hub import reading, work
from edubox.hub.errors import SiteNotWritten
from edubox.hub.hub import open_hub
from edubox.hub.queue import Job
from edubox.publishing.country import renew
from edubox.publishing.job import Publication
from edubox.publishing.job import publish as publish_lesson
from edubox.publishing.workplace import Workplace
from edubox.sync import collections
from edubox.sync.collections import collections_in
from tests.hub.conftest import BEGIN, PASSPHRASE
from tests.hub.publications import publish
from tests.publishing.country import edpack


@pytest.fixture
def site(tmp_path):
    return tmp_path / "public" / "site"


@pytest.fixture
def hub(country, site, clock):
    (country / "hub.toml").write_text(f'site = "{site}"\nsite_lessons = "https://lessons.example.org"\n')
    opened = open_hub(country, clock)
    yield opened
    opened.close()


def pages(site):
    return "\n".join(path.read_text("utf-8") for path in sorted(site.glob("en/**/*.html")))


@pytest.fixture
def runs(monkeypatch):
    """How often the site was written; it is not."""
    counted = []

    def run(line, site):
        counted.append(line)
        site.mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(reading, "_run", run)
    return counted


@pytest.mark.slow
def test_a_lesson_that_was_published_is_on_the_site_and_a_withdrawn_text_is_not(hub, country, site, clock):
    # The child that writes the site has its own clock.
    renew(country, datetime.now(UTC))
    publish(country, "tides", "The sea comes and goes", datetime.now(UTC))
    work.plan(hub)
    assert work.work(hub) == 1
    assert "The sea comes and goes" in pages(site) + "".join(
        path.read_text("utf-8") for path in site.glob("c/*/index.html")
    )
    assert "Testland" in pages(site)
    assert "https://lessons.example.org/" in pages(site)

    # It comes again by itself, and takes what changed.
    publish(country, "tides", "The sea, corrected", datetime.now(UTC))
    clock.forward(minutes=5)
    work.work(hub)
    texts = {path.read_text("utf-8") for path in site.glob("c/*/index.html")}
    assert texts == {"<h1>The sea, corrected</h1>"}


def test_without_news_nothing_is_written(hub, country, runs):
    publish(country, "tides", "Tides", BEGIN)
    assert reading.write(hub)
    assert not reading.write(hub)
    publish(country, "moon", "The Moon", BEGIN)
    assert reading.write(hub)
    assert len(runs) == 2


def test_other_settings_are_news(hub, country, runs):
    assert reading.write(hub)
    hub.settings["site_address"] = "https://lecons.example.org"
    assert reading.write(hub)
    assert (
        runs[1][-3:] == ["https://lessons.example.org", "--json"][-3:]
        or "https://lecons.example.org" in runs[1]
    )


def test_a_lesson_that_waits_for_its_moment_opens_at_home_too(hub, country, runs, clock):
    lesson = edpack(country.parent / "x.edpack", {"index.html": b"<p>Monday"}, frozenset())
    published = Publication("ministry/starter", "monday", lesson, not_before="2026-09-07T06:00Z")
    publish_lesson(published, Workplace.beside(country / "mirror"), PASSPHRASE, BEGIN)
    assert reading.write(hub)
    clock.forward(days=5)
    assert not reading.write(hub)
    clock.forward(days=1)
    assert reading.write(hub)
    assert not reading.write(hub)
    assert len(runs) == 2


def test_a_site_that_was_deleted_is_written_again(hub, runs, site):
    assert reading.write(hub)
    site.rmdir()
    assert reading.write(hub)


def test_a_folder_of_somebody_else_is_left_alone_and_the_queue_says_why(hub, country, site):
    site.mkdir(parents=True)
    (site / "thesis.txt").write_text("mine")
    with pytest.raises(SiteNotWritten) as failed:
        reading.write(hub)
    assert "site" in str(failed.value)
    assert [path.name for path in site.iterdir()] == ["thesis.txt"]
    assert not site.with_name("site.done").exists()


def test_a_hub_without_a_site_plans_none(country, clock, runs):
    (country / "hub.toml").unlink(missing_ok=True)
    hub = open_hub(country, clock)
    assert "reading-site" not in work.kinds(hub)
    reading.job(hub, Job(1, "reading-site", "", {}, "", 0, 0, "", 0, ""))
    assert runs == []
    hub.close()


def test_what_the_child_says_reaches_whoever_looks(hub, site, monkeypatch):
    answer = json.dumps({"error": {"code": "no-room", "message": "There is no room on this disk."}})
    monkeypatch.setattr(
        reading.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 5, answer, "noise")
    )
    with pytest.raises(SiteNotWritten, match="There is no room on this disk"):
        reading.write(hub)


def a_country_of_schools(country, count=300):
    """Folders of so many schools, which come before the ministry's in every list; the directory knows none of them."""
    for number in range(count):
        (country / "mirror" / "publishers" / "ac-aa" / f"ecole-{number:05}" / "metadata").mkdir(parents=True)


def test_among_many_schools_the_collections_are_found_and_their_next_moment_is_known(
    hub, country, site, clock, runs
):
    a_country_of_schools(country)
    opens = clock() + timedelta(days=2)
    publish(country, "moon", "The Moon", BEGIN)
    lesson = edpack(country.parent / "later.edpack", {"index.html": b"<p>Later"}, frozenset())
    what = Publication("ministry/starter", "later", lesson, not_before=opens.strftime("%Y-%m-%dT%H:%MZ"))
    publish_lesson(what, Workplace.beside(country / "mirror"), PASSPHRASE, BEGIN)
    assert collections_in(country / "mirror") == (["ac-test/choix", "ministry/starter"], 0)
    assert reading.write(hub)
    note = json.loads(site.with_name(f"{site.name}.done").read_bytes())
    assert note["next"] == int(opens.replace(second=0, microsecond=0).timestamp())


def test_how_many_are_left_out_is_told(country, monkeypatch):
    monkeypatch.setattr(collections, "MOST", 1)
    assert collections_in(country / "mirror") == (["ac-test/choix"], 1)
    monkeypatch.setattr(collections, "ASKED", 1)
    assert collections_in(country / "mirror") == (["ac-test/choix"], 1)
