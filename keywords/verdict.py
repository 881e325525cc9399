"""The rules' word and the second opinion, brought together so that neither alone can hurt anyone."""

from keywords.meanings import Intent, Question
from keywords.resemblance import Resemblance
from keywords.rules import decide, guess, is_noise
from keywords.situation import Situation

_KNOWN = set(Intent) - {Intent.UNKNOWN}
_ANSWERS = {Intent.YES, Intent.NO}
_HELP = {Intent.REQUEST, Intent.JOIN}
# Alarms and farewells stand, whatever a text resembles.
_STANDING = {Intent.EMERGENCY, Intent.STOP, Intent.FORGET}
_LEAVING = {Intent.STOP, Intent.FORGET, Intent.CANCEL}
# How sure the second opinion must be where no rule recognises the text: surest where a mistake would hurt.
_HEEDED = 0.6
_HEEDED_AS = {Intent.YES: 0.75, Intent.NO: 0.7, Intent.STOP: 0.75, Intent.FORGET: 0.75, Intent.CANCEL: 0.8}
# A yes beside one of these cues, or a no beside none of those, must be surer.
_UNYES, _NOES, _SURER = ("not", "no", "hedge", "if", "but", "ask.word"), ("not", "no", "but"), 0.85
# An alarm too many is soon forgiven, where at least one word of danger is said.
_ALARMING = 0.2
_DANGER = ("emergency", "emergency.mild", "danger")
# How sure to be heeded against a rule; who helps whom is told by words that no list holds.
_OVERRULES, _WHO_HELPS = 0.85, 0.6
_DOUBTED = {Intent.YES: 0.6, Intent.NO: 0.85}  # an answer whose contrary is likelier is better asked again
_FEW_WORDS = 4  # what is said in fewer words, the rules know best


def verdict(now: Situation, resemblance: Resemblance | None) -> Intent:
    """What a text means: by the rules, and where they are at a loss or very likely wrong, by what it resembles."""
    ruled = decide(now)
    if resemblance is None:
        return ruled or guess(now)
    if ruled in _STANDING or is_noise(now):
        return ruled or Intent.UNKNOWN
    if ruled in _KNOWN and now.in_due_form(str(ruled)):
        return ruled
    words = sum(token.is_word() for token in now.reading.tokens)
    if (ruled in _KNOWN and words < _FEW_WORDS) or not (words or now.content):
        return ruled or guess(now)
    likely = resemblance.of(now)
    if now.place is None:
        likely[Intent.POSTCODE] = 0.0
    resembled = max(likely, key=likely.__getitem__)
    sure = likely[resembled]
    if ruled not in _KNOWN:
        endangered = now.reading.likely(*_DANGER) and not now.reading.said("emergency.not", "danger.not")
        if likely[Intent.EMERGENCY] > (_ALARMING if endangered else _HEEDED):
            return Intent.EMERGENCY
        return resembled if sure > _needed(resembled, now) else ruled or guess(now)
    if ruled in _ANSWERS and (resembled in _ANSWERS or sure <= _OVERRULES):
        # No yes becomes a no, and no no a yes: at most it is asked again.
        contrary = likely[Intent.NO] + likely[Intent.UNKNOWN] if ruled is Intent.YES else likely[Intent.YES]
        return Intent.UNKNOWN if contrary > _DOUBTED[ruled] else ruled
    # “Kunnen jullie mij helpen” offers no help, even if it resembles an offer.
    who_helps = {ruled, resembled} == _HELP and not (resembled is Intent.JOIN and now.reading.said("join.not"))
    return resembled if sure > (_WHO_HELPS if who_helps else _OVERRULES) else ruled


def _needed(resembled: Intent, now: Situation) -> float:
    """How sure the second opinion must be to be heeded."""
    said = now.reading.said
    if resembled in _LEAVING and said(f"{resembled}.not"):
        return 1.0  # “Niet annuleren”: what only looks like it
    if resembled is Intent.YES and now.question is Question.CONFIRM and said("no.confirm"):
        return 1.0  # a number is shared on a plain yes only
    if resembled is Intent.YES and said(*_UNYES, f"no.{now.question}"):
        return _SURER
    if resembled is Intent.NO and said("half", "idiom"):
        return 1.0  # “Ik zeg geen nee”, “non, ça ne me gêne pas”: no answer by itself, and no refusal
    if resembled is Intent.NO and not said(*_NOES, f"no.{now.question}"):
        return _SURER
    return _HEEDED_AS.get(resembled, _HEEDED)
