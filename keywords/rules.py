"""From what is said to what is meant: a few rules in order, the first that recognises the text decides."""

from collections.abc import Callable

from keywords.answers import answer
from keywords.meanings import Intent, Need, Question
from keywords.situation import Situation

_FEW_WORDS = 4
_SHORT_ANSWER = 6
_LONG_ADDRESS = 6


def is_noise(now: Situation) -> bool:
    """Is it an advertisement, or a reply that a telephone sends by itself?"""
    return noise(now) is not None or automatic(now) is not None


def noise(now: Situation) -> Intent | None:
    """Advertisements want no answer that changes anything."""
    return Intent.UNKNOWN if now.reading.said("spam") else None


def danger(now: Situation) -> Intent | None:
    """Two words of danger in a text that nothing else explains: better one alarm too many."""
    reading = now.reading
    if now.needs or reading.said("emergency.past", "emergency.not", "danger.not"):
        return None
    words = {reading.tokens[reading.token_at(span)].word for span in reading.likely("danger")}
    return Intent.EMERGENCY if len(words) > 1 else None


def automatic(now: Situation) -> Intent | None:
    """Nor do replies that a telephone sends by itself."""
    return Intent.UNKNOWN if now.reading.said("automatic") and not now.means("stop") else None


def emergency(now: Situation) -> Intent | None:
    reading = now.reading
    cries_for_help = now.first() == "request" and now.has("emergency") and not now.needs
    if reading.said("emergency") or now.command("emergency") or cries_for_help:
        return Intent.EMERGENCY
    # A fall that is past, or told while asking for something else, is a reason and no alarm.
    if reading.said("emergency.mild") and not reading.said("emergency.past", "emergency.not"):
        return None if now.needs and (now.place or reading.said("request")) else Intent.EMERGENCY
    return None


def start(now: Situation) -> Intent | None:
    return Intent.START if now.reading.said("start") and not now.reading.said("stop") else None


def erase(now: Situation) -> Intent | None:
    return Intent.FORGET if now.means("forget") else None


def pause(now: Situation) -> Intent | None:
    """No questions for a while. While an offer is open, being away only answers that offer."""
    if now.command("pause") or now.reading.said("pause"):
        return Intent.PAUSE
    # “Laissez-moi tranquille jusqu'en mai” has an end.
    if now.question is None and now.reading.said("pause.until") and now.reading.said("stop") and not now.has("stop"):
        return Intent.PAUSE
    if now.question is None and now.reading.said("pause.away") and now.reading.said("pause.quiet"):
        return Intent.PAUSE
    return None


def stop(now: Situation) -> Intent | None:
    if now.reading.said("stop") or now.command("stop"):
        return Intent.STOP
    if now.first() == "stop" and not now.reading.said("stop.not"):
        return Intent.STOP
    # “Arrêtez avec vos textos”: ceasing and messages in one breath, and no help wanted.
    if now.reading.together("stop.ceasing", "stop.messages") and not (now.reading.said("stop.not") or now.needs):
        return Intent.STOP
    return None


def restart(now: Situation) -> Intent | None:
    return Intent.START if now.command("start") else None


def only_a_place(now: Situation) -> Intent | None:
    """A place and no other word that carries meaning: La Hulpe asks for no help, Muizen has no mice."""
    if now.place is None or now.content or now.question not in {None, Question.POSTCODE}:
        return None
    return Intent.POSTCODE if now.question or not now.reading.said("thanks") else None


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
    if answered is None and now.question is Question.OFFER and now.reading.said("cancel") and not now.command("cancel"):
        return Intent.NO
    if answered is None and now.question is Question.OFFER and now.reading.said("join") and not now.reading.asks:
        return Intent.YES
    if answered is Intent.YES and _is_buried(now):
        return Intent.UNKNOWN
    return answered


def cancel(now: Situation) -> Intent | None:
    if now.command("cancel"):
        return Intent.CANCEL
    # “Pas besoin de voiture, juste promener le chien à 5000” asks for something.
    return Intent.CANCEL if now.reading.said("cancel") and not (now.needs and now.place) else None


def join(now: Situation) -> Intent | None:
    if now.reading.said("request.volunteer"):
        return None
    if now.reading.said("thanks") and now.first() != "join" and now.place is None:
        return None
    if now.means("join") or (now.has("join") and not now.reading.said("request")):
        return Intent.JOIN
    # “Je veux bien promener des chiens à Namur”: a yes nobody asked for is an offer.
    reading = now.reading
    if now.question is not None or not now.needs or now.place is None or now.has("request"):
        return None
    return Intent.JOIN if reading.said("yes") and not reading.said("not", "request") else None


def thanks(now: Situation) -> Intent | None:
    """Thanks, and nothing asked."""
    reading = now.reading
    if not reading.said("thanks") and not _is_goodbye(now):
        return None
    if now.question is Question.POSTCODE and now.place:
        return None
    if now.command("request") or reading.said("request") or now.command("info") or reading.said("info"):
        return None
    if now.question is None and (now.has("request") and now.place):
        return None
    return Intent.THANKS


def request(now: Situation) -> Intent | None:
    reading = now.reading
    if reading.said("request", "request.volunteer") or now.command("request"):
        return Intent.REQUEST
    if reading.said("request.needing") and now.needs and not reading.said("request.not"):
        return Intent.REQUEST
    if now.has("request") and (now.needs or now.place or len(now.content) <= _FEW_WORDS):
        return Intent.REQUEST
    return None


def bare_need(now: Situation) -> Intent | None:
    """A need and nothing else: “courses svp”, “boodschappen 2800”."""
    few = len(now.content) <= _FEW_WORDS and not now.reading.said("not")
    if not now.needs or not few or now.question is Question.OFFER:
        return None
    if now.reading.said("need.told") and now.place is None:
        return None
    if now.place or (now.needs[0] is not Need.OTHER and not now.reading.asks):
        return Intent.REQUEST
    return None


def need_somewhere(now: Situation) -> Intent | None:
    """A need and a place in one text, and nothing that says otherwise: somebody there wants help."""
    if now.question is Question.OFFER or not now.needs or now.place is None or now.reading.said("thanks.for"):
        return None
    return Intent.REQUEST


def info(now: Situation) -> Intent | None:
    reading = now.reading
    if now.place and not now.command("info") and (reading.said("join") or now.needs):
        return None
    if now.command("info") or not any(token.word != "?" for token in now.reading.tokens):
        return Intent.INFO
    if now.reading.said("info") and now.question in {None, Question.POSTCODE}:
        return Intent.INFO
    return None


def postcode(now: Situation) -> Intent | None:
    """A place, and little else."""
    if now.place is None or now.question not in {None, Question.POSTCODE}:
        return None if now.place is None or now.content else Intent.POSTCODE
    few = _LONG_ADDRESS if now.question and not now.reading.said("not") else 1
    if now.reading.said("place.living", "place.postcode") or len(now.content) <= few:
        return Intent.POSTCODE
    return None


Rule = Callable[[Situation], Intent | None]
RULES: tuple[Rule, ...] = (
    noise, emergency, automatic, start, erase, pause, stop, restart, only_a_place, shopping_list, reply, cancel, info,
    join, thanks, request,
)  # fmt: skip
# What a text most likely wants that says so little.
GUESSES: tuple[Rule, ...] = (bare_need, need_somewhere, postcode, danger)


def decide(now: Situation) -> Intent | None:
    """The first rule that recognises the text decides; None where none does."""
    return next((intent for rule in RULES if (intent := rule(now)) is not None), None)


def guess(now: Situation) -> Intent:
    """The best guess at a text that no rule recognises."""
    return next((intent for rule in GUESSES if (intent := rule(now)) is not None), Intent.UNKNOWN)


def _is_buried(now: Situation) -> bool:
    """A lone “ok” deep inside a long text answers nothing."""
    if now.reading.said("yes", f"yes.{now.question}", "idiom") or len(now.content) <= _SHORT_ANSWER:
        return False
    return not any(index in now.content[:2] for index, keyword in now.keywords.items() if keyword.cue == "yes")


def _is_goodbye(now: Situation) -> bool:
    return len(now.content) <= 1 and now.reading.said("goodbye") and not now.needs and now.place is None
