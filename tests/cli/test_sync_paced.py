"""``edubox sync --paced`` keeps to what box.toml says, and coming later is no error."""

from __future__ import annotations

import json

import pytest

from edubox.sync.pacing.usage import read_usage
from tests.cli.country import behind_a_hub, edubox, edubox_json, free_port


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    with behind_a_hub(tmp_path_factory.mktemp("paced"), 3_000_000) as country:
        yield country


@pytest.fixture
def box(country, tmp_path):
    def make(**chosen):
        data = tmp_path / "box"
        edubox("box", "init", "--data", data, "--country", country.root, "--follow", country.publisher,
               "--from", country.url)  # fmt: skip
        kept = [
            line for line in (data / "box.toml").read_text().splitlines()
            if line.split(" =")[0] not in chosen
        ]  # fmt: skip
        kept += [f"{name} = {json.dumps(value)}" for name, value in chosen.items()]
        (data / "box.toml").write_text("\n".join(kept) + "\n")
        return data

    return make


def test_the_month_s_bytes_end_a_run_without_error_and_what_came_is_kept(country, box):
    data = box(month_mb=1)
    report = edubox_json("sync", "--data", data, "--paced")
    assert "month" in report["postponed"]
    assert 1_000_000 <= report["received"]["hub"] < 1_070_000
    assert {one["state"] for one in report["packs"]} != {"ready"}
    again = edubox("sync", "--data", data, "--paced")
    assert "month's bytes" in again.stdout
    assert sum(kinds["hub"] for kinds in read_usage(data).months.values()) == report["received"]["hub"]
    assert read_usage(data).success_at == 0
    # By hand nothing holds it back, and nothing is paid twice.
    rest = edubox_json("sync", "--data", data)
    assert rest["postponed"] == ""
    assert rest["received"]["hub"] < 2_100_000
    assert read_usage(data).success_from == [country.url]


def test_a_metered_line_brings_the_text_and_the_film_when_somebody_asks(box):
    data = box(metered=True)
    report = edubox_json("sync", "--data", data, "--paced")
    assert "metered" in report["postponed"]
    assert report["bytes"] < 100_000
    assert {one["state"] for one in report["packs"]} == {"waiting"}
    asked = edubox_json("sync", "--data", data, "--paced", "--now")
    assert {one["state"] for one in asked["packs"]} == {"ready"}


def test_with_the_budget_used_up_the_box_next_door_still_gives(country, box):
    data = box(month_mb=1)
    edubox("sync", "--data", data, "--paced")
    report = edubox_json("sync", "--data", data, "--paced", "--neighbour", country.url)
    assert report["postponed"] == ""
    assert report["received"].get("hub", 0) == 0
    assert {one["state"] for one in report["packs"]} == {"ready"}


def test_a_failure_is_counted_and_told(box, tmp_path):
    data = box(sources=[f"http://127.0.0.1:{free_port()}/"])
    for _ in range(2):
        edubox("sync", "--data", data, "--paced", check=4)
    assert read_usage(data).failures == 2
    assert read_usage(data).failure_code == "unreachable"
