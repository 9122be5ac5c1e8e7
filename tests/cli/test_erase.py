"""An operator's bad day: a lesson that must be nowhere, a publisher that moves, keys that somebody may have."""

from __future__ import annotations

import pytest

from tests.cli.country import build, edubox, edubox_json, make_country, write_lesson

TEXT = "<p>" + "Zqxwvmarque, que personne ne doit plus lire. " * 40 + "</p>"


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    return make_country(tmp_path_factory.mktemp("country") / "testland")


@pytest.fixture(scope="module")
def box(country, tmp_path_factory):
    data = tmp_path_factory.mktemp("box") / "data"
    edubox("box", "init", "--data", data, "--country", country.root, "--follow", country.publisher)
    return data


def publish(country, tmp_path, slug):
    build(write_lesson(tmp_path / slug, index=TEXT + slug), tmp_path / f"{slug}.edpack")
    return edubox_json(
        "publish",
        tmp_path / f"{slug}.edpack",
        "--to",
        country.mirror,
        "--as",
        country.publisher,
        "--slug",
        slug,
    )


def sync(country, box, **options):
    return edubox_json("sync", "--data", box, "--from", country.mirror, **options)


def lessons(report):
    return {one["pack"].rsplit("/", 1)[1]: one["state"] for one in report["packs"]}


def traces(box):
    return [path for path in box.rglob("*") if path.is_file() and b"qxwvmarqu" in path.read_bytes()]


def test_an_erased_lesson_leaves_the_mirror_and_the_box(country, box, tmp_path):
    publish(country, tmp_path, "erreur")
    sync(country, box)
    assert traces(box)
    mistake = edubox("erase", "--to", country.mirror, "--as", country.publisher, "--slug", "errreur", check=2)
    assert "errreur was not found" in mistake.stderr
    done = edubox_json("erase", "--to", country.mirror, "--as", country.publisher, "--slug", "erreur")
    assert done["withdrawn"] == [f"{country.publisher}/erreur"]
    assert done["deleted"]
    sync(country, box)
    assert traces(box) == []


def test_a_recalled_version_is_shown_by_nobody(country, box, tmp_path):
    manifest = publish(country, tmp_path, "rappel")["manifest"]
    assert edubox("recall", "--country", country.folder, check=2).stderr
    assert manifest in edubox_json("recall", "--country", country.folder, "--manifest", manifest)["manifests"]
    assert lessons(sync(country, box))["rappel"] == "erased"
    assert traces(box) == []


def test_a_publisher_is_suspended_moved_and_its_country_gets_new_keys(country, box, tmp_path):
    edubox("country", "suspend", country.folder, "--id", country.publisher)
    assert edubox_json("country", "suspend", country.folder, "--id", country.publisher)["unchanged"]
    assert "suspended" in edubox("sync", "--data", box, "--from", country.mirror).stderr
    edubox("country", "resume", country.folder, "--id", country.publisher)
    publish(country, tmp_path, "reste")
    sync(country, box)
    edubox("country", "move", country.folder, "--id", country.publisher, "--to", "nouvelle/maison")
    everything = [
        part for role in ("root", "targets", "snapshot", "timestamp") for part in ("--new-key", role)
    ]
    assert edubox_json("country", "rotate-root", country.folder, *everything) == {"root": 2}
    report = sync(country, box)
    assert [one["pack"] for one in report["packs"] if one["state"] == "ready"] == ["nouvelle/maison/reste"]
    assert edubox_json("sync", "--data", box, "--from", country.mirror, "--accept-old")["packs"]


def test_a_stick_loses_what_was_erased_when_it_meets_a_box_that_knows(country, box, tmp_path):
    publisher, done = "nouvelle/maison", None
    (tmp_path / "stick").mkdir()
    for slug in ("garde", "perdue"):
        build(write_lesson(tmp_path / slug, index=TEXT + slug), tmp_path / f"{slug}.edpack")
        done = edubox_json(
            "publish", tmp_path / f"{slug}.edpack", "--to", country.mirror, "--as", publisher, "--slug", slug
        )
    edubox("stick", "prepare", tmp_path / "stick", "--from", country.mirror)
    carried = [
        tmp_path / "stick" / "edubox" / "bundles" / one["sha256"][:2] / one["sha256"]
        for one in done["bundles"]
    ]
    for path in carried:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((country.mirror / path.relative_to(tmp_path / "stick" / "edubox")).read_bytes())
    edubox("erase", "--to", country.mirror, "--as", publisher, "--slug", "perdue")
    sync(country, box)
    # The stick is older than what the box knows, which it says with an error: what was erased goes all the same.
    edubox("stick", "exchange", tmp_path / "stick", "--data", box, check=None)
    assert not any(path.exists() for path in carried)
