"""What a technician takes along: how the box is, and nothing of anybody."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime

from edubox.box import report
from edubox.box.health import Answer, Box, Finding, examine
from tests.box.school import School, page, settings
from tests.cli.country import edubox_json

#: What must not leave: a pupil, a teacher, an address, a Wi-Fi password, a recovery code, a class's code, a draft's title.
PLANTED = (
    "Inaya Benhaddou", "Mme Castaing", "192.0.2.77", "fe80::beef", "coquelicot-bleu", "RCVR-7Q4M-KX2P", "538214",
    "Brouillon sur les pieuvres", "college-lumiere", "/chemin/secret.key",
)  # fmt: skip
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def sown(tmp_path):
    """A box in which all of that stands wherever it may."""
    school = School(tmp_path / "box")
    everything = " ".join(PLANTED)
    school.add("pieuvres", {"index.html": page(everything)}, title=PLANTED[7])
    usage = {
        "format": 1,
        "failure_code": everything,
        "failure_sentence": everything,
        "success_from": [everything],
        "success_at": 1.0,
    }
    (school.data / "usage.json").write_text(json.dumps(usage))
    status = {"what": everything, "code": everything, "sentence": everything, "phase": everything}
    (school.data / "staging" / "status.json").write_text(json.dumps(status))
    for name in (
        "school.db",
        "keys/first-code",
        "keys/wifi.json",
        "keys/root.json",
        "control.json",
        "journal.log",
    ):
        (school.data / name).write_text(everything)
    chosen = settings(
        name=everything, sources=[f"http://{PLANTED[2]}/", everything], follow=[everything], certificate=everything,
        certificate_key=PLANTED[9], school_domain="college-lumiere.local", system_from=everything, proxy_socket=everything,
    )  # fmt: skip
    return Box(school.data, chosen)


def test_nothing_of_a_person_and_no_secret_is_in_a_report(tmp_path):
    box = sown(tmp_path)
    answers = examine(box) + [
        Answer(name, "x", Finding("broken", " ".join(PLANTED)))
        for name in ("own", "school", "keys", "sticks")
    ]
    told = report.facts(box, answers, NOW)
    archive = zipfile.ZipFile(io.BytesIO(report.as_zip(told)))
    written = "".join(archive.read(name).decode() for name in archive.namelist())
    assert len(archive.namelist()) == 2
    assert [secret for secret in PLANTED if secret in written] == []
    assert str(tmp_path) not in written, "a path may be named for somebody"
    assert "free_space" in written, "but it says how the box is"


def test_the_command_writes_the_zip_and_the_two_files_of_a_stick(tmp_path):
    school = School(tmp_path / "box")
    (school.data / "box.toml").write_text('announce = false\nname = "Mme Castaing"\n')
    (tmp_path / "stick").mkdir()
    made = edubox_json("support", "--data", school.data, "-o", tmp_path / "s.zip")
    assert made["bytes"] == (tmp_path / "s.zip").stat().st_size
    edubox_json("doctor", "--data", school.data, "--report", tmp_path / "stick", check=1)
    told = json.loads((tmp_path / "stick" / "edubox-report.json").read_text())
    assert {one["name"] for one in told["checks"]} >= {"card", "clock"}
    text = (tmp_path / "stick" / "edubox-report.txt").read_text()
    assert "Free space" in text
    assert "Castaing" not in text
