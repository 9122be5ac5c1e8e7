"""Every sentence about an ``edubox.toml`` that cannot be applied, in English and French: what is wrong, and what to write.
Beside them what could not be done, and why.

The card is read by a technician in the field, who has this sentence and nobody to ask. It never repeats a password or a code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from edubox.errors import BadCard

LANGUAGES = ("en", "fr")
#: Mistakes that are told of one file: nobody reads more at once.
MOST = 30

#: By kind: the English and the French sentence. ``write`` is always the whole line as it should be.
SENTENCES = {
    # The file as a whole
    "too-long": (
        "The file is longer than {limit} kB. Write it anew from the example, with the lines that you need.",
        "Le fichier dépasse {limit} ko. Refaites-le à partir de l’exemple, avec les lignes nécessaires.",
    ),
    "unreadable": (
        "The file is not text that can be read. Open it with Notepad and save it again, with the encoding UTF-8.",
        "Le fichier n’est pas un texte lisible. Ouvrez-le avec le Bloc-notes et enregistrez-le à nouveau, avec l’encodage UTF-8.",
    ),
    "accents": (
        "A letter with an accent cannot be read. Type it again and save the file with the encoding UTF-8.",
        "Une lettre accentuée est illisible. Retapez-la et enregistrez le fichier avec l’encodage UTF-8.",
    ),
    # How a line is written
    "no-equals": (
        "There is no = sign between a name and its value. Write: {write}",
        "Il manque le signe = entre le nom et la valeur. Écrivez : {write}",
    ),
    "no-value": (
        "Nothing stands after the = sign. Write: {write}",
        "Il n’y a rien après le signe =. Écrivez : {write}",
    ),
    "colon": (
        "There is a : where a = sign belongs. Write: {write}",
        "Il y a un : à la place du signe =. Écrivez : {write}",
    ),
    "curly": (
        "The quotes are curly. Write straight ones: {write}",
        "Les guillemets ne sont pas droits. Écrivez-les ainsi : {write}",
    ),
    "no-quotes": (
        "A text stands between two quotes. Write: {write}",
        "Un texte s’écrit entre deux guillemets droits. Écrivez : {write}",
    ),
    "open-quote": (
        "A quote is opened and not closed. Write: {write}",
        "Un guillemet est ouvert et n’est pas fermé. Écrivez : {write}",
    ),
    "inner-quote": (
        "There is a quote inside the text, or something stands behind it. Two quotes are enough. Write: {write}",
        "Il y a un guillemet dans le texte, ou quelque chose derrière. Deux guillemets suffisent. Écrivez : {write}",
    ),
    "open-list": (
        "A list begins with [ and does not end with ]. Write: {write}",
        "Une liste commence par [ et ne finit pas par ]. Écrivez : {write}",
    ),
    "backslash": (
        "A \\ cannot stand in a text. Use / instead. Write: {write}",
        "Le signe \\ n’est pas permis dans un texte. Mettez / à la place. Écrivez : {write}",
    ),
    "backslash-secret": (
        "A \\ in a password or a code is written twice: \\\\",
        "Dans un mot de passe ou un code, le signe \\ s’écrit deux fois : \\\\",
    ),
    "syntax": (
        "This line cannot be understood. Write: {write}",
        "Cette ligne est incompréhensible. Écrivez : {write}",
    ),
    "stray": (
        'The box does not know this line. Put a # before it if it is a remark, or delete it. Lines are written like this: name = "École"',
        'Le boîtier ne connaît pas cette ligne. Mettez un # devant si c’est une remarque, ou supprimez-la. Une ligne s’écrit ainsi : name = "École"',
    ),
    "header": (
        "The name of a section stands alone between brackets. Write: {write}",
        "Le nom d’une section est seul entre crochets. Écrivez : {write}",
    ),
    "braces": (
        "The lines of a section stand below its name, not between {{ and }}. Write: {write}",
        "Les lignes d’une section se placent sous son nom, non entre {{ et }}. Écrivez : {write}",
    ),
    # Which line it is
    "section": (
        "There is no section {found}. Write [wifi] or [ethernet].",
        "Il n’y a pas de section {found}. Écrivez [wifi] ou [ethernet].",
    ),
    "unknown": (
        "There is no line called '{found}'. Delete it, or put a # before it.",
        "La ligne « {found} » n’existe pas. Supprimez-la, ou mettez un # devant.",
    ),
    "similar": (
        "There is no line called '{found}'. Write: {write}",
        "La ligne « {found} » n’existe pas. Écrivez : {write}",
    ),
    "place": (
        "The line '{found}' belongs below [{section}]. Move it there.",
        "La ligne « {found} » se place sous [{section}]. Déplacez-la.",
    ),
    "place-top": (
        "The line '{found}' belongs at the top, above [wifi]. Move it there.",
        "La ligne « {found} » se place en haut, au-dessus de [wifi]. Déplacez-la.",
    ),
    "twice": (
        "The line '{found}' stands in line {first} already. Delete one of the two.",
        "La ligne « {found} » figure déjà à la ligne {first}. Supprimez l’une des deux.",
    ),
    # What it says
    "yes-no": (
        "'{found}' is either true (yes) or false (no), without quotes. Write: {write}",
        "« {found} » vaut true (oui) ou false (non), sans guillemets. Écrivez : {write}",
    ),
    "number": (
        "'{found}' is a number, without quotes. Write: {write}",
        "« {found} » est un nombre, sans guillemets. Écrivez : {write}",
    ),
    "text": (
        "'{found}' is one text between quotes. Write: {write}",
        "« {found} » est un seul texte entre guillemets. Écrivez : {write}",
    ),
    "list": (
        "'{found}' is a list of texts, between [ and ]. Write: {write}",
        "« {found} » est une liste de textes, entre [ et ]. Écrivez : {write}",
    ),
    "name-empty": (
        "The name of the school is empty. Write it between the quotes, like this: {write}",
        "Le nom de l’école est vide. Écrivez-le entre les guillemets, ainsi : {write}",
    ),
    "name-long": (
        "The name of the school has {value} characters, and {most} are the most. Make it shorter.",
        "Le nom de l’école compte {value} caractères ; {most} au plus. Raccourcissez-le.",
    ),
    "name-lines": (
        "The name of the school is one line of letters, digits and signs. Write it like this: {write}",
        "Le nom de l’école tient sur une ligne de lettres, chiffres et signes. Écrivez-le ainsi : {write}",
    ),
    "languages": (
        "{value} is not the code of a language: fr is French, ar Arabic, en English. Write: {write}",
        "{value} n’est pas le code d’une langue : fr pour le français, ar pour l’arabe, en pour l’anglais. Écrivez : {write}",
    ),
    "no-languages": (
        "At least one language is needed. Write: {write}",
        "Il faut au moins une langue. Écrivez : {write}",
    ),
    "country": (
        "{value} is not the code of a country, which has two letters. Write: {write}",
        "{value} n’est pas le code d’un pays, qui a deux lettres. Écrivez : {write}",
    ),
    "country-unknown": (
        "{value} is not the code of a country. Write the two letters of yours, as here those of France: {write}",
        "{value} n’est pas le code d’un pays. Écrivez les deux lettres du vôtre, comme ici celles de la France : {write}",
    ),
    "timezone": (
        "There is no time zone {value}. Write: {write}",
        "Le fuseau horaire {value} n’existe pas. Écrivez : {write}",
    ),
    "hostname": (
        "The name on the network has 1 to 63 small letters without accents, digits, and hyphens in between. Write: {write}",
        "Le nom sur le réseau compte de 1 à 63 minuscules sans accent, chiffres, et traits d’union entre eux. Écrivez : {write}",
    ),
    "sources": (
        "{value} is not the address of a hub, which begins with https:// or http://. Write: {write}",
        "{value} n’est pas l’adresse d’un serveur, qui commence par https:// ou http://. Écrivez : {write}",
    ),
    "follow": (
        "{value} is not the name of a publisher, which is authority/name in small letters without accents. Write: {write}",
        "{value} n’est pas le nom d’un éditeur, qui est autorité/nom en minuscules sans accent. Écrivez : {write}",
    ),
    "levels": (
        "A level is one line of letters, digits and signs, such as CM1. Write: {write}",
        "Un niveau tient sur une ligne de lettres, chiffres et signes, comme CM1. Écrivez : {write}",
    ),
    "level-unknown": (
        "{value} is not a level of this country. Write for instance: {write}",
        "{value} n’est pas un niveau de ce pays. Écrivez par exemple : {write}",
    ),
    "system": (
        "{value} is not the name of a system: authority/name/system, in small letters. Write: {write}",
        "{value} n’est pas le nom d’un système : autorité/nom/système, en minuscules. Écrivez : {write}",
    ),
    "many": (
        "'{found}' has more than {most} entries. Keep those that this school needs.",
        "« {found} » a plus de {most} valeurs. Gardez celles dont l’école a besoin.",
    ),
    "code": (
        "The one-time code has 8 to 64 letters, digits and hyphens, and no spaces. Write it between the quotes as the academy gave it.",
        "Le code à usage unique compte de 8 à 64 lettres, chiffres et traits d’union, sans espace. Écrivez-le entre les guillemets, tel que l’académie l’a donné.",
    ),
    "reset": (
        "This is not the word that STATUS.txt says. Write the word that stands there today, or delete this line.",
        "Ce n’est pas le mot indiqué dans STATUS.txt. Écrivez le mot qui s’y trouve aujourd’hui, ou supprimez cette ligne.",
    ),
    "wifi-name": (
        "The name of the Wi-Fi is one line of letters, digits and signs. Write: {write}",
        "Le nom du Wi-Fi tient sur une ligne de lettres, chiffres et signes. Écrivez : {write}",
    ),
    "wifi-name-long": (
        "The name of the Wi-Fi is too long: phones take 32, this one has {value} (a letter with an accent counts as two). Write for instance: {write}",
        "Le nom du Wi-Fi est trop long : 32 au plus, celui-ci fait {value} (une lettre accentuée compte pour deux). Par exemple : {write}",
    ),
    "password-short": (
        "The Wi-Fi password has {value} characters, and phones want at least 8. Write a longer one, or delete the line: the box then makes one.",
        "Le mot de passe du Wi-Fi compte {value} caractères ; il en faut au moins 8. Choisissez-en un plus long, ou supprimez la ligne : le boîtier en fera un.",
    ),
    "password-long": (
        "The Wi-Fi password has {value} characters, and phones take at most 63. Write a shorter one, or delete the line: the box then makes one.",
        "Le mot de passe du Wi-Fi compte {value} caractères ; 63 au plus. Choisissez-en un plus court, ou supprimez la ligne : le boîtier en fera un.",
    ),
    "password-letters": (
        "The Wi-Fi password has letters that not every phone can type. Choose one of a to z, A to Z, digits and the usual signs, or delete the line: the box then makes one.",
        "Le mot de passe du Wi-Fi contient des lettres que tous les téléphones ne savent pas taper. Prenez-en un de a à z, A à Z, chiffres et signes courants, ou supprimez la ligne : le boîtier en fera un.",
    ),
    "open-password": (
        "A Wi-Fi that is open (true) has no password, and line {first} gives one. Delete one of the two lines.",
        "Un Wi-Fi ouvert (true) n’a pas de mot de passe, et la ligne {first} en donne un. Supprimez l’une des deux lignes.",
    ),
    "channel": (
        "There is no channel {value}. There are 1 to 13, 36, 40, 44, 48, 149 to 165, and 0 lets the box choose. Write: {write}",
        "Le canal {value} n’existe pas. Il y a 1 à 13, 36, 40, 44, 48, 149 à 165, et 0 pour laisser choisir le boîtier. Écrivez : {write}",
    ),
    "role": (
        '{value} is not possible for the cable. "auto" looks first, "guest" is a guest in the network of the school, "host" gives addresses to access points. Write: {write}',
        '« {value} » n’est pas possible pour le câble. "auto" regarde d’abord, "guest" est invité dans le réseau de l’école, "host" donne des adresses à des bornes. Écrivez : {write}',
    ),
    # What could not be done
    "no-data": (
        "The data partition was not found: nothing can be kept. Push the card in again, or flash a new one.",
        "La partition de données est introuvable : rien ne peut être conservé. Remettez la carte, ou préparez-en une autre.",
    ),
    "no-country": (
        "The image on this card knows no country, so no lesson can be checked. Build the image again, with its country.",
        "L’image de cette carte ne connaît aucun pays : aucune leçon ne peut être vérifiée. Refaites l’image, avec son pays.",
    ),
    "box": (
        "The box could not be made ready ({reason}). It is tried again at the next start.",
        "Le boîtier n’a pas pu être préparé ({reason}). Un nouvel essai aura lieu au prochain démarrage.",
    ),
    "grow": (
        "The data partition could not take the whole card ({reason}). The box works with the room that it has.",
        "La partition de données n’a pas pu occuper toute la carte ({reason}). Le boîtier fonctionne avec la place disponible.",
    ),
    "boot": (
        "The boot partition could not be written ({reason}). A password that was taken may still stand in edubox.toml.",
        "La partition de démarrage n’a pas pu être écrite ({reason}). Un mot de passe déjà lu peut encore figurer dans edubox.toml.",
    ),
    "names": (
        "The system could not be told its name or its time zone ({reason}).",
        "Le système n’a pas pu recevoir son nom ou son fuseau horaire ({reason}).",
    ),
    # No mistake, but worth knowing
    "no-file": (
        "There is no edubox.toml on the card. The box goes on with what it has.",
        "Il n’y a pas de fichier edubox.toml sur la carte. Le boîtier continue avec ce qu’il a.",
    ),
    "levels-later": (
        "The levels are taken as they are written: those of the country come with the first lessons. If one is not among them, the page “State of the box” says so.",
        "Les niveaux sont repris tels quels : ceux du pays arrivent avec les premières leçons. Si l’un d’eux n’en fait pas partie, la page « État du boîtier » le dira.",
    ),
    "old-windows": (
        "The file was saved in the older Windows encoding (ANSI). Its accents were understood; save it as UTF-8 next time.",
        "Le fichier était enregistré dans l’ancien encodage de Windows (ANSI). Les accents ont été compris ; la prochaine fois, UTF-8.",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in *line* (from 1; 0: in the whole file); *details* fill the sentence of its *kind*."""

    line: int
    kind: str
    details: Mapping[str, str] = field(default_factory=dict)

    def said(self, language: str) -> str:
        """The sentence for a person, in French for ``fr`` and English for any other language."""
        french = language == "fr"
        sentence = SENTENCES[self.kind][french].format(**self.details)
        if not self.line:
            return sentence
        return f"Ligne {self.line} : {sentence}" if french else f"Line {self.line}: {sentence}"

    def in_both(self) -> dict[str, str]:
        """The sentence by language."""
        return {language: self.said(language) for language in LANGUAGES}


def in_both(mistakes: Iterable[Mistake]) -> str:
    """All of *mistakes*, one a line in each language."""
    return "\n".join(one.said(language) for one in mistakes for language in LANGUAGES)


def refuse(*mistakes: Mistake) -> BadCard:
    """The error that says all of *mistakes*, in the order of the file."""
    told = sorted(mistakes, key=lambda one: one.line)[:MOST]
    return BadCard(mistakes=told, list="\n".join(one.said("en") for one in told))
