"""An accepted lesson is an index in the collection: the same manifest, the same bytes, with credit."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from edubox.hub import queue
from edubox.hub.errors import NotPossible
from edubox.hub.intake import jobs
from edubox.hub.review import accept, arrivals, looking, recall, trees
from edubox.pack.index import parse
from edubox.store.layout import bundle_path, object_path
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import current
from tests.hub.intake.world import School, enrol, work
from tests.hub.review.world import arrive, history, now


def published(hub, publisher="ac-test/choix", slug="la-lune"):
    data = current(FolderFetch(hub.mirror), publisher, f"{slug}.json")
    return None if data is None else parse(data)


def done(hub):
    return work(hub, {"publish": jobs.publish, "release": lambda *_: None})


def test_an_accepted_lesson_is_published_by_the_queue_with_its_credit(hub, enrolled, held):
    one = arrive(hub, enrolled)
    line = accept.accept(hub, one.id, "marie", "ac-test/choix", words="Bravo !")
    assert (now(hub, one).state, line.state) == ("accepted", "queued")
    assert published(hub) is None
    assert "publish" in done(hub)
    index = published(hub)
    assert index.manifest == one.manifest
    assert (index.author, index.source) == ("Ada Martin, Collège Moulin", "ac-test/college-moulin/la-lune")
    assert (hub.mirror / bundle_path(index.full.sha256)).is_file()
    film = next(file for file in trees.manifest_of(hub, one).files if file.media)
    assert (hub.mirror / object_path(film.sha256)).is_file()
    assert [what for what, *_ in history(hub, one)] == ["arrived", "accepted", "remark", "published"]
    with hub.database.read() as connection:
        (said,) = arrivals.told(connection, enrolled.id)
        assert (said["state"], said["comments"]) == ("accepted", ["Bravo !"])
        assert accept.of_arrival(connection, one.id)[0].state == "published"
        assert [found.state for found in looking.duplicates(hub, connection, one)] == ["published"]


def test_an_accepted_lesson_is_on_its_way_to_the_reading_site_at_once(hub, enrolled, held):
    hub.settings["site"] = "/srv/site"
    one = arrive(hub, enrolled)
    accept.accept(hub, one.id, "marie", "ac-test/choix")
    ran = work(
        hub,
        {"publish": jobs.publish, "release": lambda *_: None, "reading-site": lambda *_: None},
    )
    assert "reading-site" in ran


def test_without_the_key_an_accepted_lesson_waits_for_whoever_has_the_passphrase(hub, enrolled):
    one = arrive(hub, enrolled)
    line = accept.accept(hub, one.id, "marie", "ac-test/choix")
    assert line.state == "waiting"
    assert "publish" not in done(hub)
    wrong = accept.publish_one(hub, line.id, "another")
    assert (wrong.state, published(hub)) == ("waiting", None)
    assert "passphrase" in wrong.reason
    assert accept.publish_one(hub, line.id, "secret").state == "published"
    assert accept.publish_one(hub, line.id, "secret").version == 1  # once more changes nothing
    assert published(hub).manifest == one.manifest


def test_the_command_publishes_what_waits(hub, engine, enrolled):
    one = arrive(hub, enrolled)
    accept.accept(hub, one.id, "marie", "ac-test/choix")
    ran = subprocess.run(
        [sys.executable, "-m", "edubox", "hub", "publish", "--data", str(hub.data), "--json"],
        env=os.environ | engine.environment | {"EDUBOX_PASSPHRASE": "secret"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert [line["state"] for line in json.loads(ran.stdout)["publications"]] == ["published"]
    assert published(hub) is not None


def test_a_newer_version_follows_the_accepted_one_at_the_same_address(hub, enrolled, held):
    one = arrive(hub, enrolled)
    accept.accept(hub, one.id, "marie", "ac-test/choix")
    done(hub)
    two = arrive(hub, enrolled, words="Mieux.")
    assert now(hub, one).state == "accepted"
    accept.accept(hub, two.id, "marie", "ac-test/choix")
    done(hub)
    index = published(hub)
    assert (index.version, index.manifest) == (2, two.manifest)
    assert any(bundle.base == one.manifest for bundle in index.bundles)  # boxes take what changed


def test_two_schools_do_not_take_each_others_address(hub, enrolled, held, tmp_path):
    other = School(tmp_path / "other")
    enrol(hub, other, "college-dupont")
    mine, theirs = arrive(hub, enrolled), arrive(hub, other, words="La mienne.")
    accept.accept(hub, mine.id, "marie", "ac-test/choix")
    with pytest.raises(NotPossible, match="choose another name"):
        accept.accept(hub, theirs.id, "marie", "ac-test/choix")
    assert now(hub, theirs).state == "received"
    line = accept.accept(hub, theirs.id, "marie", "ac-test/choix", slug="la-lune-2")
    assert line.address == "ac-test/choix/la-lune-2"
    done(hub)
    assert published(hub, slug="la-lune-2").manifest == theirs.manifest


def test_a_lesson_goes_into_the_academys_and_the_national_collection(hub, enrolled, held):
    one = arrive(hub, enrolled)
    accept.accept(hub, one.id, "marie", "ac-test/choix")
    second = accept.accept(hub, one.id, "paul", "ministry/starter")
    done(hub)
    accept.publish_one(hub, second.id, "secret")
    assert published(hub).manifest == published(hub, "ministry/starter").manifest == one.manifest


def test_a_collection_that_is_not_there_takes_nothing(hub, enrolled):
    one = arrive(hub, enrolled)
    with pytest.raises(NotPossible, match="no collection"):
        accept.accept(hub, one.id, "marie", "ac-test/nulle-part")
    assert now(hub, one).state == "received"
    assert {found.id: found.key for found in accept.collections(hub)} == {
        "ac-test/choix": "wrapped",
        "ministry/starter": "wrapped",
    }
    assert [found.id for found in accept.collections(hub, "ministry")] == ["ministry/starter"]


def test_a_refused_lesson_is_not_accepted_afterwards(hub, enrolled):
    one = arrive(hub, enrolled)
    hub.database.change(lambda connection: arrivals.refuse(connection, one.id, "ali", "Non.", 1))
    with pytest.raises(NotPossible, match="refused"):
        accept.accept(hub, one.id, "marie", "ac-test/choix")


def test_a_publication_that_failed_says_why_and_can_be_tried_again(hub, enrolled, held):
    one = arrive(hub, enrolled)
    recall_now(hub, one.manifest)
    line = accept.accept(hub, one.id, "marie", "ac-test/choix")
    done(hub)
    with hub.database.read() as connection:
        failed = accept.get(connection, line.id)
        assert accept.listed(connection, "ac-test") == [failed]
    assert (failed.state, published(hub)) == ("failed", None)
    assert "erased" in failed.reason
    hub.database.change(lambda connection: accept.again(connection, line.id, hub.now()))
    assert done(hub) == ["publish"]


def recall_now(hub, manifest):
    """The ministry's word, from another computer."""
    from edubox.publishing.erase import recall as sign

    sign(hub.data, {manifest}, (), "secret", hub.clock())


def test_a_recall_takes_a_lesson_out_of_everything_and_keeps_its_reason(hub, enrolled, held):
    one = arrive(hub, enrolled)
    accept.accept(hub, one.id, "marie", "ac-test/choix")
    done(hub)
    full = published(hub).full.sha256
    assert recall.publishing(hub, one.manifest) == ["ac-test/choix/la-lune"]
    recall.ask(hub, "paul", "Une photo d'élève.", one.manifest, lesson="ac-test/choix/la-lune")
    with hub.database.read() as connection:
        (asked,) = recall.listed(connection)
    assert (asked.state, asked.reason, asked.actor) == ("waiting", "Une photo d'élève.", "paul")
    assert hub.blobs.size(f"bytes/{full[:2]}/{full}") is None  # at once, before anybody signs
    signed = recall.sign(hub, "secret")
    assert one.manifest in signed.erasure.manifests
    assert one.manifest in recall.signed(hub).manifests
    assert not (hub.mirror / bundle_path(full)).exists()
    with hub.database.read() as connection:
        assert recall.listed(connection)[0].state == "done"
    assert recall.sign(hub, "secret") is None
    assert history(hub, one)[-1][0] == "recalled"


def test_a_recall_of_a_file_ends_the_review_of_every_lesson_that_has_it(hub, enrolled):
    one = arrive(hub, enrolled)
    film = max(trees.manifest_of(hub, one).files, key=lambda file: file.size)
    recall.ask(hub, "paul", "Sans droits.", objects=[film.sha256])
    assert now(hub, one).state == "refused"
    assert hub.blobs.size(f"bytes/{film.sha256[:2]}/{film.sha256}") is None


def test_a_recall_that_no_key_has_signed_yet_counts_at_the_hub(hub, enrolled, held):
    one = arrive(hub, enrolled)
    line = accept.accept(hub, one.id, "marie", "ac-test/choix")
    recall.ask(hub, "paul", "Sans droits.", one.manifest)
    done(hub)
    with hub.database.read() as connection:
        assert accept.get(connection, line.id).state == "failed"
    assert published(hub) is None
    with pytest.raises(AssertionError, match="recalled"):
        arrive(hub, enrolled, "encore")  # the same files under another name


@pytest.mark.parametrize("wrong", [{"reason": " "}, {"manifest": ""}, {"manifest": "x"}])
def test_a_recall_needs_a_reason_and_a_name(hub, wrong):
    with pytest.raises(NotPossible):
        recall.ask(hub, "paul", **({"reason": "Oui.", "manifest": "a" * 64} | wrong))


def test_what_waits_in_the_queue_is_seen(hub, enrolled, held):
    one = arrive(hub, enrolled)
    accept.accept(hub, one.id, "marie", "ac-test/choix")
    with hub.database.read() as connection:
        assert [job.kind for job in queue.listed(connection)] == ["intake-check", "publish"]
