"""From text to lines that say something: TOML, read one line after the other so that every mistake is found, not the first.

Each ``name = value`` is read by itself with the standard library's TOML (a list may go over several lines). What that refuses
is looked at for what people do who write no TOML otherwise, so that the answer says which line to write instead.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from typing import Any

from edubox.hardware.card.decoding import Decoded
from edubox.hardware.card.fields import BY_KEY, FIELDS, SECTIONS, Field, line
from edubox.hardware.card.mistakes import Mistake

#: Lines that one list may go over.
_LONGEST_LIST = 100
_HEADER = re.compile(r"\[\s*([\w-]*)\s*\]\s*(?:#.*)?\Z")
_BEGINS = re.compile(r"\s*(?:[A-Za-z_][\w.-]*\s*[=:]|\[\s*[a-z]+\s*\]\s*(?:#.*)?\Z)")
_NAMED = re.compile(r"\s*[\"']?([A-Za-z_][\w.-]*)[\"']?\s*(.*)\Z", re.DOTALL)
_CURLY = re.compile(r"[“”„‟«»‘’″]")
_YES_NO = {
    "true": True, "yes": True, "on": True, "oui": True, "vrai": True, "false": False, "no": False, "off": False, "non": False,
    "faux": False,
}  # fmt: skip
#: Characters of something found in the file that a sentence repeats.
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is said: *value* for the *field*, in *line* (from 1) and, for a list, the lines after it."""

    field: Field
    value: Any
    line: int


def parse(decoded: Decoded) -> tuple[list[Entry], list[Mistake]]:
    """What the text says, and what in it cannot be understood. Which values are possible is not looked at here."""
    rows = decoded.lines()
    entries: list[Entry] = []
    mistakes: list[Mistake] = []
    section: str | None = ""
    at = 0
    while at < len(rows):
        number, row = at + 1, rows[at].strip()
        at += 1
        if not row or row.startswith("#"):
            continue
        if row.startswith("["):
            section, mistake = _section(row, number)
            mistakes += [mistake] if mistake else []
            continue
        value, used = _value(rows, at - 1)
        at += used - 1
        if section is None:
            continue  # of a section that does not exist: its name is the mistake
        found = _entry(row, value, number, section)
        if isinstance(found, Mistake):
            mistakes.append(found)
        elif (first := next((one for one in entries if one.field is found.field), None)) is not None:
            mistakes.append(Mistake(number, "twice", {"found": found.field.name, "first": str(first.line)}))
        else:
            entries.append(found)
    return entries, mistakes


def shown(value: object) -> str:
    """*value* as a sentence repeats it: cut, on one line, printable."""
    text = str(value)[: _SHOWN + 1]
    text = "".join(one if one.isprintable() else "?" for one in text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _section(row: str, number: int) -> tuple[str | None, Mistake | None]:
    """The section that the line *row* in brackets begins, None for one that is none; and what is wrong with it."""
    header = _HEADER.match(row)
    name = (header[1] if header else row.strip("[] ")).lower()
    if header and header[1] in SECTIONS[1:]:
        return name, None
    if name in SECTIONS:
        return name, Mistake(number, "header", {"write": f"[{name}]"})
    return None, Mistake(number, "section", {"found": shown(row)})


def _value(rows: list[str], begin: int) -> tuple[dict[str, Any] | None, int]:
    """What TOML makes of the line at *begin*, None if it refuses; and how many lines that took: a list may take several."""
    most = _LONGEST_LIST if re.search(r"=\s*\[", rows[begin]) else 1
    for used in range(1, most + 1):
        if used > 1 and (begin + used > len(rows) or _BEGINS.match(rows[begin + used - 1])):
            break
        try:
            return tomllib.loads("\n".join(rows[begin : begin + used])), used
        except (ValueError, RecursionError):
            continue
    return None, 1


def _entry(row: str, parsed: dict[str, Any] | None, number: int, section: str) -> Entry | Mistake:
    """What the line *row* below *section* says, of which TOML made *parsed*."""
    named = _NAMED.match(row)
    if named is None:
        return Mistake(number, "stray")
    name, rest = named[1], named[2]
    if name in SECTIONS and rest.startswith("="):
        return Mistake(number, "braces", {"write": f"[{name}]"})
    field = BY_KEY.get(name if "." in name else f"{section}.{name}".lstrip("."))
    if field is None or ("." in name and section):
        return _stranger(name, rest, number, section)
    if parsed is None:
        return _explained(field, rest, number)
    while isinstance(parsed, dict):
        parsed = next(iter(parsed.values()))
    return _typed(field, parsed, number)


def _stranger(name: str, rest: str, number: int, section: str) -> Mistake:
    """What to say of a line called *name* that there is not in *section*."""
    if not re.match(r"[=:]", rest):
        return Mistake(number, "stray")
    last = name.rpartition(".")[2].lower()
    here = [field for field in FIELDS if field.section == section]
    elsewhere = [field for field in FIELDS if field.name == last and field.section != section]
    if elsewhere and last not in {field.name for field in here}:
        kind = "place" if elsewhere[0].section else "place-top"
        return Mistake(number, kind, {"found": last, "section": elsewhere[0].section})
    names = {field.name: field for field in here}
    if close := difflib.get_close_matches(last, names, 1):
        field = names[close[0]]
        return Mistake(
            number, "similar", {"found": shown(name), "write": line(field, _meant(field, rest[1:]))}
        )
    return Mistake(number, "unknown", {"found": shown(name)})


def _explained(field: Field, rest: str, number: int) -> Mistake:
    """What is wrong with the line of *field* that goes on with *rest* behind its name, and that TOML refuses."""
    value = rest[1:].strip()
    if rest.startswith(":"):
        kind = "colon"
    elif not rest.startswith("="):
        kind = "no-equals"
        value = rest.strip()
    elif not value or value.startswith("#"):
        kind = "no-value"
    elif _CURLY.search(value):
        kind = "curly"
    elif isinstance(field.default, list) and value.startswith("[") and not value.endswith("]"):
        kind = "open-list"
    elif "\\" in value:
        kind = "backslash-secret" if field.taken else "backslash"
    elif value[0] in "\"'":
        kind = "open-quote" if value.count(value[0]) == 1 else "inner-quote"
    elif isinstance(field.default, str):
        kind = "no-quotes"
    else:
        kind = _kind(field)
    return Mistake(number, kind, {"found": field.name, "write": line(field, _meant(field, value))})


def _typed(field: Field, value: Any, number: int) -> Entry | Mistake:
    """*value* for *field*, or what kind of value it takes."""
    texts = not isinstance(value, list) or all(isinstance(one, str) for one in value)
    if type(value) is type(field.default) and texts:
        return Entry(field, value, number)
    return Mistake(
        number, _kind(field), {"found": field.name, "write": line(field, _meant(field, str(value)))}
    )


def _kind(field: Field) -> str:
    """The mistake of who writes another kind of value for *field*."""
    if isinstance(field.default, bool):
        return "yes-no"
    return {int: "number", str: "text", list: "list"}[type(field.default)]


def _meant(field: Field, written: str) -> str | int | bool | list[str]:
    """What somebody may have meant who wrote *written* for *field*; its example if that is a guess, or a secret."""
    text = _CURLY.sub("", written.replace("\\", "/")).strip().strip("\"'[]").strip()
    default = field.default
    if isinstance(default, bool):
        return _YES_NO.get(text.lower(), default)
    if isinstance(default, int):
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else field.example
    sayable = text and text.isprintable() and not re.search(r"[\"'#=\[\]{}]", text) and len(text) <= _SHOWN
    if isinstance(default, str) and not field.taken and not sayable:
        # A quote inside, or something behind the last one: what was meant is the text without them.
        text = " ".join(re.sub(r"[\"#=\[\]{}]", " ", text).split())
        sayable = bool(text) and text.isprintable() and len(text) <= _SHOWN
    if field.taken or not sayable:
        return field.example
    if isinstance(default, list):
        return [one.strip() for one in text.split(",") if one.strip()]
    return text
