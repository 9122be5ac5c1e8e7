"""Snippets of a third look. At first sight the checks found 0.69 of these, and 0.99 of what they told was there; what was mended
then is general (a line's end may be anything; gaps and signs), not one form.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.lint.personal_data import LETTERS

_FIRST = (
    "Sohan",
    "Mathéo",
    "Aïssa",
    "Lucie",
    "Tiphaine",
    "Gaëtan",
    "Kadiatou",
    "Maëlys",
    "Ilian",
    "Rose",
    "Bintou",
    "Antoine",
    "Wassila",
)
_LAST = (
    "PEREIRA",
    "LECLERCQ",
    "OUEDRAOGO",
    "M'BARKI",
    "DA COSTA",
    "BONNET",
    "LE BRIS",
    "SCHMITT",
    "PAYET",
    "SISSOKO",
    "DURAND",
    "COHEN",
)


def later(seed: int = 23) -> list[tuple[str, str]]:
    """(kind, snippet): phone, mail, ine, nir or list; 42 of each kind."""
    chance = random.Random(seed)
    kinds: dict[str, tuple[Callable[[random.Random], str], ...]] = {
        "phone": _PHONES, "mail": _MAILS, "ine": _INES, "nir": _NIRS, "list": _LISTS,
    }  # fmt: skip
    return [(kind, makers[at % len(makers)](chance)) for kind, makers in kinds.items() for at in range(42)]


def later_plain(seed: int = 29) -> list[str]:
    """Snippets without any, 210."""
    chance = random.Random(seed)
    return [make(chance) for _ in range(10) for make in _PLAIN]


def _two(chance: random.Random, count: int, apart: str = " ") -> str:
    return apart.join(f"{chance.randint(11, 97)}" for _ in range(count))


_PHONES = (
    lambda c: f"Sortie au musée. Accompagnatrice : Mme Bonnet, 06 {_two(c, 4)}. Pique-nique à prévoir.",
    lambda c: f"SMS au 07{_two(c, 4, '')} si le car est en retard",
    lambda c: f"Maman 06.{_two(c, 4, '.')}\tPapa 06.{_two(c, 4, '.')}",
    lambda c: f"Infirmerie > 05 {_two(c, 4)}",
    lambda c: f"N° d’urgence : +33 (0) 7 {_two(c, 4)}",
    lambda c: f"Dakar, tél. 33 8{_two(c, 1)[0]}9 {_two(c, 2)}",
    lambda c: f"+216 {c.randint(20, 59)} {c.randint(100, 999)} {c.randint(100, 999)}",
)
_MAILS = (
    lambda c: f"maelys.payet{c.randint(1, 9)}@monlycee.net",
    lambda c: f"ENT : a.cohen{c.randint(1, 99)}@ent.auvergnerhonealpes.fr (parents)",
    lambda c: f"Rendu par mail ({c.choice(('svt', 'hg'))}.bonnet@protonmail.com)",
    lambda c: f"wassila_{c.randint(1, 99)}@live.fr,ilian{c.randint(1, 99)}@icloud.com",
    lambda c: f"ce.0{c.randint(100000, 999999)}b @ac-reunion.fr",
    lambda c: f"m.sissoko{c.randint(1, 99)} [at] ecole [point] ml",
    lambda c: f"à: Tiphaine{c.randint(1, 99)}@Outlook.fr",
)
_INES = (
    lambda c: f"Élève n° {c.randint(10**8, 10**9 - 1)}GA, demi-pensionnaire",
    lambda c: f"{c.randint(10**8, 10**9 - 1)}EK\tOUEDRAOGO\tBintou",
    lambda c: f"INE = {(n := c.randint(10**9, 10**10 - 1))}{LETTERS[n % 23]}",
    lambda c: (
        f"Parcoursup : identifiant INE {c.randint(10**8, 10**9 - 1)}{c.choice('ABC')}{c.choice('DEF')}, mot de passe à garder"
    ),
    lambda c: f"({c.randint(10**8, 10**9 - 1)}BH)",
    lambda c: f"I.N.E. : {c.randint(10**8, 10**9 - 1)} DC",
    lambda c: f"ine:{c.randint(10**8, 10**9 - 1)}ad",
)


def _nir(chance: random.Random, form: str) -> str:
    parts = [
        chance.choice("12"), f"{chance.randint(4, 12):02}", f"{chance.randint(1, 12):02}", chance.choice(("38", "62", "2A", "97")),
        f"{chance.randint(101, 480):03}", f"{chance.randint(1, 200):03}",
    ]  # fmt: skip
    key = f"{97 - int(''.join(parts).replace('2A', '19')) % 97:02}"
    return form.format(*parts, key)


_NIRS = (
    lambda c: _nir(c, "Carte Vitale de Rose : {} {} {} {} {} {} {}"),
    lambda c: _nir(c, "{}{}{}{}{}{} {} PAYET Ilian"),
    lambda c: _nir(c, "numéro de sécurité sociale de l’élève (ou du responsable) {} {} {} {} {} {}"),
    lambda c: _nir(c, "{}-{}-{}-{}-{}-{}-{}"),
    lambda c: _nir(c, "| Durand | {}{}{}{}{}{}{} |"),
    lambda c: _nir(c, "N.I.R. {} {}{} {} {} {} / {}"),
    lambda c: _nir(c, "Sécu :{} {} {} {} {} {} {}"),
)


def _rows(chance: random.Random, form: str) -> str:
    return "\n".join(
        form.format(
            last=chance.choice(_LAST), plain=chance.choice(_LAST).title(), first=chance.choice(_FIRST), at=at + 1, mark=chance.randint(2, 20),
            born=f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/{chance.randint(2008, 2016) % 100:02}", initial=chance.choice("ABCDEFG"),
        )
        for at in range(chance.randint(9, 30))
    )  # fmt: skip


_LISTS = (
    lambda c: _rows(c, "{last} {first}\n{born}"),
    lambda c: _rows(c, "{at}) {first} {last} – {mark}"),
    lambda c: _rows(c, "{first} {initial}. : {mark}/20"),
    lambda c: _rows(c, "{plain} {first}, {born}, DP"),
    lambda c: _rows(c, "{at}\t{last}\t{first}\t4A\t{born}"),
    lambda c: _rows(c, "* {first} {plain}"),
    lambda c: _rows(c, "{last} {first} absences : {mark}"),
)
_PLAIN: tuple[Callable[[random.Random], str], ...] = (
    lambda c: f"Multiplie 0,{c.randint(10**8, 10**9 - 1)} par 10.",
    lambda c: f"Mesures : {_two(c, 6)} (en cm)",
    lambda c: f"Triplets pythagoriciens : 03 04 05, 06 08 10, 05 12 {c.randint(13, 14)}",
    lambda c: f"Le numéro atomique est {c.randint(1, 99)} et la masse {c.randint(10**6, 10**7)} u",
    lambda c: f"Population mondiale : 8 0{c.randint(10, 99)} {c.randint(100, 999)} {c.randint(100, 999)}",
    lambda c: f"Heures : 0{c.randint(1, 9)}:{c.randint(10, 59)}, 0{c.randint(1, 9)}:{c.randint(10, 59)}, {c.randint(10, 23)}:{c.randint(10, 59)}",
    lambda c: f"Ligne {c.randint(1, 9)} | 0{c.randint(1, 9)} | {' | '.join(_two(c, 4).split())}",
    lambda c: f"(0{c.randint(1, 9)} ; {c.randint(10, 99)}) et (−{c.randint(10, 99)} ; {c.randint(10, 99)})",
    lambda c: f"GPS : 4{c.randint(3, 8)}.{c.randint(10**5, 10**6)} N, 00{c.randint(1, 6)}.{c.randint(10**5, 10**6)} E",
    lambda c: f"978-2-0{c.randint(1, 9)}-{c.randint(100000, 999999)}-{c.randint(0, 9)} (Folio)",
    lambda c: f"doi.org/10.{c.randint(1000, 9999)}/{c.randint(10**9, 10**10 - 1)}",
    lambda c: f"Référence cadastrale 0{c.randint(100, 999)} AB {c.randint(10, 99)}",
    lambda c: f"{c.randint(10**10, 10**11 - 1)} secondes font combien d’années ?",
    lambda c: f"Hachage : {c.getrandbits(64):016x}",
    lambda c: f"Écrivez à contact@example.net ou à eleve{c.randint(1, 9)}@exemple.fr.",
    lambda c: f"git clone git@server:depot{c.randint(1, 99)}.git",
    lambda c: "\n".join(f"{one}, {c.randint(1600, 1700)}" for one in ("Le Cid", "Horace", "Cinna", "Tartuffe", "Dom Juan", "Phèdre", "Andromaque")),
    lambda c: "\n".join(f"{one} Vache{'s' * c.randint(0, 1)}" for one in ("Deux", "Trois", "Quatre", "Cinq", "Six", "Sept", "Huit", "Neuf", "Dix")),
    lambda c: "\n".join(f"{name} : {c.randint(1, 20)} m" for name in ("Tour Eiffel", "Arc Triomphe", "Mont Blanc", "Pont Neuf", "Notre Dame", "Grande Arche")),
    lambda c: "\n".join(f"{name} ({c.choice(('peintre', 'poète'))})" for name in ("Claude MONET", "Paul ÉLUARD", "Louis ARAGON", "Marie LAURENCIN", "Pablo PICASSO")),
    lambda c: "\n".join(f"RÈGLE {number} {verb} la Phrase" for number, verb in zip(("UN", "DEUX", "TROIS", "QUATRE", "CINQ"), ("Lis", "Relis", "Copie", "Souligne", c.choice(("Entoure", "Barre"))), strict=True)),
)  # fmt: skip
