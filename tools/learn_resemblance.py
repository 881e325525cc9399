"""Learns keywords/words/resemblance.txt from labelled texts, or tells how well that works on texts it has not seen.

python tools/learn_resemblance.py                       # learn from tests/hearing/*.jsonl
python tools/learn_resemblance.py --leave-one-out       # each file heard by what was learnt from all the others

Softmax regression by gradient descent, in plain Python and deterministic: some ten seconds for 6,000 texts.
"""

import argparse
import math
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from keywords.hear import Listener  # noqa: E402
from keywords.meanings import Question  # noqa: E402
from keywords.resemblance import LEARNT, MEANINGS, MOST, NOUGHT, STEP, Resemblance, traits  # noqa: E402
from keywords.score import examples, places, score  # noqa: E402

ROUNDS = 20
RATE = 3.2  # how far a mistake moves a weight in the first round
DECAY = 0.985  # what is left of each weight after a round: what only one text says is forgotten
SEEN_TWICE = 2
MOST_TRAITS = 10_000
NEGLIGIBLE = 0.01

Text = tuple[list[str], int]


def prepared(listener: Listener, texts: Sequence[Mapping[str, Any]]) -> list[Text]:
    """The traits of every text, and which meaning it has."""
    situations = [(listener.situation(t["text"], Question(t["open"]) if t["open"] else None), t) for t in texts]
    return [(sorted(set(traits(now))), MEANINGS.index(text["intent"])) for now, text in situations if now]


def learn(texts: Sequence[Text]) -> dict[str, str]:
    """The characters of the traits that tell most."""
    seen = Counter(trait for held, _ in texts for trait in held)
    weights = {trait: [0.0] * len(MEANINGS) for trait, times in seen.items() if times >= SEEN_TWICE}
    rows = [([weights[trait] for trait in held if trait in weights], meant) for held, meant in texts]
    shuffled = random.Random(1)
    for turn in range(ROUNDS):
        shuffled.shuffle(rows)
        for row, meant in rows:
            move(row, meant, RATE / (1 + 0.15 * turn))
        for weight in weights.values():
            weight[:] = [DECAY * value for value in weight]
    telling = sorted(weights, key=lambda trait: (-max(map(abs, weights[trait])), trait))[:MOST_TRAITS]
    return {trait: "".join(map(written, weights[trait])) for trait in sorted(telling)}


def move(row: Sequence[list[float]], meant: int, rate: float) -> None:
    """One step: every weight of this text, towards what it means."""
    if not row:
        return
    scale = 1 / math.sqrt(len(row))
    strengths = [scale * total for total in map(sum, zip(*row, strict=True))]
    most = max(strengths)
    shares = [math.exp(strength - most) for strength in strengths]
    whole = sum(shares)
    for place, share in enumerate(shares):
        wrong = share / whole - (place == meant)
        if abs(wrong) > NEGLIGIBLE:
            step = rate * wrong * scale
            for weight in row:
                weight[place] -= step


def written(value: float) -> str:
    return chr(NOUGHT + max(-MOST, min(MOST, round(value / STEP))))


def leave_one_out(listener: Listener, files: Sequence[Path]) -> None:
    """A line a file: how well its texts are heard by the rules alone, and with what all the other files teach."""
    texts = {file: prepared(listener, examples([file])) for file in files}
    for file in files:
        others = [text for other in files if other != file for text in texts[other]]
        listener.resemblance = None
        alone = score(listener, examples([file]))
        listener.resemblance = Resemblance(learn(others))
        both = score(listener, examples([file]))
        print(
            f"| {file.stem} | {both.total} | {alone.share('intent'):.1%} | {len(alone.dangerous)} "
            f"| {both.share('intent'):.1%} | {len(both.dangerous)} |",
            flush=True,
        )


def main(arguments: Sequence[str]) -> None:
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("files", nargs="*", type=Path, help="labelled texts (tests/hearing/*.jsonl)")
    wanted.add_argument("--leave-one-out", action="store_true")
    said = wanted.parse_args(arguments)
    files = said.files or sorted((ROOT / "tests" / "hearing").glob("*.jsonl"))
    listener = Listener(places())
    if said.leave_one_out:
        leave_one_out(listener, files)
        return
    learnt = learn(prepared(listener, examples(files)))
    LEARNT.write_text("".join(f"{trait}{kept}\n" for trait, kept in learnt.items()), encoding="utf-8")
    print(f"{len(learnt)} traits, {LEARNT.stat().st_size:,} bytes in {LEARNT.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
