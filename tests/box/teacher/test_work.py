"""The bench: one child at a time, nothing done twice, and a death without a word is said."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from edubox.box.teacher.work import Bench, said, tell, telling
from edubox.errors import EmptyPack

#: Writes its start and its end into the file that it is given, then ends as it is told.
_CHILD = """
import sys, os, time
log, how = sys.argv[1], sys.argv[2]
with open(log, "a") as out: print("begin", how, os.getpid(), file=out, flush=True)
if how == "wait": time.sleep(60)
if how == "hoard":
    time.sleep(0.2)
    try: bytearray(250_000_000)
    except MemoryError: how = "poor"
if how == "die": os.kill(os.getpid(), 9)
with open(log, "a") as out: print("end", how, file=out, flush=True)
sys.exit(how == "fail")
"""


@pytest.fixture
def bench():
    made = Bench([sys.executable, "-c", _CHILD])
    yield made
    made.close()


def words(log):
    return [line.split()[:2] for line in log.read_text().splitlines()] if log.exists() else []


def test_children_work_one_after_the_other(tmp_path, bench):
    log = tmp_path / "log"
    for how in ("one", "two", "three"):
        assert bench.start([str(log), how])
    assert bench.wait(30)
    assert words(log) == [[step, how] for how in ("one", "two", "three") for step in ("begin", "end")]


def test_the_same_that_waits_is_done_once(tmp_path):
    log = tmp_path / "log"
    bench = Bench([sys.executable, "-c", _CHILD])
    bench._thread = object()  # nobody works yet
    for _ in range(5):
        bench.start([str(log), "one"])
    assert len(bench._waiting) == 1
    assert bench.busy([str(log), "one"])
    assert not bench.busy([str(log), "two"])


@pytest.mark.parametrize("how", ["die", "fail"])
def test_a_child_that_dies_without_a_word_has_failed_and_the_next_one_works(tmp_path, bench, how):
    log, note = tmp_path / "log", tmp_path / "progress.json"
    bench.start([str(log), how], note)
    bench.start([str(log), "next"])
    assert bench.wait(30)
    assert (said(note)["state"], said(note)["error"]) == ("failed", "ended")
    assert words(log)[-1] == ["end", "next"]


def test_a_child_has_no_more_memory_than_a_box_can_spare(tmp_path, bench):
    log = tmp_path / "log"
    bench.start([str(log), "hoard"])
    assert bench.wait(30)
    assert words(log) == [["begin", "hoard"], ["end", "poor"]]


def test_a_child_that_takes_too_long_is_ended(tmp_path):
    bench = Bench([sys.executable, "-c", _CHILD], longest=0.5)
    log, note = tmp_path / "log", tmp_path / "progress.json"
    bench.start([str(log), "wait"], note)
    assert bench.wait(30)
    assert said(note)["state"] == "failed"
    bench.close()


def test_closing_ends_what_runs(tmp_path, bench):
    log = tmp_path / "log"
    bench.start([str(log), "wait"])
    while not words(log):
        bench.wait(0.05)
    child = int(log.read_text().split()[2])
    bench.close()
    assert bench.wait(30)
    with pytest.raises(ProcessLookupError):
        os.kill(child, signal.SIGCONT)
    assert not bench.start([str(log), "one"])


def test_a_piece_of_work_says_how_far_it_is_and_why_it_failed(tmp_path):
    note = tmp_path / "progress.json"
    with telling(note) as show:
        show("pages", 1, 3)
        assert said(note) == {"state": "working", "what": "pages", "done": 1, "total": 3}
    assert said(note)["state"] == "done"
    with pytest.raises(EmptyPack), telling(note):
        raise EmptyPack(path="x")
    assert (said(note)["state"], said(note)["error"]) == ("failed", "empty-pack")


def test_telling_of_a_draft_that_has_gone_is_no_error(tmp_path):
    tell(tmp_path / "gone" / "progress.json", "working")
    assert said(tmp_path / "gone" / "progress.json") == {}
