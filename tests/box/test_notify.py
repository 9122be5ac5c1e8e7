"""What the service manager hears of a box: that it answers, once a second that it lives, and nothing from its children."""

from __future__ import annotations

import os
import socket

import pytest

from edubox.box import notify


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    """The socket that a service manager listens at."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield sock


def test_the_manager_hears_each_word_by_itself(systemd):
    tell = notify.manager()
    for word in (notify.READY, notify.ALIVE, notify.ENDING):
        tell(word)
        assert systemd.recv(100) == word.encode()


def test_a_name_of_the_kernels_own_list_is_found(monkeypatch):
    name = f"edubox-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(f"\0{name}")
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        notify.manager()(notify.READY)
        assert sock.recv(100) == b"READY=1"


@pytest.mark.usefixtures("systemd")
def test_children_cannot_say_that_the_server_lives():
    notify.manager()
    assert "NOTIFY_SOCKET" not in os.environ


def test_without_a_manager_or_with_one_that_is_gone_nothing_happens(systemd, monkeypatch):
    tell = notify.manager()
    systemd.close()
    tell(notify.ALIVE)
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify.manager()(notify.ALIVE)


def test_a_manager_that_does_not_listen_is_not_waited_for(systemd):
    tell = notify.manager()
    for _ in range(100_000 // len(notify.ALIVE)):
        tell(notify.ALIVE)
