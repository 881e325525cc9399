"""How well we hear: a table per intent and language for files of labelled texts.

python -m keywords.score tests/hearing/examples.jsonl
"""

import csv
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keywords.hear import Listener
from keywords.meanings import Heard, Intent, Question

FIELDS = ("intent", "language", "postcode", "need", "name")
_MISSED = {Intent.STOP, Intent.EMERGENCY}
_UNASKED = {Intent.STOP, Intent.FORGET, Intent.CANCEL}


def is_dangerous(meant: str, heard: str) -> bool:
    """Does it hurt someone: a yes unsaid or turned into no, a stop or emergency missed, something undone unasked?"""
    if meant == heard:
        return False
    wrong_yes = heard == Intent.YES or (meant == Intent.YES and heard == Intent.NO)
    return wrong_yes or meant in _MISSED or heard in _UNASKED


@dataclass
class Score:
    """What was heard right, by field, and every mistake."""

    right: Counter[str] = field(default_factory=Counter)
    total: int = 0
    by_intent: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_language: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    mistakes: list[tuple[Mapping[str, Any], Heard, list[str]]] = field(default_factory=list)
    dangerous: list[tuple[Mapping[str, Any], Heard]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, example: Mapping[str, Any], heard: Heard) -> None:
        self.total += 1
        wrong = [name for name in FIELDS if getattr(heard, name) != example[name]]
        self.right.update(name for name in FIELDS if name not in wrong)
        for group in (self.by_intent[example["intent"]], self.by_language[str(example["language"])]):
            group["texts"] += 1
            group.update(name for name in FIELDS if name not in wrong)
        if wrong:
            self.mistakes.append((example, heard, wrong))
        if is_dangerous(example["intent"], heard.intent):
            self.dangerous.append((example, heard))

    def share(self, name: str) -> float:
        """The share heard right, from 0 to 1."""
        return self.right[name] / self.total if self.total else 1.0


def examples(files: Iterable[Path]) -> list[dict[str, Any]]:
    """The labelled texts of some files, one JSON object a line."""
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines() if line]


def score(listener: Listener, texts: Iterable[Mapping[str, Any]]) -> Score:
    """Hear every text and compare."""
    result = Score()
    started = time.process_time()
    heard = [(e, listener.hear(e["text"], Question(e["open"]) if e["open"] else None)) for e in texts]
    result.seconds = time.process_time() - started
    for example, meaning in heard:
        result.add(example, meaning)
    return result


def places() -> Mapping[str, str]:
    """Names and postcodes from db/postcodes.csv, read as plain data: keywords/ does not import db/."""
    named: dict[str, str] = {}
    with (Path(__file__).parent.parent / "db" / "postcodes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            named[row["postcode"]] = row["postcode"]
            for language in ("fr", "nl", "de", "en"):
                names = (row[language] or "").split("|")
                named.update((name.casefold(), row["postcode"]) for name in names if name and name[0] != "(")
    return named


def table(result: Score) -> str:
    """The score as a Markdown table."""
    lines = [f"| | texts | {' | '.join(FIELDS)} |", "|---|---:|" + "---:|" * len(FIELDS)]
    groups = [*result.by_intent.items(), *((f"language {name}", group) for name, group in result.by_language.items())]
    for name, group in sorted(groups, key=lambda row: (row[0].startswith("language"), row[0])):
        cells = " | ".join(f"{group[name] / group['texts']:.1%}" for name in FIELDS)
        lines.append(f"| {name} | {group['texts']} | {cells} |")
    cells = " | ".join(f"**{result.share(name):.1%}**" for name in FIELDS)
    lines.append(f"| **all** | **{result.total}** | {cells} |")
    speed = f"{result.total / result.seconds:,.0f} texts a second of CPU time"
    lines.append(f"\nDangerous mistakes: {len(result.dangerous)}. {speed}.")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Print the table; with -v every mistake too. Exit 1 where a mistake is dangerous."""
    files = [Path(argument) for argument in arguments if argument != "-v"]
    texts = examples(files)
    if not texts:
        raise SystemExit("No text to hear: name files of labelled texts: python -m keywords.score FILE... [-v]")
    listener = Listener(places())
    score(listener, texts)  # once unmeasured: phrases are compiled when first heard
    result = score(listener, texts)
    print(table(result))  # noqa: T201
    if "-v" in arguments:
        for example, heard, wrong in result.mistakes:
            said = ", ".join(f"{name} {getattr(heard, name)} for {example[name]}" for name in wrong)
            flag = "! " if is_dangerous(example["intent"], heard.intent) else ""
            print(f"{flag}{example['text']!r} [{example['open']}] {said}")  # noqa: T201
    return 1 if result.dangerous else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
