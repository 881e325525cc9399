"""Yes, no, or neither: what a text says to a question that was asked. In doubt it says neither."""

from dataclasses import dataclass

from keywords.meanings import Intent, Question
from keywords.phrases import Span, widest
from keywords.reading import Reading

_CUES = ("yes", "no", "no.would", "hedge", "idiom", "half", "not", "but", "if", "ask")
_ANSWERED = {Question.OFFER, Question.CONFIRM, Question.FOLLOWUP}


def answer(reading: Reading, question: Question | None, keyword_spans: list[Span]) -> Intent | None:
    """YES or NO to the open question, UNKNOWN where it is answered unclearly, None where it is not answered at all."""
    if question not in _ANSWERED:
        return None
    said = _Said.of(reading, question, keyword_spans)
    answers = said.yes or said.no or said.negations or said.where("idiom", "half", "hedge", "if")
    return said.meaning() if answers else None


@dataclass(slots=True)
class _Said:
    """What a text holds that may answer, first to last; a yes that is denied is a no."""

    reading: Reading
    question: Question
    spans: list[Span]
    yes: list[Span]
    no: list[Span]
    negations: list[Span]

    @classmethod
    def of(cls, reading: Reading, question: Question, keyword_spans: list[Span]) -> "_Said":
        found = [*reading.where(*_CUES, f"yes.{question}", f"no.{question}"), *keyword_spans]
        refusals = [span for span in found if span.cue in {"no", f"no.{question}"}]
        # “Heb geen tijd” is no “heb (nu wel) tijd”: a refusal within a promise takes it back.
        spans = widest([s for s in found if not (s.cue.startswith("yes") and any(s.covers(no) for no in refusals))])
        yes = [span for span in spans if span.cue.startswith("yes")]
        no = [span for span in spans if span.cue.startswith("no") and span.cue not in {"not", "no.would"}]
        said = cls(reading, question, spans, yes, no, [span for span in spans if span.cue == "not"])
        denied = [span for span in yes if said._is_denied(span)]
        said.yes = [span for span in yes if span not in denied]
        said.no = sorted([*no, *denied])
        return said

    def where(self, *cues: str) -> list[Span]:
        return [span for span in self.spans if span.cue in cues]

    def meaning(self) -> Intent | None:
        """The answer, weighed: first what makes it no answer, then a no that is none, then yes and no."""
        but, idioms = self.where("but"), self.where("idiom")
        if self.reading.asks or self.where("ask") or self._is_hedged():
            # “Nee, wie is dit?” still wants an answer first; only a plain refusal stands beside a question.
            return Intent.UNKNOWN
        if but and self.question is Question.OFFER and self.where("no.would"):
            return Intent.NO
        if self._soothes() and not but and (idioms or any(span.cue != "yes.word" for span in self.yes)):
            return Intent.YES
        if self.yes and self.no:
            return self._both()
        if self.no:
            # “Nee hoor, geen probleem”: no, I do not mind? Better asked again.
            bare = all(span.cue == "no.word" for span in self.no)
            mild = idioms and bare and not (but or any(not self._is_of_a_no(one) for one in self.negations))
            return Intent.UNKNOWN if mild else Intent.NO
        if self.yes:
            return self._agreed()
        if idioms:
            return Intent.YES if not (self.negations or but) else Intent.UNKNOWN
        return Intent.UNKNOWN if self.where("half") else None

    def _agreed(self) -> Intent:
        """A yes that no refusal takes back: is something said beside it that makes it doubtful?"""
        but = self.where("but")
        bare = all(span.cue == "yes.word" for span in self.yes) and self.question is not Question.FOLLOWUP
        if bare and self._says_more() and not self._leads():
            return Intent.UNKNOWN
        if self.negations:
            refused = but and self.negations[-1].start > but[0].start and self.question is not Question.CONFIRM
            return Intent.NO if refused else Intent.UNKNOWN
        # “Druk, maar ja, ik doe het”: what comes after the but counts. How to call is no condition either.
        limited = but and self.question is Question.OFFER and but[-1].start > self.yes[-1].start
        return Intent.UNKNOWN if limited else Intent.YES

    def _both(self) -> Intent:
        """Yes and no in one text: the one that carries a reason wins, two bare words cancel out."""
        yes, no, but = self.yes, self.no, self.where("but")
        if yes[0].start < no[0].start and yes[0].cue == "yes.word" and not but and self._only_tells():
            return Intent.UNKNOWN
        if no[-1].start > yes[-1].start and no[-1].cue != "no.word":
            # “Ja, und sie wollte nicht mal Trinkgeld”: not every denial says that nobody came.
            praised = self.question is Question.FOLLOWUP and yes[0].start < no[0].start and not but
            return Intent.UNKNOWN if praised else Intent.NO
        # “Nee, alles is goed verlopen”: what happened answers whether it went well.
        # “Geen auto, maar ik kom met de bus”: a reason against, overcome. Another day is another answer.
        overcome = but and no[-1].start < but[0].start < yes[-1].start and not self.reading.said("hedge.later")
        if overcome and not any(span.cue == "no.word" for span in no) and yes[-1].cue != "yes.word":
            return Intent.YES
        told = self.question is Question.FOLLOWUP and yes[-1].cue == "yes.followup" and not but
        refused_by_word = all(span.cue == "no.word" for span in no) and (self.where("idiom") or told)
        if yes[-1].start > no[-1].start and refused_by_word and yes[-1].cue != "yes.word":
            return Intent.UNKNOWN if but else Intent.YES
        return Intent.UNKNOWN

    def _is_hedged(self) -> bool:
        """“Peut-être”; but a refusal with a reason that sounds unsure is still one: “non je sais pas venir”.

        So is one for now, with a perhaps for another day: “nee nu niet, morgen misschien”.
        """
        hedges = self.where("hedge", "if")
        first = bool(self.no and hedges and self.no[0].start < hedges[0].start)
        put_off = first and self.question is Question.OFFER and not self.yes and self._is_put_off(hedges)
        refused = first and (put_off or not self.where("hedge"))
        return bool(hedges) and not refused

    def _is_put_off(self, hedges: list[Span]) -> bool:
        """A plain no with its reason; and does a word for another day stand beside every perhaps?"""
        days = {self._clause(span) for span in self.reading.where("hedge.later")}
        plain = self.no[0].cue == "no.word" and len(self.no) > 1
        return plain and all(self._clause(span) in days for span in hedges)

    def _clause(self, span: Span) -> int:
        return max(self.reading.line.rfind(sign, 0, span.start) for sign in ".,?")

    def _soothes(self) -> bool:
        """“Nee nee, geef maar”: no twice, in one breath and first of all, is no refusal of what comes next."""
        no, at = self.no, self.reading.token_at
        if len(no) < 2 or any(span.cue != "no.word" for span in no):
            return False
        in_one_breath = at(no[0]) <= 1 and at(no[-1]) - at(no[0]) == len(no) - 1
        return in_one_breath and all(map(self._is_of_a_no, self.negations))

    def _is_of_a_no(self, negation: Span) -> bool:
        """English “no” is both the answer and what denies."""
        return any(negation.touches(word) for word in self.no)

    def _only_tells(self) -> bool:
        """“Oui, je suis en congé”: a reason that nothing denies may as well be one to say yes."""
        denials = self.reading.where("not")
        return not any(span.cue == "no.word" or any(span.touches(other) for other in denials) for span in self.no)

    def _leads(self) -> bool:
        """Is the yes said first, after greetings and sighs, and nothing asked: “allez oui, je termine à 16h”?"""
        reading = self.reading
        if reading.said("ask.word"):
            return False
        light = reading.covered("polite", "greeting", "yes.with", "idiom")
        before = range(reading.token_at(self.yes[0]))
        return all(index in light or not reading.is_word(index) for index in before)

    def _says_more(self) -> bool:
        """Beside a bare “oui”: is there a word that is neither politeness, a time, a name nor part of the answer?"""
        reading = self.reading
        light = reading.covered(
            "polite", "greeting", "goodbye", "thanks", "place.before", "place.living", "yes.with", "instruction"
        )
        answered = {i for i, start in enumerate(reading.starts) if any(s.start <= start < s.end for s in self.spans)}
        names = reading.lexicon.names
        return any(
            token.is_word() and index not in light | answered and token.word not in names and len(token.word) > 1
            for index, token in enumerate(reading.tokens)
        )

    def _is_denied(self, span: Span) -> bool:
        """Is there a `not` in the clause of what was promised: je sais pas venir?"""
        if span.cue == "yes.word":
            return False
        line = self.reading.line
        start = max(line.rfind(sign, 0, span.start) for sign in ".,?")
        ends = [end for sign in ".,?" if (end := line.find(sign, span.end)) >= 0]
        end = min(ends, default=len(line))
        # “Hab kein Auto, aber ich komme”: a but ends what was denied.
        for but in self.where("but"):
            start, end = (max(start, but.start), end) if but.start < span.start else (start, min(end, but.start))
        return any(start < denial.start < end for denial in self._denials())

    def _denials(self) -> list[Span]:
        """Every `not` that denies: not the one in “pourquoi pas”, nor a bare no before (“no no, go ahead”)."""
        excused = self.where("idiom", "hedge", "half", "yes")
        bare = self.where("no.word")
        return [
            denial
            for denial in self.reading.where("not")
            if not any(s.covers(denial) for s in excused) and not any(s.touches(denial) for s in bare)
        ]
