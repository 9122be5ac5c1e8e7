"""The country file: the names of a country's tiers, levels and subjects, checked before it is published.

Written by hand as TOML, published as canonical JSON with the same keys, as the directory's target
``country.json``. A box believes it because it is signed; so what would break a page must be found here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from edubox.errors import BadIdentifier, BadInput, BadManifest
from edubox.pack import canonical, wording
from edubox.pack.names import check_part
from edubox.trust.directory import MAX_COUNTRY_FILE

_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")
_COLOUR = re.compile(r"#[0-9a-f]{6}\Z")
_DAY = re.compile(r"[01]\d-[0-3]\d\Z")
_KEYS = {
    "format", "id", "name", "languages", "tier", "level", "subject", "school_id", "school_year", "year", "words",
}  # fmt: skip


def to_bytes(described: Mapping[str, Any], name: str) -> bytes:
    """The canonical bytes of a country file for the country called *name*. Raises BadInput with what is wrong."""
    if described.get("format") != 1 or (strange := described.keys() - _KEYS):
        what = (
            f"it has an unknown field {min(strange)!r}"
            if described.get("format") == 1
            else "format must be 1"
        )
        raise BadInput(reason=f"the country file: {what}")
    languages = described.get("languages")
    if (
        not isinstance(languages, list)
        or not languages
        or not all(_matches(_LANGUAGE, one) for one in languages)
    ):
        raise BadInput(reason='the country file: languages must be a list such as ["fr", "en"]')
    if not name.strip() or len(name) > 200:
        raise BadInput(reason="the name of the country must be a line of at most 200 characters")
    value = {**described, "name": dict.fromkeys(languages, name)}
    try:
        check_part(str(value.get("id")))
        for kind in ("tier", "level", "subject"):
            _check_entries(value, kind, languages)
        _check_schools(value, languages)
        _check_years(value.get("year", []))
        _check_words(value.get("words", {}))
        data = canonical.write(value)
    except (BadIdentifier, BadManifest) as error:
        raise BadInput(reason=f"the country file: {error}") from None
    if len(data) > MAX_COUNTRY_FILE:
        raise BadInput(reason=f"the country file: it has {len(data)} bytes, boxes take {MAX_COUNTRY_FILE}")
    return data


def tiers(value: Mapping[str, Any]) -> list[str]:
    """The ids of the tiers of a published country file: what a publisher's *kind* may be."""
    return [str(entry["id"]) for entry in value["tier"]]


def unlisted(value: Mapping[str, Any], metadata: Mapping[str, Any]) -> list[str]:
    """Sentences about the levels and subjects of a lesson's *metadata* that a published country file does not have."""
    said = []
    for kind, field in (("level", "educationalLevel"), ("subject", "about")):
        known = {entry.get("id") for entry in value.get(kind, ()) if isinstance(entry, dict)}
        said += [
            f"this country has no {kind} {one!r}, so the lesson stands on the page of none"
            for one in metadata.get(field, [])
            if one not in known
        ]
    return said


def _check_entries(value: Mapping[str, Any], kind: str, languages: list[str]) -> None:
    entries = value.get(kind)
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise BadInput(reason=f"the country file: it needs at least one [[{kind}]]")
    known: set[str] = set()
    for entry in entries:
        found = entry.get("id")
        if not isinstance(found, str) or found in known:
            raise BadInput(reason=f"the country file: a {kind} has no id of its own ({found!r})")
        check_part(found)  # a level and a subject have pages, whose addresses end with it
        known.add(found)
        _check_names(entry.get("name"), f"{kind} {found}", languages)
        if "short" in entry and isinstance(entry["short"], dict):
            _check_names(entry["short"], f"{kind} {found}", languages)
        if "colour" in entry and not _matches(_COLOUR, entry["colour"]):
            raise BadInput(reason=f"the country file: the colour of {found} must be like #12ab9f")


def _check_names(names: object, what: str, languages: list[str]) -> None:
    if not isinstance(names, dict) or not all(
        isinstance(names.get(language), str) and names[language].strip() for language in languages
    ):
        raise BadInput(reason=f"the country file: {what} needs a name in each of {', '.join(languages)}")


def _check_words(tables: object) -> None:
    """Raises BadInput."""
    for language, table in wording.languages(tables).items():
        for english, forms in wording.sentences(table["messages"]):
            if isinstance(forms, str):
                raise BadInput(reason=f"the country file: {english[:60]!r} of words.{language} {forms}")


def _check_schools(value: Mapping[str, Any], languages: list[str]) -> None:
    scheme, year = value.get("school_id"), value.get("school_year")
    if scheme is not None:
        _check_names(scheme.get("name") if isinstance(scheme, dict) else None, "school_id", languages)
        try:
            re.compile(scheme["pattern"])
        except (KeyError, TypeError, re.error):
            raise BadInput(
                reason="the country file: school_id needs a pattern, a regular expression"
            ) from None
    if year is not None and not (
        isinstance(year, dict) and _matches(_DAY, year.get("begins")) and _matches(_DAY, year.get("ends"))
    ):
        raise BadInput(reason='the country file: school_year needs begins and ends, such as "09-01"')


def _check_years(entries: Any) -> None:
    """Raises BadInput unless each year ends after it begins, and before the next one begins."""
    last = date.min
    years: list[Any] = entries if isinstance(entries, list) else [entries]
    for entry in years:
        try:
            begins, ends = (date.fromisoformat(entry[key]) for key in ("begins", "ends"))
        except (KeyError, TypeError, ValueError):
            raise BadInput(
                reason='the country file: a [[year]] needs begins and ends, such as "2026-09-01"'
            ) from None
        if not last < begins < ends:
            raise BadInput(reason=f"the country file: the year that begins {begins} is not in its place")
        last = ends


def _matches(pattern: re.Pattern[str], text: object) -> bool:
    return isinstance(text, str) and pattern.match(text) is not None
