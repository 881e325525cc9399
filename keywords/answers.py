"""Yes, no, or neither: what a text says to a question that was asked. In doubt it says neither."""

from keywords.meanings import Intent, Question
from keywords.phrases import Span, widest
from keywords.reading import Reading

_CUES = ("yes", "no", "no.would", "hedge", "idiom", "not", "but", "if", "ask")
_ANSWERED = {Question.OFFER, Question.CONFIRM, Question.FOLLOWUP}


def answer(reading: Reading, question: Question | None, keyword_spans: list[Span]) -> Intent | None:
    """YES or NO to the open question, UNKNOWN where it is answered unclearly, None where it is not answered at all."""
    if question not in _ANSWERED:
        return None
    said = [*reading.where(*_CUES, f"yes.{question}", f"no.{question}"), *keyword_spans]
    refusals = [span for span in said if span.cue in {"no", f"no.{question}"}]
    # “Heb geen tijd” is no “heb (nu wel) tijd”: a refusal within a promise takes it back.
    spans = widest([s for s in said if not (s.cue.startswith("yes") and any(s.covers(no) for no in refusals))])
    yes = [span for span in spans if span.cue.startswith("yes")]
    no = [span for span in spans if span.cue.startswith("no") and span.cue not in {"not", "no.would"}]
    negations = [span for span in spans if span.cue == "not"]
    idioms = [span for span in spans if span.cue == "idiom"]
    hedged = any(span.cue in {"hedge", "if"} for span in spans)
    but = [span for span in spans if span.cue == "but"]
    if not (yes or no or negations or idioms or hedged):
        return None
    excused = [span for span in spans if span.cue in {"idiom", "hedge"} or _is_yes_with_not(span, reading)]
    denials = [span for span in reading.where("not") if not any(other.covers(span) for other in excused)]
    denied = [span for span in yes if _is_denied(span, denials, reading)]
    yes = [span for span in yes if span not in denied]
    no = sorted([*no, *denied])
    if reading.asks or any(span.cue == "ask" for span in spans):
        # “Nee, wie is dit?” still wants an answer first; only a plain refusal stands beside a question.
        return Intent.UNKNOWN
    if hedged and not _settled(no, spans):
        return Intent.UNKNOWN
    if but and question is Question.OFFER and any(span.cue == "no.would" for span in spans):
        return Intent.NO
    if yes and no:
        return _both(yes, no, idioms, but)
    if no and idioms and all(span.cue == "no.word" for span in no) and not (negations or but):
        # “Nee hoor, geen probleem”: no, I do not mind? Better asked again.
        return Intent.UNKNOWN
    if no:
        return Intent.NO
    if yes:
        bare = all(span.cue == "yes.word" for span in yes)
        if bare and question is not Question.FOLLOWUP and _says_more(reading, spans):
            return Intent.UNKNOWN
        if negations or (but and question is not Question.FOLLOWUP):
            return Intent.NO if but and _refuses(negations, but) else Intent.UNKNOWN
        return Intent.YES
    if idioms:
        return Intent.YES if not (negations or but) else Intent.UNKNOWN
    return None


def _says_more(reading: Reading, spans: list[Span]) -> bool:
    """Beside a bare “oui”: is there a word that is neither politeness, a time, a name nor part of the answer?"""
    light = reading.covered(
        "polite", "greeting", "goodbye", "thanks", "place.before", "place.living", "yes.with", "instruction"
    )
    answered = {index for index, start in enumerate(reading.starts) if any(s.start <= start < s.end for s in spans)}
    names = reading.lexicon.names
    return any(
        token.is_word() and index not in light | answered and token.word not in names and len(token.word) > 1
        for index, token in enumerate(reading.tokens)
    )


def _is_yes_with_not(span: Span, reading: Reading) -> bool:
    """Is it a yes that contains a `not`: pourquoi pas?"""
    return span.cue == "yes" and any(span.covers(other) for other in reading.where("not"))


def _is_denied(span: Span, negations: list[Span], reading: Reading) -> bool:
    """Is there a `not` in the clause of what was promised: je sais pas venir."""
    start = max(reading.line.rfind(sign, 0, span.start) for sign in ".,?")
    ends = [end for sign in ".,?" if (end := reading.line.find(sign, span.end)) >= 0]
    end = min(ends, default=len(reading.line))
    return span.cue != "yes.word" and any(start < negation.start < end for negation in negations)


def _settled(no: list[Span], spans: list[Span]) -> bool:
    """A refusal with a reason that sounds unsure is still a refusal: “non je sais pas venir”."""
    hedges = [span for span in spans if span.cue in {"hedge", "if"}]
    return bool(no) and all(span.cue == "if" for span in hedges) and no[0].start < hedges[0].start


def _refuses(negations: list[Span], but: list[Span]) -> bool:
    return any(negation.start > but[0].start for negation in negations)


def _both(yes: list[Span], no: list[Span], idioms: list[Span], but: list[Span]) -> Intent:
    """Yes and no in one text: the one that carries a reason wins, two bare words cancel out."""
    if no[-1].start > yes[-1].start and no[-1].cue != "no.word":
        return Intent.NO
    refused_by_word = all(span.cue == "no.word" for span in no)
    if yes[-1].start > no[-1].start and refused_by_word and idioms and yes[-1].cue != "yes.word":
        return Intent.UNKNOWN if but else Intent.YES
    return Intent.UNKNOWN
