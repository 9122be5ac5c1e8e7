"""The catalogues: complete, up to date, and free of the words that pupils never read."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from edubox.pages.words import CATALOGUES, direction, language_name, preferred, translations

ROOT = Path(__file__).parents[2]
FORBIDDEN = {
    # With the particles and the article that Arabic writes together with the word.
    "ar": r"[وفبكل]{0,2}(?:ال|لل)?(?:حزم(?:ة|تان|تين)?|رزم(?:ة|تان|تين)?|بيان(?:ان|ين)?|مرآة|مرايا|ناشر\w*|نشر\w*|منشور\w*|[تي]نشر\w*|(?:مت)?زامن\w*|[مت]زامن\w*|مزامنة|توقيع\w*|تواقيع)",
    "en": r"packs?|manifests?|bundles?|mirrors?|publish\w*|hubs?|sync\w*|sign(?:s|ed|ature\w*)?",
    "fr": r"packs?|paquets?|manifestes?|miroirs?|[ée]diteurs?|publi\w*|hubs?|bundles?|synchro\w*|sign(?:er|é\w*|ature\w*|ataire\w*)",
    "es": r"packs?|paquetes?|manifiestos?|espejos?|editor\w*|publica\w*|hubs?|bundles?|sincroni\w*|firm(?:as?|ar|ad[oa]s?|antes?)",
    "pt": r"packs?|pacotes?|manifestos?|espelhos?|editor\w*|publica\w*|hubs?|bundles?|sincroni\w*|assin(?:ar|ad[oa]s?|aturas?)",
}


def catalogue(language):
    with (CATALOGUES / language / "LC_MESSAGES" / "edubox.po").open("rb") as handle:
        return read_po(handle, locale=language)


def texts(message):
    return list(message.string) if isinstance(message.string, tuple | list) else [message.string]


@pytest.fixture(scope="module")
def extracted(tmp_path_factory):
    target = tmp_path_factory.mktemp("messages") / "edubox.pot"
    subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "packaging/babel.cfg", "-k",
         "_ ngettext:1,2 Notice", "-o", target, "edubox"], cwd=ROOT, check=True,
    )  # fmt: skip
    with target.open("rb") as handle:
        return {str(message.id) for message in read_po(handle) if message.id}


@pytest.mark.parametrize("language", FORBIDDEN)
def test_every_sentence_is_translated_and_none_is_left_over(language, extracted):
    known = {str(message.id): message for message in catalogue(language) if message.id}
    assert known.keys() == extracted, "run make messages"
    for message in known.values():
        assert all(texts(message)), f"not translated: {message.id}"
        assert not message.fuzzy, f"unsure: {message.id}"


@pytest.mark.parametrize("language", FORBIDDEN)
def test_pupils_never_read_the_words_of_the_machinery(language):
    pattern = re.compile(rf"\b(?:{FORBIDDEN[language]})\b", re.IGNORECASE)
    said = [text for message in catalogue(language) if message.id for text in texts(message)]
    assert not [text for text in said if pattern.search(text)]


def test_the_guard_knows_the_words():
    for word in ("Sync", "synchronisé", "miroir", "éditeur", "signature", "publié", "paquet"):
        assert re.search(rf"\b(?:{FORBIDDEN['fr']}|{FORBIDDEN['en']})\b", word, re.IGNORECASE)
    assert not re.search(rf"\b(?:{FORBIDDEN['fr']})\b", "un signe, une leçon", re.IGNORECASE)
    for word in (
        "حزمة",
        "الحزم",
        "وبالمرآة",
        "الناشر",
        "نُشر".replace("ُ", ""),
        "المزامنة",
        "تزامن",
        "بالتوقيع",
        "البيان",
    ):
        assert re.search(rf"\b(?:{FORBIDDEN['ar']})\b", word)
    assert not re.search(rf"\b(?:{FORBIDDEN['ar']})\b", "بيانات، موقع، إشارة، درس")
    for word in ("paquete", "espejo", "editores", "publicado", "sincronización", "firma"):
        assert re.search(rf"\b(?:{FORBIDDEN['es']})\b", word, re.IGNORECASE)
    assert not re.search(
        rf"\b(?:{FORBIDDEN['es']})\b", "página, público, firme, confirma, afirmar", re.IGNORECASE
    )
    for word in ("pacote", "espelho", "editora", "publicado", "sincronizar", "assinatura"):
        assert re.search(rf"\b(?:{FORBIDDEN['pt']})\b", word, re.IGNORECASE)
    assert not re.search(rf"\b(?:{FORBIDDEN['pt']})\b", "página, público, assinalar, assim", re.IGNORECASE)


@pytest.mark.parametrize("language", FORBIDDEN)
def test_placeholders_survive_translation(language):
    for message in catalogue(language):
        if message.id and not isinstance(message.id, tuple | list):
            wanted = sorted(re.findall(r"%\(\w+\)[sd]", message.id))
            assert sorted(re.findall(r"%\(\w+\)[sd]", message.string)) == wanted, message.id


def test_french_signs_keep_their_space():
    bad = [
        text
        for message in catalogue("fr")
        if message.id
        for text in texts(message)
        if re.search(r" [?!;:»]|« ", text)
    ]
    assert not bad, "a sign must not begin a line: use a no-break space"


def test_french_is_compiled_and_an_unknown_language_speaks_english():
    assert translations("fr").gettext("Begin") == "Commencer"
    assert translations("xx").gettext("Begin") == "Begin"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "fr"), ("en", "en"), ("en-GB,en;q=0.9", "en"), ("de,en;q=0.5,fr;q=0.4", "en"), ("fr;q=0.2,en;q=0.8", "en"),
        ("*", "fr"), ("ar", "fr"), ("en;q=0", "fr"), (";;;,q=,\x00", "fr"), ("en;q=9" * 5000, "fr"), ("EN-us", "en"),
    ],
)  # fmt: skip
def test_the_browser_s_language_is_heard(accepted, language):
    assert preferred(accepted, ("fr", "en")) == language


def test_languages_know_their_direction_and_name():
    assert (direction("ar"), direction("fr-CA"), language_name("fr-FR"), language_name("zz")) == (
        "rtl",
        "ltr",
        "Français",
        "zz",
    )
