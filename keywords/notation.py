"""How a translator writes a phrase to listen for.

plus besoin|envie        one of these words
plus * messages          up to three words between, within the same clause
j'ai ... besoin          up to seven
bénévol~                 any ending
ne? veux plus            the word may be missing
<sms>                    any word of the group of that name
% kilo                   any number
^stop$                   alone in its clause
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from keywords.fold import fold, words_of

_WORD = "[^ .,?]+ "
_GAP = f"(?:{_WORD}){{0,3}}?"
_SIGNS = frozenset({"^", "$", "*", "...", "%"})
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@cache
def spellings(word: str) -> tuple[str, ...]:
    """A word as it is typed with and without its umlauts: schön, schon, schoen."""
    if word.isalpha():
        if word.isascii():
            return (word.lower(),)
        folded = fold(word)
    else:
        folded = " ".join(words_of(word))
    spelled = word.lower().translate(_GERMAN)
    if spelled.isascii() and spelled != word.lower():
        return folded, spelled
    return (folded,) if folded else ()


def elements_of(line: str) -> list[str]:
    parts = line.partition("#")[0].replace("^", " ^ ").replace("$", " $ ").replace("’", "'").split()
    if "'" not in line and "’" not in line:
        return parts
    return [part for e in parts for part in ([e] if "|" in e else e.replace("'", " ").split())]


def alternatives(element: str, groups: Mapping[str, Sequence[str]]) -> list[str]:
    """The words of one element, folded; signs of the notation stay as they are."""
    letters = element.replace("|", "")
    if letters.isalpha() and letters.isascii():
        return element.lower().split("|")
    if element in _SIGNS:
        return [element]
    optional = element.endswith("?") and len(element) > 1
    words: list[str] = []
    for choice in filter(None, element.removesuffix("?").split("|")):
        if choice.startswith("<"):
            words += groups[choice[1:-1]]
        elif choice.endswith("~"):
            words += [spelled + "~" for spelled in spellings(choice[:-1])]
        elif choice.isascii() and choice.isalpha():
            words.append(choice.lower())
        else:
            words += spellings(choice) or [choice]
    return [*words, "?"] if optional else words


def is_certain(element: list[str]) -> bool:
    return element[0] not in _SIGNS and element[-1] != "?"


def expression(element: list[str]) -> str:
    match element[0]:
        case "^":
            return "(?<=[.,?] )"
        case "$":
            return "(?=[.,?])"
        case "*":
            return _GAP
        case "%":
            return "[0-9]+ "
        case "...":
            return f"(?:{_WORD}){{0,7}}?"
    optional = "?" if element[-1] == "?" and len(element) > 1 else ""
    words = element[:-1] if optional else element
    choices = "|".join(
        re.escape(word.removesuffix("~")) + ("[^ .,?]*" if word.endswith("~") else "")
        for word in sorted(words, key=len, reverse=True)
    )
    return f"(?:(?:{choices}) ){optional}"


def group(words: str) -> list[str]:
    """Every spelling of the words of a group."""
    return [spelled for word in words.split() for spelled in spellings(word)]
