"""From what is said to what is meant: a few rules in order, the first that recognises the text decides."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from keywords.answers import answer
from keywords.lexicon import Keyword
from keywords.meanings import Intent, Need, Question
from keywords.phrases import Span
from keywords.places import Found
from keywords.reading import Reading

_FEW_WORDS = 4
_SHORT_ANSWER = 6
_OPENING = {"request", "join", "list", "pause", "cancel", "forget"}


@dataclass
class Situation:
    """A text as read, the question it may answer, and what stands in it."""

    reading: Reading
    question: Question | None
    found: list[Found]
    needs: tuple[Need, ...]

    @property
    def place(self) -> Found | None:
        return self.found[0] if self.found and self.found[0].sureness > 0 else None

    @cached_property
    def place_tokens(self) -> set[int]:
        """The tokens of the place meant, and of its name beside its number."""
        return {index for place in self.found if place.sureness > 0 for index in range(place.first, place.last + 1)}

    @cached_property
    def telling_places(self) -> set[int]:
        """Places whose name tells the language: Uccle, Ukkel."""
        words = self.reading.lexicon.place_words
        return {index for index in self.place_tokens if self.reading.tokens[index].word in words}

    @cached_property
    def content(self) -> list[int]:
        """The words that carry meaning: no greeting, politeness, sign, number or place."""
        reading = self.reading
        light = (
            reading.covered("greeting", "polite", "place.living", "place.before", "place.postcode") | self.place_tokens
        )
        return [index for index, token in enumerate(reading.tokens) if index not in light and _means(token.word)]

    @cached_property
    def keywords(self) -> dict[int, Keyword]:
        """Keywords by token: as written anywhere, misspelt only where a keyword is expected."""
        reading = self.reading
        written = {index: keyword for index in range(len(reading.tokens)) if (keyword := reading.keyword(index))}
        if not any(index in written for index in self.content[:1]):
            written |= self._misspelt()
        return written

    def _misspelt(self) -> dict[int, Keyword]:
        """A slip of the thumb in the first word, or in the only word there is."""
        content, reading = self.content, self.reading
        lexicon = reading.lexicon
        if not content:
            # Greetings and politeness may themselves be a keyword gone wrong, but only alone.
            content = [index for index, token in enumerate(reading.tokens) if token.is_word()]
        if not content:
            return {}
        words = {reading.tokens[index].word for index in content}
        word = fold_repeats(reading.tokens[content[0]].word)
        keyword = lexicon.slips.get(reading.tokens[content[0]].word) or lexicon.slips.get(word)
        if keyword is None:
            return {}
        alone = len(words) == 1
        sole = keyword.cue in {"yes", "no", "stop", "info", "start", "forget", "emergency"}
        everyday = reading.tokens[content[0]].word in lexicon.languages_of
        if (sole or everyday) and not alone:
            return {}
        if everyday and keyword.cue in {"request", "join"} and self.place is None:
            return {}
        return {index: keyword for index in content if reading.tokens[index].word == reading.tokens[content[0]].word}

    @cached_property
    def keyword_spans(self) -> list[Span]:
        return [
            self.reading.span_of(index, index, keyword.cue + ".word")
            for index, keyword in self.keywords.items()
            if keyword.cue in {"yes", "no"}
        ]

    def first(self) -> str:
        """What the first word that carries meaning asks for, if it is a keyword."""
        content = self.content or [index for index in self.keywords]
        return self.keywords[content[0]].cue if content and content[0] in self.keywords else ""

    def alone(self, cue: str) -> bool:
        """Does a clause hold that keyword and nothing else that carries meaning?"""
        clauses = _clauses(self.reading, self.content or list(self.keywords))
        return any(
            all(index in self.keywords and self.keywords[index].cue == cue for index in clause) for clause in clauses
        )

    def command(self, cue: str) -> bool:
        """Is it asked for by keyword, and not one of the look-alikes?"""
        if self.reading.said(f"{cue}.not"):
            return False
        return self.alone(cue) or (cue in _OPENING and self.first() == cue)

    def means(self, cue: str) -> bool:
        return self.reading.said(cue) or self.command(cue)

    def has(self, cue: str) -> bool:
        """Is the keyword anywhere?"""
        return not self.reading.said(f"{cue}.not") and any(keyword.cue == cue for keyword in self.keywords.values())

    def wanted(self, intent: Intent) -> tuple[Need, ...]:
        """The needs that go with the intent: what is left unexplained in a request is a need of its own kind."""
        if intent is Intent.LIST:
            return self.needs if self.needs and self.needs[0] is not Need.OTHER else (Need.SHOPPING,)
        if intent in {Intent.REQUEST, Intent.JOIN, Intent.CANCEL}:
            if intent is Intent.REQUEST and not self.needs and self._leaves_unexplained():
                return (Need.OTHER,)
            return self.needs
        return ()

    def _leaves_unexplained(self) -> bool:
        """After the keyword of a request: words that are neither everyday words nor names."""
        if self.first() != "request":
            return False
        lexicon = self.reading.lexicon
        words = [self.reading.tokens[index].word for index in self.content if index not in self.keywords]
        strange = [
            word for word in words if word not in lexicon.languages_of and word not in lexicon.names and len(word) > 2
        ]
        return len(strange) > 1 or (bool(strange) and len(words) > 1)


def noise(now: Situation) -> Intent | None:
    """Advertisements and automatic replies want no answer that changes anything."""
    return (
        Intent.UNKNOWN
        if now.reading.said("spam") or (now.reading.said("automatic") and not now.command("stop"))
        else None
    )


def emergency(now: Situation) -> Intent | None:
    if now.reading.said("emergency") or now.command("emergency"):
        return Intent.EMERGENCY
    return None


def start(now: Situation) -> Intent | None:
    return Intent.START if now.reading.said("start") else None


def erase(now: Situation) -> Intent | None:
    return Intent.FORGET if now.means("forget") else None


def pause(now: Situation) -> Intent | None:
    """No questions for a while. While an offer is open, being away only answers that offer."""
    if now.command("pause") or now.reading.said("pause"):
        return Intent.PAUSE
    if now.question is None and now.reading.said("pause.away") and now.reading.said("pause.quiet"):
        return Intent.PAUSE
    return None


def stop(now: Situation) -> Intent | None:
    if now.reading.said("stop") or now.command("stop"):
        return Intent.STOP
    if now.first() == "stop" and not now.reading.said("stop.not"):
        return Intent.STOP
    return None


def restart(now: Situation) -> Intent | None:
    return Intent.START if now.command("start") else None


def shopping_list(now: Situation) -> Intent | None:
    if now.first() == "list" or (now.reading.said("list") and not now.command("request")):
        return Intent.LIST if not now.reading.said("list.not") else None
    return None


def reply(now: Situation) -> Intent | None:
    """An answer to the open question, unless a command or a request of one's own is plainly said."""
    if now.question not in {Question.OFFER, Question.CONFIRM, Question.FOLLOWUP}:
        return None
    answered = answer(now.reading, now.question, now.keyword_spans)
    starts = now.first()
    if starts in {"yes", "no"} and answered is not None and not now.reading.said("request.own"):
        return answered
    if starts in {"request", "join"} and (now.place or now.needs or len(now.content) == 1):
        return None
    if now.reading.said("request.own") or (now.reading.said("request") and now.place):
        return None
    if answered in {Intent.NO, None} and now.question is not Question.OFFER and now.means("cancel"):
        return Intent.CANCEL
    if answered is None and now.question is Question.OFFER and now.reading.said("join") and not now.reading.asks:
        return Intent.YES
    if answered is Intent.YES and _is_buried(now):
        return Intent.UNKNOWN
    return answered


def cancel(now: Situation) -> Intent | None:
    return Intent.CANCEL if now.means("cancel") else None


def join(now: Situation) -> Intent | None:
    if now.reading.said("request.volunteer"):
        return None
    return Intent.JOIN if now.means("join") or (now.has("join") and not now.reading.said("request")) else None


def thanks(now: Situation) -> Intent | None:
    """Thanks, and nothing asked."""
    reading = now.reading
    if not reading.said("thanks") and not _is_goodbye(now):
        return None
    if now.command("request") or reading.said("request") or now.command("info") or reading.said("info"):
        return None
    if now.question is None and (now.has("request") and now.place):
        return None
    return Intent.THANKS


def request(now: Situation) -> Intent | None:
    reading = now.reading
    if reading.said("request") or now.command("request"):
        return Intent.REQUEST
    if now.has("request") and (now.needs or now.place or len(now.content) <= _FEW_WORDS):
        return Intent.REQUEST
    return None


def bare_need(now: Situation) -> Intent | None:
    """A need and nothing else: “courses svp”, “boodschappen 2800”."""
    few = len(now.content) <= _FEW_WORDS and not now.reading.said("not")
    if (
        now.needs
        and (now.needs[0] is not Need.OTHER or now.place)
        and few
        and not now.reading.asks
        and now.question is not Question.OFFER
    ):
        return Intent.REQUEST
    return None


def info(now: Situation) -> Intent | None:
    if now.command("info") or not any(token.word != "?" for token in now.reading.tokens):
        return Intent.INFO
    if now.reading.said("info") and now.question in {None, Question.POSTCODE}:
        return Intent.INFO
    return None


def postcode(now: Situation) -> Intent | None:
    """A place, and little else."""
    if now.place is None or now.question not in {None, Question.POSTCODE}:
        return None if now.place is None or now.content else Intent.POSTCODE
    if now.reading.said("place.living", "place.postcode") or len(now.content) <= (3 if now.question else 1):
        return Intent.POSTCODE
    return None


RULES: tuple[Callable[[Situation], Intent | None], ...] = (
    noise, emergency, start, erase, pause, stop, restart, shopping_list, reply, cancel, info, join, thanks,
    request, bare_need, postcode,
)  # fmt: skip


def decide(now: Situation) -> Intent:
    """The first rule that recognises the text decides; a text that none recognises is unknown."""
    return next((intent for rule in RULES if (intent := rule(now)) is not None), Intent.UNKNOWN)


def fold_repeats(word: str) -> str:
    """jaaaa → jaa: how long a letter is held says nothing."""
    kept = [letter for place, letter in enumerate(word) if word[max(place - 2, 0) : place] != letter * 2]
    return "".join(kept)


def _means(word: str) -> bool:
    return not word.isdecimal() and (word[0].isalnum() or ord(word[0]) > 0x2000)


def _clauses(reading: Reading, content: list[int]) -> list[list[int]]:
    clauses: list[list[int]] = [[]]
    for index, token in enumerate(reading.tokens):
        if token.word in {".", ",", "?"}:
            clauses.append([])
        elif index in content:
            clauses[-1].append(index)
    return [clause for clause in clauses if clause]


def _is_buried(now: Situation) -> bool:
    """A lone “ok” deep inside a long text answers nothing."""
    if now.reading.said("yes", f"yes.{now.question}", "idiom") or len(now.content) <= _SHORT_ANSWER:
        return False
    return not any(index in now.content[:2] for index, keyword in now.keywords.items() if keyword.cue == "yes")


def _is_goodbye(now: Situation) -> bool:
    return not now.content and bool(now.reading.spans.get("goodbye"))
