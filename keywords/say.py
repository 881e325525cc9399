"""Wording out: a notice, a language, its details → one text that fits one SMS."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from keywords.segments import GSM7_ONE, cost, to_gsm7

WORDS = Path(__file__).parent / "words"

# The longest first name that is written out; the rest of a longer one is cut.
LONGEST_NAME = 20


@cache
def languages() -> tuple[str, ...]:
    """Every language we speak: one file each."""
    return tuple(sorted(file.stem for file in WORDS.glob("*.toml")))


@cache
def sentences(language: str) -> Mapping[str, Any]:
    """The sentences of one language by notice, and the labels they use."""
    said: dict[str, Any] = tomllib.loads((WORDS / f"{language}.toml").read_text(encoding="utf-8"))["say"]
    return said


def notices(language: str) -> frozenset[str]:
    """The notices that have a sentence in this language."""
    return frozenset(notice for notice, said in sentences(language).items() if isinstance(said, str))


def placeholders(notice: str, language: str) -> frozenset[str]:
    """The details a sentence carries."""
    return frozenset(field for _, field, _, _ in Formatter().parse(sentences(language)[notice]) if field)


def need(label: str | None, language: str) -> str:
    """What help is about, in the words of a language: shopping → courses."""
    labels = sentences(language)["need"]
    said: str = labels.get(label, labels["other"])
    return said


def somebody(language: str) -> str:
    """What stands for the name of a person who gave none."""
    name: str = sentences(language)["someone"]["name"]
    return name


def say(notice: str, language: str, details: Mapping[str, str | None]) -> str:
    """The text of a notice, in GSM-7; a person's own words are cut so that it fits one SMS."""
    sentence: str = sentences(language)[notice]
    said = {key: to_gsm7(value or "") for key, value in details.items()}
    said["need"] = need(details.get("need"), language)
    said["name"] = said.get("name", "")[:LONGEST_NAME] or somebody(language)
    if "words" in placeholders(notice, language):
        room = GSM7_ONE - cost(sentence.format_map(said | {"words": ""})).units
        while said["words"] and cost(said["words"]).units > room:
            said["words"] = said["words"][:-1]
    text = sentence.format_map(said)
    return text[:1].upper() + text[1:]
