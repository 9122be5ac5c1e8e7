"""Films and sounds that phones do not play are converted where ffmpeg is, within bounds, or explained."""

from __future__ import annotations

import stat
import subprocess

import pytest

from edubox.importers import converting, film_boxes
from tests import needs
from tests.importers.building import Lesson, samples


def encoded(tmp_path, name, *how):
    """A second of film or sound as *how* says; a skip without ffmpeg or without that encoder."""
    needs.programs("ffmpeg")
    target = tmp_path / "given" / name
    target.parent.mkdir()
    sources = (
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=176x144:rate=10:duration=1",
        "-f",
        "lavfi",
        "-i",
        "sine=duration=1:sample_rate=8000",
    )
    done = subprocess.run(
        ["ffmpeg", "-v", "error", *sources, *how, "-metadata", "title=Jeanne", "-metadata", "location=+48.8584+002.2945/", str(target)],
        check=False, capture_output=True,
    )  # fmt: skip
    if done.returncode:
        needs.absent("this ffmpeg lacks an encoder")
    return target.parent


@pytest.mark.parametrize(("name", "how", "becomes"), [
    ("a.mp4", ("-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", "log-level=none"), ("video", "a-2.mp4")),
    ("a.3gp", ("-c:v", "h263", "-an"), ("video", "a.mp4")), ("a.mkv", ("-c:v", "mpeg4"), ("video", "a.mp4")),
    ("a.avi", ("-c:v", "mjpeg"), ("video", "a.mp4")), ("a.wma", ("-vn",), ("audio", "a.m4a")),
])  # fmt: skip
def test_a_recording_of_any_phone_plays_on_all_and_does_not_say_where_it_was_made(
    tmp_path, name, how, becomes
):
    lesson = Lesson(tmp_path, source=encoded(tmp_path, name, *how))
    kind, path = becomes
    assert lesson.toc == [("A", kind, path)]
    assert lesson.said(name, "converted into a form that all phones play", path)
    assert name not in {file.path for file in lesson.manifest.files} - {path}
    made = film_boxes.look(lesson.folder / path)
    assert made.codecs <= {"avc1", "mp4a"}
    assert made.codecs
    assert not made.late
    data = (lesson.folder / path).read_bytes()
    assert b"Jeanne" not in data
    assert b"48.8584" not in data


def test_a_film_that_begins_late_is_put_in_order(tmp_path):
    lesson = Lesson(tmp_path, source=encoded(tmp_path, "a.mp4", "-c:v", "libx264"))
    assert lesson.toc == [("A", "video", "a.mp4")]
    assert lesson.warnings == []
    assert not film_boxes.look(lesson.folder / "a.mp4").late


@pytest.mark.parametrize("name", ["a.avi", "a.amr", "a.3gp"])
def test_what_ffmpeg_cannot_read_is_explained(tmp_path, name):
    lesson = Lesson(tmp_path, {name: b"no film at all"})
    assert lesson.manifest.items()[0].type == "file"
    assert lesson.said(name, "that most phones do not play")


def test_a_playlist_named_as_a_film_opens_no_other_file(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    lesson = Lesson(
        tmp_path, {"a.avi": f"ffconcat version 1.0\nfile {secret}\n", "b.avi": f"#EXTM3U\nfile://{secret}\n"}
    )
    assert {file.path for file in lesson.manifest.files} == {"a.avi", "b.avi"}


def program(tmp_path, monkeypatch, script):
    """A program of ours that stands for ffmpeg."""
    tool = tmp_path / "ffmpeg"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr("shutil.which", lambda name: str(tool) if name == "ffmpeg" else None)


@pytest.mark.parametrize("script", [
    'for last; do :; done; echo half > "${last#file:}"; exit 1', "exit 0", "kill -9 $$", 'for last; do :; done; : > "${last#file:}"',
])  # fmt: skip
def test_a_conversion_that_ends_badly_leaves_nothing(tmp_path, monkeypatch, script):
    program(tmp_path, monkeypatch, script)
    lesson = Lesson(tmp_path, {"a.avi": b"RIFF"})
    assert {file.path for file in lesson.manifest.files} == {"a.avi"}
    assert lesson.said("a.avi", "save it as .mp4")
    assert {path.name for path in tmp_path.iterdir()} == {"Ma leçon", "ffmpeg", "lesson.edpack", "out"}


def test_a_conversion_without_end_is_ended(tmp_path, monkeypatch):
    program(tmp_path, monkeypatch, f"echo $$ > {tmp_path}/pid; exec sleep 600")
    monkeypatch.setattr(converting, "_PATIENCE", 0.5)
    lesson = Lesson(tmp_path, {"a.avi": b"RIFF"})
    assert lesson.said("a.avi", "save it as .mp4")
    number = (tmp_path / "pid").read_text().strip()
    assert subprocess.run(["kill", "-0", number], capture_output=True, check=False).returncode


def test_the_program_runs_in_bounded_memory(tmp_path, monkeypatch):
    program(tmp_path, monkeypatch, f"ulimit -d > {tmp_path}/limit; nice > {tmp_path}/nice; exit 1")
    Lesson(tmp_path, {"a.avi": b"RIFF"})
    assert int((tmp_path / "limit").read_text()) <= 1_000_000
    assert int((tmp_path / "nice").read_text()) == 19


def test_a_sample_film_that_all_phones_play_stays_a_film(tmp_path):
    lesson = Lesson(tmp_path, source=samples("av/rabbit320.mp4"))
    assert lesson.toc == [("Rabbit320", "video", "rabbit320.mp4")]
