"""`smsgate hear`: lines of standard input understood, one by one, for whoever wants to see how."""

import io
import json
import sys
from collections.abc import Iterator

from db.postcodes import names
from keywords.hear import Listener
from keywords.meanings import Question


def hear_all() -> None:
    """Print what each line means, as JSON."""
    listener = Listener(names())
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    questions = {question.value: question for question in Question}
    for text, open_question in _lines():
        heard = listener.hear(text, questions.get(open_question or ""))
        said = {
            "intent": heard.intent,
            "language": heard.language,
            "postcode": heard.postcode,
            "need": heard.need,
            "name": heard.name,
        }
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
        sys.stdout.flush()  # whoever asks may wait for this answer before asking again


def _lines() -> Iterator[tuple[str, str | None]]:
    for raw in io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace"):
        line = raw.rstrip("\r\n")
        try:
            said = json.loads(line) if line.lstrip().startswith("{") else None
        except ValueError:
            said = None
        if isinstance(said, dict) and isinstance(said.get("text"), str):
            yield said["text"], said.get("open")
        else:
            yield line, None
