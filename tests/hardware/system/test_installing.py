"""A system on its way from the mirror to the slot that does not run, and everything that must not happen on it."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from edubox.errors import (
    BadBundle,
    BadInput,
    EduboxError,
    Expired,
    FailedSlot,
    MissingFile,
    NotFound,
    NotTrusted,
    SlotTooSmall,
    UnusablePath,
)
from edubox.hardware.slots import state
from edubox.hardware.system import device
from edubox.hardware.system.installing import INSTALLED, NOTHING, PROPOSED
from edubox.pack.erasure import Erasure
from edubox.store import slots
from edubox.store.slots import Held
from tests.hardware.system.world import BOARD, SLOT, SYSTEM
from tests.sync.country import NOW, Country


def test_a_delta_becomes_the_other_slot_and_is_tried_at_the_next_start(box, roots):
    report = box.sync()
    (entry,) = [one for one in report.packs if one["pack"] == SYSTEM]
    assert (entry["plan"], entry["state"], report.system) == ("delta", "ready", 2)
    assert entry["bytes"] < roots[1].stat().st_size / 20
    shown = []
    done = box.install(lambda what, done, total: shown.append((what, done, total)))
    assert (done.done, done.version) == (INSTALLED, 2)
    assert box.holds("b", roots[1])
    assert box.holds("a", roots[0])
    assert (box.state.good, box.state.trying, box.state.left) == ("a", "b", 2)
    held = slots.read(box.slots, "b")
    assert (held.version, held.board, held.source) == (2, BOARD, SYSTEM)
    assert slots.list_of_files(box.slots, held) is not None
    assert {what for what, _, _ in shown} == {"writing", "reading back"}
    assert box.install().done == NOTHING
    assert box.sync().system == 0


def test_a_box_that_runs_an_unknown_system_gets_the_whole_one(box, roots):
    slots.write(box.slots, "a", Held("0" * 64, 0, BOARD), b"{}")
    box.sync()
    assert box.install().done == INSTALLED
    assert box.holds("b", roots[1])


def test_what_the_image_brought_is_followed_by_what_is_published_whatever_its_number(box, roots, publisher):
    held = slots.read(box.slots, "a")
    slots.write(box.slots, "a", dataclasses.replace(held, version=0), slots.list_of_files(box.slots, held))
    box.sync()
    assert box.install().done == INSTALLED


@pytest.mark.parametrize("case", ["current", "older", "refused", "not before", "none named", "taken back"])
def test_what_needs_nothing_changes_nothing(box, roots, publisher, case):
    box.sync()
    named = SYSTEM
    held = slots.read(box.slots, "a")
    listed = slots.list_of_files(box.slots, held)
    second = publisher.images[roots[1]]
    if case == "current":
        slots.write(box.slots, "a", Held(second.id, 2, BOARD), second.to_bytes())
    elif case == "older":
        slots.write(box.slots, "a", dataclasses.replace(held, version=3), listed)
    elif case == "refused":
        slots.refuse(box.slots, second.id)
    elif case == "not before":
        publisher.publish(roots[1], roots[0], not_before="2027-01-01T00:00Z")
        box.sync()
    elif case == "none named":
        named = ""
    else:
        empty = {"manifest": "", "manifest_size": 0, "size": 0, "bundles": (), "withdrawn": True}
        publisher.publish(roots[1], roots[0], **empty)
        box.sync()
    before = box.devices["b"].read_bytes()
    assert box.install(named=named).done == NOTHING
    assert box.devices["b"].read_bytes() == before
    assert box.state.trying == ""


def test_not_before_opens_what_travelled_ahead(box, roots, publisher):
    publisher.publish(roots[2], roots[0], not_before="2026-12-01T00:00Z")
    assert box.sync().system == 3
    assert "before 2026-12-01" in box.install().sentence
    assert box.install(now=NOW + timedelta(days=8)).done == INSTALLED


def test_nothing_is_written_while_the_loader_may_need_the_other_slot(box, publisher, roots):
    box.sync()
    state.propose(box.boot, "b")
    assert "next start" in box.install().sentence
    state.keep(box.boot, "b")  # b is what the loader falls back to, a is only being tried
    assert "still being tried" in box.install().sentence
    assert slots.read(box.slots, "b") is None


def test_a_slot_that_was_written_and_not_proposed_is_proposed(box, monkeypatch):
    box.sync()
    with monkeypatch.context() as patch:
        patch.setattr(state, "propose", _no_power)
        with pytest.raises(KeyboardInterrupt):
            box.install()
    assert box.state.trying == ""
    assert box.install().done == PROPOSED
    assert box.state.trying == "b"


def _no_power(*_):
    raise KeyboardInterrupt


def test_a_bundle_that_is_not_here_is_told_and_nothing_is_touched(box):
    box.sync()
    for path in (box.data / "mirror" / "bundles").rglob("*"):
        if path.is_file():
            path.unlink()
    slots.write(box.slots, "b", Held("1" * 64, 1, BOARD), b"{}")
    assert "not here yet" in box.install().sentence
    assert slots.read(box.slots, "b") is not None


def test_a_running_slot_that_lost_a_bit_is_mended_by_the_whole_system(box, roots):
    box.sync()
    _flip(box.devices["a"], 1_000_000)
    said = box.install()
    assert (said.done, box.state.trying) == (NOTHING, "")
    assert slots.read(box.slots, "b") is None
    (entry,) = [one for one in box.sync().packs if one["pack"] == SYSTEM]
    assert entry["plan"] == "full"
    assert box.install().done == INSTALLED
    assert box.holds("b", roots[1])


def _flip(path, at):
    with path.open("r+b") as handle:
        handle.seek(at)
        byte = handle.read(1)[0]
        handle.seek(at)
        handle.write(bytes([byte ^ 1]))


def test_a_card_that_does_not_give_back_what_was_written_is_never_started(box, monkeypatch):
    box.sync()
    real = device.write

    def forgets(target, blocks, size, progress):
        hasher = real(target, blocks, size, progress)
        _flip(target, 500_000)
        return hasher

    monkeypatch.setattr(device, "write", forgets)
    with pytest.raises(FailedSlot, match="worn out"):
        box.install()
    assert box.state.trying == ""
    assert slots.read(box.slots, "b") is None


def test_a_write_that_fails_is_said_in_words(box, monkeypatch):
    box.sync()
    monkeypatch.setattr(os, "write", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    with pytest.raises(FailedSlot, match="Input/output"):
        box.install()
    assert box.state.trying == ""


# --- who is not believed -----------------------------------------------------------------------------------


def test_a_slot_that_is_too_small_is_refused_before_a_byte_is_written(box, roots):
    box.sync()
    os.truncate(box.devices["b"], roots[1].stat().st_size - 1)
    before = box.devices["b"].read_bytes()
    with pytest.raises(SlotTooSmall) as found:
        box.install()
    assert found.value.exit_code == 5
    assert box.devices["b"].read_bytes() == before


def test_the_running_slot_under_another_name_is_never_written(box):
    box.sync()
    box.devices["b"].unlink()
    box.devices["b"].symlink_to(box.devices["a"])
    with pytest.raises(UnusablePath, match="runs from"):
        box.install()


def test_the_system_of_another_board_is_refused_and_never_fetched(box, publisher, roots):
    publisher.publish(roots[1], board="rpi-arm64")
    assert box.sync().system == 0
    with pytest.raises(BadInput, match="rpi-arm64"):
        box.install()


def test_a_manifest_for_another_board_than_is_signed_is_not_tried(box, publisher, roots):
    index = publisher.publish(roots[1], board="rpi-arm64")
    lie = dataclasses.replace(index, system=BOARD, version=9)
    publisher.country.sign("pc-amd64.json", lie.to_bytes())
    box.sync()
    with pytest.raises(NotTrusted, match="rpi-arm64"):
        box.install()
    assert box.state.trying == ""


def test_a_lesson_in_the_place_of_a_system_is_refused(box, publisher):
    publisher.country.publish("pc-amd64", {"index.html": b"x"}, version=9)
    box.sync()
    with pytest.raises(BadInput, match="a lesson"):
        box.install()


@pytest.mark.parametrize("unpacked", [SLOT - 4096, 10_000])
def test_a_bundle_that_makes_more_or_less_than_was_signed_is_not_tried(box, publisher, roots, unpacked):
    index = publisher.publish(roots[2])
    (full,) = index.bundles
    lie = dataclasses.replace(
        index, size=unpacked, bundles=(dataclasses.replace(full, unpacked=unpacked),), version=9
    )
    publisher.country.sign("pc-amd64.json", lie.to_bytes())
    box.sync()
    with pytest.raises(BadBundle):
        box.install()
    assert box.state.trying == ""
    assert slots.read(box.slots, "b") is None
    assert box.holds("a", roots[0])


def test_bytes_that_make_another_manifest_than_was_signed_are_not_tried(box, publisher, roots):
    index = publisher.publish(roots[2])
    lie = dataclasses.replace(index, manifest="f" * 64, version=9)
    publisher.country.sign("pc-amd64.json", lie.to_bytes())
    box.sync()
    with pytest.raises(BadBundle, match="signed"):
        box.install()
    assert box.state.trying == ""


def test_a_bundle_that_was_changed_in_the_mirror_is_not_read(box):
    box.sync()
    (bundle,) = [path for path in (box.data / "mirror" / "bundles").rglob("*") if path.is_file()]
    bundle.chmod(0o644)
    _flip(bundle, 100)
    assert "not here yet" in box.install().sentence


def test_another_publisher_than_the_one_that_this_system_came_from_is_asked_only_when_root_says_so(
    box, publisher, roots
):
    held = slots.read(box.slots, "a")
    source = "ministry/other/pc-amd64"
    slots.write(
        box.slots, "a", dataclasses.replace(held, source=source), slots.list_of_files(box.slots, held)
    )
    box.sync()
    with pytest.raises(NotTrusted, match="ministry/other"):
        box.install()
    assert box.install(chosen=SYSTEM).done == INSTALLED


def test_the_sync_users_root_and_memory_are_not_believed(box, tmp_path, publisher):
    box.sync()
    other = Country(tmp_path / "attacker")
    (box.data / "keys" / "root.json").write_bytes(other.root)
    assert box.install().done == INSTALLED  # the country's own root is root's own
    forged = other.mirror / "directory"
    real = box.data / "mirror" / "directory"
    real.rename(tmp_path / "aside")
    forged.rename(real)
    with pytest.raises(EduboxError):
        box.install()


def test_a_link_in_the_mirror_leads_nowhere(box, tmp_path):
    box.sync()
    mirror = box.data / "mirror"
    (mirror / "directory").rename(tmp_path / "elsewhere")
    (mirror / "directory").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MissingFile):
        box.install()


def test_what_was_recalled_is_not_installed(box, publisher, roots):
    box.sync()
    recalled = Erasure(manifests=frozenset([publisher.images[roots[1]].id]))
    publisher.country.recall(recalled.to_bytes())
    with pytest.raises(NotTrusted, match="taken back"):
        (box.sync() and box.install()) or box.install()
    assert box.sync().system == 0


def test_signatures_of_last_month_hold_and_those_of_another_year_do_not(box):
    box.sync()
    with pytest.raises(Expired):
        box.install(now=NOW + timedelta(days=900))
    assert box.install(now=NOW + timedelta(days=60)).done == INSTALLED


def test_a_box_that_does_not_know_what_it_runs_says_so(box):
    box.sync()
    (box.slots / "a.json").write_text(json.dumps({"format": 1}))
    with pytest.raises(NotFound, match="slot a"):
        box.install()


# --- cut anywhere ------------------------------------------------------------------------------------------

_CHILD = """
import json, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from edubox.hardware.system.installing import Card, install
folder, root, after = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes(), int(sys.argv[3])
left = after
def dying(name):
    real = getattr(os, name)
    def call(*given, **more):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given, **more)
    setattr(os, name, call)
for name in ("write", "fsync", "open", "unlink"):
    dying(name)
card = Card(folder / "box/mirror", folder / "slots", folder / "boot", {s: folder / f"slot-{s}" for s in "ab"}, "a")
print(install(card, root, sys.argv[4], datetime(2026, 11, 24, 8, tzinfo=UTC), lambda *_: None).done, after - left)
"""


def test_a_kill_at_any_moment_leaves_the_running_slot_and_the_next_run_ends_the_work(
    box, roots, tmp_path, publisher
):
    box.sync()
    root = tmp_path / "root.json"
    root.write_bytes(publisher.country.root)
    before = box.devices["b"].read_bytes()

    def run(after):
        line = [sys.executable, "-c", _CHILD, str(tmp_path), str(root), str(after), SYSTEM]
        return subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)

    whole = run(10**9)
    assert whole.returncode == 0, whole.stderr
    calls = int(whole.stdout.split()[1])
    moments = [*random.Random(6).sample(range(1, calls), 6), calls - 3, calls - 1, calls]
    for moment in moments:
        state.keep(box.boot, "a")
        slots.write(box.slots, "b", Held("1" * 64, 0, BOARD), b"{}")
        box.devices["b"].write_bytes(before)
        assert run(moment).returncode == -signal.SIGKILL
        assert box.holds("a", roots[0])
        assert box.state.good == "a"
        assert box.state.trying == "" or box.holds("b", roots[1])
        held = slots.read(box.slots, "b")
        assert held is None or box.devices["b"].read_bytes() == before or box.holds("b", roots[1])
        box.install()
        assert box.state.trying == "b"
        assert box.holds("b", roots[1])


def test_an_installation_takes_less_memory_than_a_box_has(box, tmp_path, publisher):
    box.sync()
    root = tmp_path / "root.json"
    root.write_bytes(publisher.country.root)
    child = (
        _CHILD + "import re; print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    line = [sys.executable, "-c", child, str(tmp_path), str(root), str(10**9), SYSTEM]
    done = subprocess.run(line, capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout.split()[-1]) * 1024 <= 96 * 1024 * 1024
