"""``edubox hotspot show`` and ``edubox poster`` as a technician types them."""

from __future__ import annotations

import json

import pytest

from edubox.cli import run
from edubox.hardware.hotspot import state
from edubox.hardware.hotspot.apply import Done
from tests.box.secure.authority import Authority

FOUND = state.State(address="10.87.3.1", wifi="École", password="tgvb-butb-surg", channel=6, carries=(7, 10), cables={"eth0": "host"}, wrong=("x",))  # fmt: skip


def test_show_says_everything_but_the_password(tmp_path, capsys):
    (tmp_path / state.FILE).write_bytes(state.dump(FOUND))
    assert run(["hotspot", "show", "--run", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "about 7 to 10 devices" in told
    assert "http://10.87.3.1/" in told
    assert "Wrong: x" in told
    assert run(["hotspot", "show", "--run", str(tmp_path), "--json"]) == 0
    shown = capsys.readouterr().out
    assert json.loads(shown)["cables"] == {"eth0": "host"}
    assert FOUND.password not in told + shown


def test_without_a_network_there_is_no_poster_and_no_file(tmp_path, capsys):
    (tmp_path / state.FILE).write_bytes(state.dump(state.State()))
    arguments = ["poster", "-o", str(tmp_path / "p.pdf"), "--data", str(tmp_path), "--run", str(tmp_path)]
    assert run(arguments) == 2
    assert "edubox hotspot show" in capsys.readouterr().err
    (tmp_path / state.FILE).write_bytes(state.dump(FOUND))
    assert run(arguments) == 0
    assert (tmp_path / "p.pdf").read_bytes().startswith(b"%PDF")


@pytest.fixture
def applied(tmp_path, monkeypatch):
    """``apply`` for a box with a certificate for a name, in a computer without cables and radio; gives what was decided of its names."""
    authority = Authority(tmp_path / "authority")
    (tmp_path / "box.toml").write_text(
        "".join(
            f"{name} = {json.dumps(value)}\n"
            for name, value in authority.settings("box.school.example").items()
        )
    )
    seen = []

    def apply(wish, names, run, networkd, wrong):
        seen.append((names, list(wrong)))
        return Done(state.State(address="10.87.3.1", portal=names.portal, wrong=tuple(wrong)), (), ())

    monkeypatch.setattr("edubox.hardware.hotspot.apply.apply", apply)
    monkeypatch.setattr("edubox.hardware.hotspot.apply.start", lambda _: None)

    def again():
        assert run(["hotspot", "apply", "--data", str(tmp_path)]) == 0
        return seen[-1]

    return authority, again


def test_phones_are_told_of_the_greeting_while_they_would_believe_the_certificate(
    applied, monkeypatch, capsys
):
    authority, again = applied
    names, wrong = again()
    assert names.known == "box.school.example"
    assert names.portal == ""
    assert "Phones would not believe the certificate for box.school.example" in wrong[0]
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.trusted))
    names, wrong = again()
    assert (names.portal, wrong) == ("https://box.school.example:8443/welcome/api", [])
    assert "Phones are told to ask at https://box.school.example:8443/welcome/api" in capsys.readouterr().out
    authority.settings("box.school.example", days=-1)  # it ended, in its place
    names, wrong = again()
    assert names.portal == ""
    assert "it ended on" in wrong[0]
