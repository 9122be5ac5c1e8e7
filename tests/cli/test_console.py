"""``edubox console`` and ``edubox lamp`` as somebody types them in a terminal, or by mistake."""

from __future__ import annotations

import json

from edubox.cli import run


def test_a_look_asks_for_nothing_and_a_program_gets_no_secret(tmp_path, capsys):
    (tmp_path / "keys").mkdir()
    (tmp_path / "box.toml").write_text('name = "École"\nannounce = false\n', "utf-8")
    (tmp_path / "keys" / "first").write_text("DYXK-34KM-NPED")
    assert run(["console", "--data", str(tmp_path), "--once"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("École")
    assert "Quitter" not in shown
    assert run(["console", "--data", str(tmp_path), "--json"]) == 0
    told = capsys.readouterr().out
    assert json.loads(told)["has_code"] is True
    assert "DYXK" not in shown + told


def test_a_light_that_takes_no_orders_is_no_fault_of_the_program(tmp_path, capsys):
    (tmp_path / "ACT").mkdir()
    assert run(["lamp", "well", "--leds", str(tmp_path)]) == 2
    assert "only root" in capsys.readouterr().err
