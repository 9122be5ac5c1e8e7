"""Lists of schools as spreadsheets write them, and every mistake told before a card is touched."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.errors import BadSchools, EduboxError, NotFound
from edubox.hardware.card.request import understand
from edubox.hardware.flash import codes, schools
from edubox.hardware.flash.register import register

PLAIN = "name;hostname;languages;wifi.name;wifi.password\nÉcole Jean-Moulin;moulin;fr en;Moulin;soleil-levant-27\nCollège Aimé Césaire;cesaire;fr;;\n"


def read(tmp_path, data, base=None):
    path = tmp_path / "schools.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return schools.read(path, base or {})


def mistakes(tmp_path, data):
    with pytest.raises(BadSchools) as error:
        read(tmp_path, data)
    assert "no card was touched" in str(error.value)
    return str(error.value.details["list"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("between", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_spreadsheets_write_is_read(tmp_path, encoding, between, end):
    table = read(tmp_path, PLAIN.replace(";", between).replace("\n", end).encode(encoding))
    first, second = table.rows
    assert first.values == {
        "name": "École Jean-Moulin", "hostname": "moulin", "languages": ["fr", "en"], "wifi.name": "Moulin",
        "wifi.password": "soleil-levant-27",
    }  # fmt: skip
    assert (second.name, second.line) == ("Collège Aimé Césaire", 3)
    assert "wifi.name" not in second.values


def test_a_line_for_excel_empty_rows_and_quoted_ends_of_lines(tmp_path):
    table = read(
        tmp_path,
        'sep=;\r\nName;Wifi Name;wifi_open;Wifi-Channel\r\n"École\r\nJean ""Moulin"" ; Nord";Nord;VRAI;6\r\n;;;\r\n',
    )
    assert [dict(one.values) for one in table.rows] == [
        {"name": 'École Jean "Moulin" ; Nord', "wifi.name": "Nord", "wifi.open": True, "wifi.channel": 6}
    ]


def test_columns_about_something_else_are_left_alone_and_told(tmp_path):
    table = read(tmp_path, "name,Town,Directeur\nA,Lyon,Mme B\n")
    assert table.strange == ("Town", "Directeur")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "It is empty"),
        ("name;hostname\n", "names no school"),
        ("hostname\nx\n", "one of them must be: name"),
        ("name;name\na;b\n", "two columns name"),
        ("name;wifi.pasword\na;12345678\n", "there is no column 'wifi.pasword'. Write: wifi.password"),
        ("name;hostname\n;x\n", "Line 2: the school has no name"),
        ("name;hostname\na;x;y\n", "Line 2: it has more cells than there are columns"),
        ("name;hostname\na;Évreux 2\n", 'small letters without accents, digits, and hyphens in between. Write: hostname = "evreux-2"'),
        ("name;wifi.password\na;court\n", "Line 2: The Wi-Fi password has 5 characters"),
        ("name;wifi.name\na;Établissement français où l’on étudie\n", "phones take 32"),
        ("name;wifi.on\na;maybe\n", "wifi.on cannot be 'maybe'"),
        ("name;wifi.channel\na;6.0\n", "wifi.channel cannot be '6.0'"),
        ("name\n=SUM(A1)\n", "cannot begin with ="),
        ("name\na\nA\n", "Line 3: the name is that of line 2 already. Add the town."),
        ("name;hostname\na;x\nb;x\n", "the hostname is that of line 2 already"),
        ("name;code\na;K7QM-3XWD-9RTA\nb;K7QM-3XWD-9RTA\n", "the code is that of line 2"),
        ('name;hostname\n"a;b\nc;d\n', "not a table that can be read"),
        ("name\n" + "x" * 81 + "\n", "has 81 characters"),
        (b"name\n\xff\xfe\x82cole\n", "accent cannot be read"),
        (b"\xff\xfen\0a", "not text that can be read"),
        ("name\n" + "".join(f"s{n}\n" for n in range(600)), "more than 500 schools"),
        (b"name\n" + b"x\n" * 40_000, "longer than 64 kB"),
        ("name;reset\na;bafelomi\n", ""),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_line(tmp_path, table, said):
    if not said:
        assert read(tmp_path, table).strange == ("reset",)
        return
    assert said in mistakes(tmp_path, table)


def test_all_mistakes_are_told_at_once_and_no_password_is_repeated(tmp_path):
    told = mistakes(tmp_path, "name;hostname;wifi.password\nA;É;kürzer-ü\n;x;\nB;ok;12345678\nB;ok;\n")
    assert told.count("\n") >= 4
    assert "kürzer" not in told


def test_a_code_with_a_slip_is_found(tmp_path):
    code = codes.new_code()
    wrong = code[:-1] + codes.ALPHABET[(codes.ALPHABET.index(code[-1]) + 1) % 32]
    assert "has a slip in it" in mistakes(tmp_path, f"name;code\nA;{wrong}\n")


def test_a_card_says_what_the_image_says_where_the_list_says_nothing(tmp_path):
    base = {
        "sources": ["https://hub.example/"],
        "name": "Nobody",
        "languages": ["fr"],
        "wifi.password": "of-the-image",
    }
    table = read(tmp_path, "name;languages;wifi.open\nA;ar,fr;oui\n", base)
    asked = understand(schools.edubox_toml(base, table.rows[0].values)).values
    assert (asked["name"], asked["languages"], asked["sources"]) == (
        "A",
        ["ar", "fr"],
        ["https://hub.example/"],
    )
    assert "wifi.password" not in asked


@given(st.binary(max_size=400))
def test_any_bytes_are_a_list_or_a_mistake(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "schools.csv"
    path.write_bytes(b"name;hostname\n" + data)
    try:
        schools.read(path, {})
    except EduboxError as error:
        assert isinstance(error, BadSchools)  # noqa: PT017


def test_a_list_that_is_not_there_is_said_to_be(tmp_path):
    with pytest.raises(NotFound):
        schools.read(tmp_path / "none.csv", {})


@given(st.integers(0, 11), st.integers(1, 31))
def test_one_wrong_character_of_a_code_is_found(place, by):
    letters = list(codes.new_code().replace("-", ""))
    assert codes.is_ours("".join(letters))
    letters[place] = codes.ALPHABET[(codes.ALPHABET.index(letters[place]) + by) % 32]
    assert not codes.is_ours("".join(letters))


@given(st.integers(0, 10))
def test_two_swapped_characters_of_a_code_are_found(place):
    letters = list(codes.new_code().replace("-", ""))
    swapped = [*letters[:place], letters[place + 1], letters[place], *letters[place + 2 :]]
    assert codes.is_ours("".join(swapped)) == (swapped == letters)


def test_codes_are_made_once_kept_and_readable_by_their_owner_alone(tmp_path):
    path = tmp_path / "schools.csv"
    rows = read(tmp_path, PLAIN).rows
    with register(path, rows) as first:
        made = [first.entry(one.name).code for one in rows]
        first.finished(rows[0].name, datetime(2026, 9, 1, 18, 5, tzinfo=UTC))
        assert first.waiting() == 1
    with register(path, rows[:1]) as second:
        assert second.entry(rows[1].name).code == made[1]
        assert second.entry(rows[0].name).written == "2026-09-01 18:05"
        assert second.by_code(made[0]).name == rows[0].name
        assert second.waiting() == 0
    assert len(set(made)) == 2
    assert first.path.stat().st_mode & 0o777 == 0o600
    assert first.path.read_bytes().startswith(b"\xef\xbb\xbfname;hostname;code;written\r\n")


def test_a_school_that_has_its_card_does_not_get_another_code(tmp_path):
    path, table = tmp_path / "schools.csv", "name;code\nA;{}\n"
    rows = read(tmp_path, table.format("academy-code-1")).rows
    with register(path, rows) as held:
        held.finished("A", datetime(2026, 9, 1, tzinfo=UTC))
    rows = read(tmp_path, table.format("academy-code-2")).rows
    with pytest.raises(BadSchools, match="was written with another code"), register(path, rows):
        pass


def test_a_register_that_a_spreadsheet_saved_is_read_and_a_broken_one_is_not_lost(tmp_path):
    path = tmp_path / "schools.csv"
    rows = read(tmp_path, PLAIN).rows
    with register(path, rows) as held:
        code = held.entry(rows[0].name).code
    held.path.write_bytes(held.path.read_bytes().decode("utf-8-sig").encode("cp1252"))
    with register(path, rows) as held:
        assert held.entry(rows[0].name).code == code
    held.path.write_text('name;hostname\n"x')
    with pytest.raises(BadSchools), register(path, rows):
        pass
    assert held.path.read_text() == 'name;hostname\n"x'


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_codes_made_with_sudo_belong_to_whoever_owns_the_list(tmp_path):
    path = tmp_path / "schools.csv"
    rows = read(tmp_path, PLAIN).rows
    os.chown(path, 1234, 1235)
    with register(path, rows) as held:
        assert (held.path.stat().st_uid, held.path.stat().st_gid) == (1234, 1235)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("CM1 CM2", ["CM1", "CM2"]),
        ("CM1, Cours moyen 2", ["CM1", "Cours moyen 2"]),
        ("Petite section;", ["Petite section"]),
    ],
)
def test_levels_are_a_column_in_which_names_with_spaces_stand_between_commas(tmp_path, cell, said):
    table = read(tmp_path, f'name,Levels\nA,"{cell}"\n')
    assert table.rows[0].values["levels"] == said
    assert understand(schools.edubox_toml({}, table.rows[0].values)).values["levels"] == said


def test_a_level_that_no_box_can_read_is_told_before_a_card_is_touched(tmp_path):
    assert "Line 2: A level is one line of letters" in mistakes(tmp_path, f"name;levels\na;{'x' * 121}\n")
