"""A file that is served while it comes: what is there at once, the rest when it is there, the last byte when it is right."""

from __future__ import annotations

import os
import threading

import pytest

from edubox.store.arriving import Arriving


@pytest.fixture
def path(tmp_path):
    (tmp_path / "file").write_bytes(b"0123456789")
    return tmp_path / "file"


def test_a_reader_gets_what_is_there_and_the_last_byte_when_the_file_is_right(path):
    arriving = Arriving(path, 10, 4)
    reader = arriving.reader(lambda: None)
    assert (reader.ready(), reader.read(100), reader.ready(), reader.read(5)) == (True, b"0123", False, b"")
    arriving.grew(10)
    assert reader.read(100) == b"45678"
    assert not reader.ready()
    arriving.end(whole=True)
    assert (reader.ready(), reader.read(100)) == (True, b"9")
    reader.close()


def test_a_reader_of_a_file_that_failed_hears_it(path):
    arriving = Arriving(path, 10, 10)
    reader = arriving.reader(lambda: None)
    arriving.end(whole=False)
    assert reader.ready()
    with pytest.raises(OSError, match="did not arrive"):
        reader.read(1)
    reader.close()


def test_a_reader_seeks_in_the_file_as_long_as_it_will_be(path):
    arriving = Arriving(path, 100, 10)
    reader = arriving.reader(lambda: None)
    assert reader.seek(0, os.SEEK_END) == 100
    assert (reader.seek(3), reader.read(2), reader.tell()) == (3, b"34", 5)
    assert reader.seek(-1, os.SEEK_CUR) == 4
    reader.close()


def test_whoever_waits_is_woken_and_the_file_may_lose_its_name_meanwhile(path):
    arriving, woken = Arriving(path, 10, 0), []
    patient, quick = arriving.reader(None), arriving.reader(lambda: woken.append(1))
    path.unlink()
    got = []
    thread = threading.Thread(target=lambda: got.append(patient.read(3)))
    thread.start()
    arriving.grew(5)
    thread.join(10)
    arriving.end(whole=True)
    assert got == [b"012"]
    assert woken
    assert quick.read(2) == b"01"
    for one in (patient, quick):
        one.close()


def test_a_file_without_bytes_is_there_when_it_is_right(tmp_path):
    (tmp_path / "empty").touch()
    arriving = Arriving(tmp_path / "empty", 0, 0)
    reader = arriving.reader(lambda: None)
    assert not reader.ready()
    arriving.end(whole=True)
    assert (reader.ready(), reader.read(5)) == (True, b"")
    reader.close()
