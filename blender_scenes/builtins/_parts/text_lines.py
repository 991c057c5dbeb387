"""What random text says: short words, letters of many alphabets, numbers, signs and pictures of the built-in font."""

from __future__ import annotations

import numpy as np

_WORDS = """
air apple art at bay bee big blue bold box bread cat chalk cloud code cup dance day deer door dune echo egg ember
fern fig fish fjord flag fox frost gold green hat hello home hop ink iris jam jazz joy kite lamp leaf lime lion lynx
maple mill mint moon moss music myth new nine no north oak open owl paper park pear pixel quiet quiz rain red reef
river rose sale salt sky snow sofa song star sun tea tide toy two up wave west wild wolf yes yoga zebra zest
""".split()  # noqa: SIM905 - a list would take a line a word
_JOINTS = (" ", " ", " & ", "-", " + ", ".", "/", "! ", ", ")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SIGNS = "&@#%?!*+=§$€£¥†¶©®™¿¡{}[]()<>«»~^÷×±"
_ALPHABETS = (
    "ΓΔΘΛΞΠΣΦΨΩαβγδεζηθλμξπρσφψω",
    "БГДЖЗИЛЦЧШЩЫЭЮЯбдёжйлфцшщыя",
    "אבגדהטכלמנסעפצקש",
    "अआइकखगघचजटडतनपबमयरलवशसह",
    "กขคฉญฐดตถธนบผพภมยรลวศหอฮ",
    "日月山水火木土人大中心雨花石手犬竹米貝車",
    "あいえおかきけこさしすせたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわを",
    "ႠႡႢႣႤႥႦႧႨႩႪႫႬႭႮႯ",
)
_PICTURES = ("★☆♥♠♣♦♪♫☀☁☂☃☎✂✈✿❀❄⚓⚡☯☘⚙⚖", "♔♕♖♗♘♙♚♛♜♝♞♟", "🐈🌲🚲🎸🏠🦋🐙🍄🌵🐢🐘🌷🍒🎈🔑🐟🦊🐝🌙🍎")
_UNITS = ("%", "°", " kg", " cm", "x", "€", "$", "nd", "", "", "")


def random_lines(rng: np.random.Generator) -> list[str]:
    """Return one to three short lines."""
    kind = rng.choice(
        ["words", "letters", "number", "signs", "alphabet", "pictures"], p=[0.4, 0.2, 0.14, 0.06, 0.1, 0.1]
    )
    if kind == "words":
        return _words(rng)
    if kind == "number":
        return [_number(rng)]
    pool = {
        "letters": _LETTERS,
        "signs": _SIGNS,
        "alphabet": _ALPHABETS[int(rng.integers(len(_ALPHABETS)))],
        "pictures": _PICTURES[int(rng.integers(len(_PICTURES)))],
    }[str(kind)]
    max_lines = 3 if kind in ("signs", "pictures") else 7
    lines = int(rng.choice([1, 1, 2]))
    return ["".join(rng.choice(list(pool), int(rng.integers(1, max_lines + 1)))) for _ in range(lines)]


def _words(rng: np.random.Generator) -> list[str]:
    words = [str(word) for word in rng.choice(_WORDS, int(rng.integers(1, 4)), replace=False)]
    form = rng.choice(["lower", "upper", "title", "mixed"])
    if form == "upper":
        words = [word.upper() for word in words]
    elif form == "title":
        words = [word.title() for word in words]
    elif form == "mixed":
        words = ["".join(sign.upper() if rng.random() < 0.5 else sign for sign in word) for word in words]
    if len(words) > 1 and rng.random() < 0.4:
        words = [str(rng.choice(_JOINTS)).join(words[:2]), *words[2:]]
    if rng.random() < 0.2:
        words[-1] += str(rng.choice(list("!?.…")))
    return words


def _number(rng: np.random.Generator) -> str:
    number = int(10 ** rng.uniform(0, 4.5))
    form = rng.choice(["plain", "price", "time", "year", "sum", "ordinal"])
    if form == "price":
        return f"{number % 1000}.{int(rng.integers(100)):02d}{rng.choice(list('€$£'))}"
    if form == "time":
        return f"{int(rng.integers(24))}:{int(rng.integers(60)):02d}"
    if form == "year":
        return str(int(rng.integers(1700, 2100)))
    if form == "sum":
        return f"{number % 20}{rng.choice(list('+-×=<'))}{int(rng.integers(20))}"
    if form == "ordinal":
        return f"#{number % 100}"
    return f"{number}{rng.choice(_UNITS)}"
