"""Snippets of lessons with and without personal data, varied by a seed, that the checks were written with.

Each snippet is one line or one list, as it would stand in a worksheet. The positives are made up: valid by form, of nobody.
"""

from __future__ import annotations

import random

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
FIRST = (
    "Léa",
    "Hugo",
    "Awa",
    "Yanis",
    "Zoé",
    "Jean-Baptiste",
    "Inès",
    "Noé",
    "Fatoumata",
    "Chloé",
    "Mehdi",
    "Anaïs",
    "Élodie",
    "Moussa",
)
LAST = (
    "DUPONT",
    "MARTIN",
    "DIALLO",
    "BEN ALI",
    "LE GALL",
    "GARCÍA",
    "N'DIAYE",
    "DE SOUZA",
    "LEFÈVRE",
    "NGUYEN",
    "EL AMRANI",
    "PETIT-JEAN",
)


def positives(seed: int = 5) -> list[tuple[str, str]]:
    """(kind, snippet): phone, mail, ine or list."""
    chance = random.Random(seed)
    made = [("phone", _phone(chance, number)) for number in range(110)]
    made += [("mail", _mail(chance, number)) for number in range(50)]
    made += [("ine", _ine(chance, number)) for number in range(50)]
    return made + [("list", _list(chance, number)) for number in range(50)]


def negatives(seed: int = 7) -> list[str]:
    """Snippets of schoolbooks that only look like it."""
    chance = random.Random(seed)
    makers = (
        lambda: f"ISBN 978-2-{chance.randint(10, 99)}-{chance.randint(100000, 999999)}-{chance.randint(0, 9)}",
        lambda: f"ISBN 2-07-{chance.randint(100000, 999999)}-{chance.choice('0123456789X')}",
        lambda: f"Le {_day(chance)}, à {chance.randint(8, 18)} h {chance.randint(10, 59)}, le bateau part.",
        lambda: f"Calcule {_grouped(chance)} + {_grouped(chance)} = ……",
        lambda: f"La Terre a {chance.randint(7, 8)} {chance.randint(100, 999)} {chance.randint(100, 999)} {chance.randint(100, 999)} habitants.",
        lambda: f"π ≈ 3,1415926535 et √2 ≈ 1,41421{chance.randint(10000, 99999)}",
        lambda: f"0,{chance.randint(10**9, 10**10 - 1)} × 100",
        lambda: f"Continue : 0{chance.randint(1, 4)} 10 15 20 25 30 35 40",
        lambda: "01 02 03 04 05 06 07 08 09 10",
        lambda: f"x = 0{chance.randint(600000000, 799999999)}",
        lambda: f"Range dans l’ordre : {', '.join(str(chance.randint(10, 99)) for _ in range(9))}.",
        lambda: " ".join(f"{chance.randint(0, 99):02}" for _ in range(10)),
        lambda: f"SIRET {chance.randint(100, 999)} {chance.randint(100, 999)} {chance.randint(100, 999)} {chance.randint(10000, 99999)}",
        lambda: f"{chance.randint(10**9, 10**10 - 1)} ÷ {chance.randint(2, 99)}",
        lambda: f"Un article : EAN {chance.randint(10**12, 10**13 - 1)}.",
        lambda: f"{chance.randint(100000000, 999999999)}KM",
        lambda: f"La distance est de {chance.randint(100, 149)} {chance.randint(100, 999)} {chance.randint(100, 999)} km.",
        lambda: f"De 0{chance.randint(1, 9)}-09-{chance.randint(1914, 1999)} à 11-11-{chance.randint(1914, 1999)}.",
        lambda: "01 23 45 67 89 sont les dix chiffres.",
        lambda: f"Dans le film, il appelle le 01 99 00 {chance.randint(10, 99)} {chance.randint(10, 99)}.",
        lambda: f"Écris à prenom.nom@exemple.{chance.choice(('fr', 'com', 'org'))} pour t’entraîner.",
        lambda: f"![photo](image@{chance.randint(2, 3)}x.png)",
        lambda: "Le signe @ (arobase) sépare le nom et le domaine.",
        lambda: f"def carre(x): return x**{chance.randint(2, 9)}  # @property",
        lambda: f"{chance.randint(-90, 90)}.{chance.randint(100000, 999999)}, {chance.randint(-179, 179)}.{chance.randint(100000, 999999)}",
        lambda: f"Victor HUGO ({chance.randint(1790, 1810)}-{chance.randint(1870, 1890)}), poète.",
        lambda: "\n".join(f"{name} ({chance.randint(1600, 1850)}–{chance.randint(1851, 1950)})" for name in ("Victor HUGO", "Émile ZOLA", "Jean RACINE", "Marie CURIE", "Louis PASTEUR", "Jean MOULIN")),
        lambda: "\n".join(f"{one} : {chance.randint(100, 999)} {chance.randint(100, 999)} habitants" for one in ("PARIS", "LYON", "LILLE", "NANTES", "BREST", "NICE")),
        lambda: "LA LUNE\nLE SOLEIL\nMARS\nJupiter\nSaturne\nVénus",
        lambda: "Alger Algérie\nDakar Sénégal\nLomé Togo\nTunis Tunisie\nRabat Maroc\nBamako Mali",
        lambda: "\n".join(f"{number}. Exercice {chance.randint(1, 99)} page {chance.randint(10, 99)}" for number in range(1, 8)),
        lambda: f"Réf. {chance.randint(10**9, 10**10 - 1)}{chance.choice('IOQ')}",
        lambda: f"Code UAI 0{chance.randint(100000, 999999)}A",
        lambda: f"+{chance.randint(1, 9)} {chance.randint(100, 999)} − {chance.randint(100, 999)} = ?",
        lambda: f"(-{chance.randint(1, 9)}) + (+{chance.randint(10, 99)}) + (+{chance.randint(10, 99)})",
        lambda: f"Version {chance.randint(1, 9)}.{chance.randint(10, 99)}.{chance.randint(10, 99)}.{chance.randint(10, 99)}",
        lambda: f"192.168.{chance.randint(0, 255)}.{chance.randint(1, 254)}",
        lambda: f"0{chance.randint(1, 9)}/{chance.randint(10, 12)}/{chance.randint(1900, 2026)} – 0{chance.randint(1, 9)}/{chance.randint(10, 12)}/{chance.randint(1900, 2026)}",
        lambda: f"En binaire : {chance.getrandbits(12):012b}",
        lambda: f"La vitesse de la lumière est de 299 792 458 m/s ; il faut {chance.randint(100, 999)} s.",
    )  # fmt: skip
    return [make() for _ in range(6) for make in makers]


def _phone(chance: random.Random, number: int) -> str:
    # Not the numbers that are set aside for fiction.
    pairs = [
        f"{chance.choice((10, 21, 37, 45, 58, 63, 72, 84, 96)) + chance.randint(0, 3):02}" for _ in range(4)
    ]
    first = chance.choice("12345679")
    apart = chance.choice((" ", ".", "-", "\u00a0", ""))
    national = f"0{first}{apart}{apart.join(pairs)}"
    foreign = chance.choice((
        f"+212 6{pairs[0][0]}{pairs[1][0]}-{pairs[2]}{pairs[3]}{pairs[0]}", f"+221 77 {pairs[0]}7 {pairs[1]} {pairs[2]}",
        f"+32 4{pairs[0]} {pairs[1]} {pairs[2]} {pairs[3]}", f"+41 79 {pairs[0]}1 {pairs[1]} {pairs[2]}", f"+49 151 {pairs[0]}{pairs[1]}{pairs[2]}{pairs[3]}",
        f"+1 (514) {pairs[0]}5-{pairs[1]}{pairs[2]}", f"+225 07 {' '.join(pairs)}", f"+44 7{pairs[0]}1 {pairs[1]}{pairs[2]}{pairs[3]}", f"+34 6{pairs[0]} {pairs[1]}1 {pairs[2]}2",
        f"00213 5{pairs[0]} {pairs[1]} {pairs[2]} {pairs[3]}", f"+262 692 {' '.join(pairs[:3])}", f"+352 621 {pairs[0]}3 {pairs[1]}6",
    ))  # fmt: skip
    forms = (
        national, f"+33{apart}{first}{apart}{apart.join(pairs)}", f"+33 (0){first} {' '.join(pairs)}", f"0033 {first} {' '.join(pairs)}",
        foreign, foreign, f"0{first} / {' / '.join(pairs)}", national,
    )  # fmt: skip
    around = (
        "{}", "Tél. : {}", "Appelle la mère de Léa au {}.", "Contact {} (le soir)", "{} – Mme Petit", "portable:{}", "Sortie du 12/05 : {}, demander Paul",
        "M. Martin\t{}", "Urgence {} ou {}", "Questions ? {}",
    )  # fmt: skip
    return around[number % len(around)].replace("{}", forms[number % len(forms)])


def _mail(chance: random.Random, number: int) -> str:
    name = f"{chance.choice(('lea', 'hugo.b', 'awa_d', 'prof-svt', 'j.dupont'))}{chance.randint(1, 99)}"
    host = chance.choice(
        (
            "ac-lyon.fr",
            "gmail.com",
            "orange.fr",
            "ent.iledefrance.fr",
            "laposte.net",
            "ecole.edu.sn",
            "yahoo.co.uk",
        )
    )
    sign = chance.choice(("@", "@", "@", " @ ", "(at)", " [at] "))
    around = ("{}", "Écris à {}.", "<{}>", "Rendre le devoir : {} avant lundi", "mailto:{}", "({})")
    return around[number % len(around)].replace("{}", f"{name}{sign}{host}")


def _ine(chance: random.Random, number: int) -> str:
    digits = f"{chance.randint(10**9, 10**10 - 1)}"
    old = f"{digits}{LETTERS[int(digits) % 23]}"
    new = f"{chance.randint(10**8, 10**9 - 1)}{chance.choice('ABCDEFGHJ')}{chance.choice('ABCDEFG')}"
    apprentice = f"{chance.randint(1000, 9999)}A{chance.randint(10000, 99999)}{chance.choice(LETTERS)}"
    spaced = f"INE : {new[:4]} {new[4:8]} {new[8:]}"
    forms = (old, new, apprentice, spaced, f"INE {old}", f"identifiant national : {new}")
    around = ("{}", "DUPONT Léa {}", "{} ; 6e B", "Élève : {}", "{}, né le 12/03/2014")
    return around[number % len(around)].replace("{}", forms[number % len(forms)])


def _list(chance: random.Random, number: int) -> str:
    lines = []
    for at in range(chance.randint(5, 30)):
        last, first = chance.choice(LAST), chance.choice(FIRST)
        mark = f"{chance.randint(2, 19)}{chance.choice(('', ',5', '/20'))}"
        born = f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/{chance.randint(2008, 2016)}"
        lines.append((
            f"{last} {first}", f"{at + 1}. {last} {first}", f"{first} {last}", f"{last} {first} {born}", f"{last};{first};{born};6eB",
            f"{last.title()} {first} {mark}", f"{first} {last.title()} {born}", f"| {last} | {first} | {mark} |", f"{last}, {first}", f"- {last} {first} : {mark}",
        )[number % 10])  # fmt: skip
    return "\n".join(lines)


def _day(chance: random.Random) -> str:
    return f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/{chance.randint(1500, 2026)}"


def _grouped(chance: random.Random) -> str:
    return f"{chance.randint(1, 9)} {chance.randint(100, 999)} {chance.randint(100, 999)}"
