"""Passwords: which ones are refused, and how they are kept."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from edubox.box.accounts import passwords
from edubox.errors import Crowded, WeakPassword
from edubox.trust import passwords as shared
from tests.box.desk_client import PASSWORD, SECRET


@pytest.mark.parametrize("password", [
    "password", "Motdepasse1", "motdepasse!", "MotDePasse2026", "mot de passe", "12345678", "azertyuiop", "AZERTYUI", "qwertyuiop",
    "987654321", "aaaaaaaa", "12121212", "0612345678", "24121984", "Adminadmin", "edubox2026", "Collège Moulin", "jeanne", "",
    "Jeanne Dupont", "jeannedupont", "bonjour123", "a" * 201,
])  # fmt: skip
def test_what_everybody_tries_first_is_refused(password):
    with pytest.raises(WeakPassword):
        passwords.check(password, "Jeanne Dupont", "Collège Moulin")


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "correct horse battery",
        "Tr0ub4dor&3",
        "mon chat noir",
        "密码是一个很长的句子",
        "x7!kQ p2",
        "Jeanne aime 3 chats",
    ],
)
def test_what_is_long_enough_and_nobody_s_first_guess_is_taken(password):
    passwords.check(password, "Jeanne Dupont", "Collège Moulin", "")


def test_a_password_is_kept_as_argon2id_at_the_stated_cost_with_another_salt_each_time():
    one, other = passwords.hashed(PASSWORD), passwords.hashed(PASSWORD)
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != other
    assert passwords.is_right(one, PASSWORD)
    assert passwords.is_right(SECRET, PASSWORD)
    assert not passwords.is_right(one, PASSWORD + " ")
    assert not passwords.is_outdated(one)


def test_the_same_characters_are_the_same_password_whatever_keyboard_composed_them():
    assert passwords.is_right(passwords.hashed("été à Noël"), "e\u0301te\u0301 a\u0300 Noe\u0308l")


@pytest.mark.parametrize("secret", ["", "nonsense", "$argon2id$v=19$m=19456,t=2,p=1$x$y"])
def test_an_account_without_a_password_is_opened_by_none(secret):
    for password in ("", secret, PASSWORD):
        assert not passwords.is_right(secret, password)


def test_one_password_is_tried_at_a_time_a_few_wait_and_the_others_are_told(monkeypatch):
    began, go_on, at_once, most = threading.Semaphore(0), threading.Event(), [], []

    class Slow:
        def hash(self, _password):
            at_once.append(1)
            most.append(len(at_once))
            began.release()
            go_on.wait(30)
            at_once.pop()
            return "x"

    monkeypatch.setattr(shared, "_hasher", Slow)
    monkeypatch.setattr(shared, "_PATIENCE", 30)
    monkeypatch.setattr(shared, "_places", threading.BoundedSemaphore(shared.QUEUE))
    taken, results = threading.Semaphore(0), []
    real = shared._places.acquire

    def acquire(*, blocking):
        done = real(blocking=blocking)
        taken.release()
        return done

    monkeypatch.setattr(shared._places, "acquire", acquire)
    threads = [
        threading.Thread(target=lambda: results.append(passwords.hashed("x"))) for _ in range(passwords.QUEUE)
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert taken.acquire(timeout=30)
    assert began.acquire(timeout=30)
    with pytest.raises(Crowded):
        passwords.hashed("x")
    go_on.set()
    for thread in threads:
        thread.join()
    assert results == ["x"] * passwords.QUEUE
    assert max(most) == 1
    assert passwords.hashed("x") == "x", "there is room again"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_serving_process_gives_the_memory_of_a_password_back():
    program = f"""
from edubox.box.accounts import passwords
from edubox.store.server import _share_one_heap

def kilobytes(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name + ":"))

_share_one_heap()
passwords.is_outdated({SECRET!r})  # the library is there
before = kilobytes("VmRSS")
for _ in range(4):
    assert passwords.is_right({SECRET!r}, {PASSWORD!r})
assert kilobytes("VmRSS") - before < 4096, kilobytes("VmRSS") - before
assert kilobytes("VmHWM") - before < 24 * 1024, kilobytes("VmHWM") - before
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
