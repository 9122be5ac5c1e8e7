"""An ``edubox.toml`` as people write it: what any editor saves is understood, and each mistake has its sentence."""

from __future__ import annotations

import codecs
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.errors import BadCard, NotFound
from edubox.hardware.card import fields, request
from edubox.hardware.card.mistakes import SENTENCES
from edubox.pack import canonical, levels

CARD = """\
name = "École Jean-Moulin"
languages = ["fr", "en"]
country = "fr"
timezone = "Europe/Paris"
follow = [
  "ministry/starter",  # what everybody reads
  "versailles/culture",
]

[wifi]
name = "Moulin à vent"
password = "correct horse 27"
channel = 6

[ethernet]
role = "auto"
"""
PASSWORD = "grüße-an-alle"
ASKED = {
    "name": "École Jean-Moulin", "languages": ["fr", "en"], "country": "FR", "timezone": "Europe/Paris",
    "follow": ["ministry/starter", "versailles/culture"], "wifi.name": "Moulin à vent", "wifi.password": "correct horse 27",
    "wifi.channel": 6, "ethernet.role": "auto",
}  # fmt: skip
WINDOWS = CARD.replace("\n", "\r\n")


def refused(data: bytes, word: str = "") -> list[str]:
    with pytest.raises(BadCard) as caught:
        request.understand(data, word)
    mistakes = caught.value.details["mistakes"]
    for one in mistakes:
        assert "{" not in one.said("fr").replace("{ et }", ""), "a French sentence with its gaps filled"
        assert one.said("fr") != one.said("en")
    return [one.said("en") for one in mistakes]


@pytest.mark.parametrize(
    "data",
    [
        CARD.encode(), WINDOWS.encode(), codecs.BOM_UTF8 + WINDOWS.encode(), CARD.replace("\n", "\r").encode(),
        WINDOWS.encode("utf-16"), codecs.BOM_UTF16_BE + WINDOWS.encode("utf-16-be"), WINDOWS.encode("utf-16-le"),
        WINDOWS.encode("utf-16-be"), WINDOWS.encode("cp1252"),
    ],
    ids=["utf-8", "crlf", "bom", "old-mac", "utf-16", "utf-16-be", "unmarked-le", "unmarked-be", "ansi"],
)  # fmt: skip
def test_what_any_editor_saved_is_understood(data):
    asked = request.understand(data)
    assert asked.values == ASKED
    assert [one.kind for one in asked.notes] == (["old-windows"] if data == WINDOWS.encode("cp1252") else [])


#: What somebody wrote, and the sentence that they read.
WRONG = [
    ("name École", 'Line 1: There is no = sign between a name and its value. Write: name = "École"'),
    ("name =", 'Line 1: Nothing stands after the = sign. Write: name = "École Jean-Moulin"'),
    ('name : "École"', 'Line 1: There is a : where a = sign belongs. Write: name = "École"'),
    ("name = “École”", 'Line 1: The quotes are curly. Write straight ones: name = "École"'),
    ("name = École", 'Line 1: A text stands between two quotes. Write: name = "École"'),
    ('name = "École', 'Line 1: A quote is opened and not closed. Write: name = "École"'),
    ('name = ""', 'Line 1: The name of the school is empty. Write it between the quotes, like this: name = "École Jean-Moulin"'),
    (f'name = "{"é" * 81}"', "Line 1: The name of the school has 81 characters, and 80 are the most. Make it shorter."),
    ("name = 7", 'Line 1: \'name\' is one text between quotes. Write: name = "7"'),
    ('Name = "École"', 'Line 1: There is no line called \'Name\'. Write: name = "École"'),
    ('nmae = "École"', 'Line 1: There is no line called \'nmae\'. Write: name = "École"'),
    ("printer = true", "Line 1: There is no line called 'printer'. Delete it, or put a # before it."),
    ("École Jean-Moulin, Paris", 'Line 1: The box does not know this line. Put a # before it if it is a remark, or delete it. Lines are written like this: name = "École"'),
    ('name = "A"\nname = "B"', "Line 2: The line 'name' stands in line 1 already. Delete one of the two."),
    ('languages = ["Français"]', 'Line 1: Français is not the code of a language: fr is French, ar Arabic, en English. Write: languages = ["fr"]'),
    ('languages = "fr"', 'Line 1: \'languages\' is a list of texts, between [ and ]. Write: languages = ["fr"]'),
    ('follow = ["ministry/starter"', 'Line 1: A list begins with [ and does not end with ]. Write: follow = ["ministry/starter"]'),
    ('follow = ["Ministère"]', 'Line 1: Ministère is not the name of a publisher, which is authority/name in small letters without accents. Write: follow = ["ministry/starter"]'),
    ('sources = ["hub.example"]', 'Line 1: hub.example is not the address of a hub, which begins with https:// or http://. Write: sources = ["https://hub.example/"]'),
    ('levels = ["CM1", " "]', 'Line 1: A level is one line of letters, digits and signs, such as CM1. Write: levels = ["CM1"]'),
    ('levels = "CM1"', 'Line 1: \'levels\' is a list of texts, between [ and ]. Write: levels = ["CM1"]'),
    ('system_from = "ministry/edubox"', 'Line 1: ministry/edubox is not the name of a system: authority/name/system, in small letters. Write: system_from = "ministry/edubox/system-pc"'),
    ('country = "Germany"', 'Line 1: Germany is not the code of a country, which has two letters. Write: country = "DE"'),
    ('country = "UK"', 'Line 1: UK is not the code of a country, which has two letters. Write: country = "GB"'),
    ('timezone = "Dakar"', 'Line 1: There is no time zone Dakar. Write: timezone = "Africa/Dakar"'),
    ('timezone = "../../etc/passwd"', 'Line 1: There is no time zone ../../etc/passwd. Write: timezone = "Europe/Paris"'),
    ('hostname = "École Moulin"', 'Line 1: The name on the network has 1 to 63 small letters without accents, digits, and hyphens in between. Write: hostname = "ecole-moulin"'),
    ('code = "1234"', "Line 1: The one-time code has 8 to 64 letters, digits and hyphens, and no spaces. Write it between the quotes as the academy gave it."),
    ('reset = "bananes"', "Line 1: This is not the word that STATUS.txt says. Write the word that stands there today, or delete this line."),
    ('password = "abcdefgh"', "Line 1: The line 'password' belongs below [wifi]. Move it there."),
    ('[wifi]\ntimezone = "Europe/Paris"', "Line 2: The line 'timezone' belongs at the top, above [wifi]. Move it there."),
    ("[wlan]\non = true", "Line 1: There is no section [wlan]. Write [wifi] or [ethernet]."),
    ("[wifi\non = true", "Line 1: The name of a section stands alone between brackets. Write: [wifi]"),
    ('wifi = { name = "Moulin" }', "Line 1: The lines of a section stand below its name, not between { and }. Write: [wifi]"),
    ("[wifi]\non = oui", "Line 2: 'on' is either true (yes) or false (no), without quotes. Write: on = true"),
    ('[wifi]\nopen = "false"', "Line 2: 'open' is either true (yes) or false (no), without quotes. Write: open = false"),
    ('[wifi]\nchannel = "11"', "Line 2: 'channel' is a number, without quotes. Write: channel = 11"),
    ("[wifi]\nchannel = 14", "Line 2: There is no channel 14. There are 1 to 13, 36, 40, 44, 48, 149 to 165, and 0 lets the box choose. Write: channel = 6"),
    ('[wifi]\nname = "École élémentaire de la République"', 'Line 2: The name of the Wi-Fi is too long: phones take 32, this one has 38 (a letter with an accent counts as two). Write for instance: name = "École élémentaire de la"'),
    ('[wifi]\npassword = "court"', "Line 2: The Wi-Fi password has 5 characters, and phones want at least 8. Write a longer one, or delete the line: the box then makes one."),
    (f'[wifi]\npassword = "{PASSWORD}"', "Line 2: The Wi-Fi password has letters that not every phone can type. Choose one of a to z, A to Z, digits and the usual signs, or delete the line: the box then makes one."),
    (f"[wifi]\npassword = {PASSWORD}", 'Line 2: A text stands between two quotes. Write: password = "…"'),
    ('[wifi]\npassword = "abcdefgh"\nopen = true', "Line 3: A Wi-Fi that is open (true) has no password, and line 2 gives one. Delete one of the two lines."),
    ('[ethernet]\nrole = "Host"', 'Line 2: Host is not possible for the cable. "auto" looks first, "guest" is a guest in the network of the school, "host" gives addresses to access points. Write: role = "host"'),
    ('[ethernet]\nrole = "C:\\host"', 'Line 2: A \\ cannot stand in a text. Use / instead. Write: role = "C:/host"'),
    ('name = "École" Jean', 'Line 1: There is a quote inside the text, or something stands behind it. Two quotes are enough. Write: name = "École Jean"'),
    ('name = "Collège "Les Pins""', 'Line 1: There is a quote inside the text, or something stands behind it. Two quotes are enough. Write: name = "Collège Les Pins"'),
    ('name = "a\\tb"', 'Line 1: The name of the school is one line of letters, digits and signs. Write it like this: name = "a b"'),
    ('sources = ["hub.edu.sn", "https://a.example/"]', 'Line 1: hub.edu.sn is not the address of a hub, which begins with https:// or http://. Write: sources = ["https://hub.edu.sn/", "https://a.example/"]'),
    ('country = "Sénégal"', 'Line 1: Sénégal is not the code of a country, which has two letters. Write: country = "SN"'),
    ('country = "Narnia"', 'Line 1: Narnia is not the code of a country. Write the two letters of yours, as here those of France: country = "FR"'),
    ('languages = ["fr", "arabe", "anglais"]', 'Line 1: arabe is not the code of a language: fr is French, ar Arabic, en English. Write: languages = ["fr", "ar", "en"]'),
    ("languages = []", 'Line 1: At least one language is needed. Write: languages = ["fr", "en"]'),
    ('follow = ["ministry/starter", "Versailles/Culture générale"]', 'Line 1: Versailles/Culture générale is not the name of a publisher, which is authority/name in small letters without accents. Write: follow = ["ministry/starter", "versailles/culture-generale"]'),
    ('[wifi]\npassword = "abc\\defgh"', "Line 2: A \\ in a password or a code is written twice: \\\\"),
    ('[wifi]\nname = "\\t"', 'Line 2: The name of the Wi-Fi is one line of letters, digits and signs. Write: name = "Moulin"'),
    (f'[wifi]\npassword = "{"a" * 64}"', "Line 2: The Wi-Fi password has 64 characters, and phones take at most 63. Write a shorter one, or delete the line: the box then makes one."),
    ('system_from = "Ministry/Edubox/System PC"', 'Line 1: Ministry/Edubox/System PC is not the name of a system: authority/name/system, in small letters. Write: system_from = "ministry/edubox/system-pc"'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), WRONG, ids=[text[:30] for text, _ in WRONG])
def test_a_wrong_line_is_told_with_what_to_write_instead(text, sentence):
    assert refused(text.encode(), "bafelomi") == [sentence]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            b'name = "Ecole"\nfollow = []\n[wifi]\nname = "caf\x82"',
            "Line 4: A letter with an accent cannot be read. Type it again and save the file with the encoding UTF-8.",
        ),
        (
            'name = "École"\n'.encode() + '[wifi]\nname = "café"'.encode("cp1252"),
            "Line 3: A letter with an accent cannot be read. Type it again and save the file with the encoding UTF-8.",
        ),
        (
            codecs.BOM_UTF16_LE + b"n",
            "The file is not text that can be read. Open it with Notepad and save it again, with the encoding UTF-8.",
        ),
        (
            b"# \n" * 30_000,
            "The file is longer than 64 kB. Write it anew from the example, with the lines that you need.",
        ),
    ],
    ids=["dos", "mixed", "cut", "long"],
)
def test_a_wrong_file_is_told(data, sentence):
    assert refused(data) == [sentence]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file():
    told = refused(b'timezone = "Mars"\nname = 7\n[wifi]\non = yes\nchannel = 99\n[lan]\n')
    assert [one.partition(":")[0] for one in told] == ["Line 1", "Line 2", "Line 4", "Line 5", "Line 6"]


def test_no_sentence_repeats_a_password_or_a_code():
    told = refused(
        f'code = "{PASSWORD}!"\n[wifi]\npassword = ‘{PASSWORD}’\npasword = "{PASSWORD}"\n'.encode()
    )
    assert len(told) == 3
    assert not [one for one in told if PASSWORD in one]


def test_every_sentence_is_there_in_both_languages():
    assert all(len(both) == 2 and all(both) for both in SENTENCES.values())


def test_a_line_without_a_value_asks_for_nothing():
    assert request.understand(b'hostname = ""\nsources = []\n[wifi]\npassword = ""').values == {}
    assert request.understand(b"").values == {}


def test_a_file_that_we_write_asks_for_what_it_was_given():
    made = fields.dump(ASKED)
    assert made.count(b"\r\n") == made.count(b"\n")
    asked = request.understand(made)
    assert asked.values.items() >= ASKED.items()
    assert {key: asked.values[key] for key in asked.values.keys() - ASKED.keys()} == {
        field.key: field.default
        for field in fields.FIELDS
        if field.key not in ASKED and field.default not in ("", [])
    }


def test_the_examples_of_the_table_are_possible_and_those_of_secrets_are_not():
    for field in fields.FIELDS:
        text = f"[{field.section}]\n" * bool(field.section) + fields.line(field, field.example)
        if field.taken:
            assert refused(text.encode(), "bafelomi"), "nobody copies a secret that forty schools would share"
        elif field.key != "wifi.open":
            assert request.understand(text.encode()).values == {field.key: field.example}


@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
    )
)
def test_whatever_bytes_there_are_they_are_understood_or_told(data):
    try:
        asked = request.understand(data)
    except BadCard as error:
        told = error.details["mistakes"]
    else:
        told = asked.values.keys() <= fields.BY_KEY.keys()
    assert told


def test_what_is_understood_is_what_toml_says():
    told = tomllib.loads(CARD)
    asked = request.understand(CARD.encode()).values
    flat = {key: value for key, value in told.items() if not isinstance(value, dict)}
    flat |= {
        f"{section}.{key}": value for section in ("wifi", "ethernet") for key, value in told[section].items()
    }
    assert asked == flat | {"country": "FR"}


LEVELS = levels.read(canonical.write({
    "format": 1, "level": [
        {"id": "voc-10", "name": {"fr": "Cours moyen 1", "en": "CM1 (age 9)"}, "short": {"fr": "CM1"}},
        {"id": "voc-11", "name": {"fr": "Sixième", "en": "6e (age 11)"}, "short": {"fr": "6e"}},
    ],
}))  # fmt: skip


def test_levels_are_written_as_the_country_calls_them_or_by_their_ids():
    asked = request.understand('levels = ["cm1", "Sixième", "voc-10", "6E"]'.encode(), "", LEVELS)
    assert asked.values == {"levels": ["cm1", "Sixième", "voc-10", "6E"]}
    assert not asked.notes


def test_a_level_that_the_country_does_not_have_is_told_with_one_that_it_has():
    with pytest.raises(BadCard) as caught:
        request.understand('name = "École"\nlevels = ["CM1", "Sixieme B"]'.encode(), "", LEVELS)
    (mistake,) = caught.value.details["mistakes"]
    assert (
        mistake.said("en")
        == 'Line 2: Sixieme B is not a level of this country. Write for instance: levels = ["CM1", "Sixième"]'
    )
    assert mistake.said("fr").startswith("Ligne 2 : Sixieme B n’est pas un niveau de ce pays.")


def test_before_the_country_is_known_levels_are_taken_as_they_stand_and_that_is_said():
    asked = request.understand(b'levels = ["Sixieme B"]')
    assert asked.values == {"levels": ["Sixieme B"]}
    (note,) = asked.notes
    assert "come with the first lessons" in note.said("en")


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(NotFound, match=r"edubox\.toml"):
        request.read(tmp_path / "edubox.toml")


def test_the_page_says_every_line_with_its_default_and_help():
    page = (Path(__file__).parents[3] / "docs" / "card.md").read_text("utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    for field in fields.FIELDS:
        name = f"[{field.section}] {field.name}" if field.section else field.name
        assert field.help in rows[name], name
        assert f"`{fields.line(field, field.default).partition(' = ')[2]}`" in rows[name], name
    assert len(rows) == len(fields.FIELDS)
