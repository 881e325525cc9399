"""The first name a writer gives as their own: after “je m'appelle”, beside a keyword, or under the text."""

from collections.abc import Set
from dataclasses import dataclass

from keywords.meanings import Intent, Question
from keywords.reading import Reading

_LONGEST_SURNAME = 3
_BETWEEN_NAMES = {"de", "van", "den", "der", "la", "le", "von", "d"}
_DOUBLE_NAMES = {
    ("anne", "marie"), ("jean", "pierre"), ("jean", "claude"), ("jean", "marie"), ("jean", "paul"), ("jean", "luc"),
    ("marie", "claire"), ("marie", "louise"),
}  # fmt: skip
_SIGNED = {Intent.JOIN, Intent.REQUEST, Intent.YES, Intent.NO}
# Whoever says yes to Marie, or to “did Marie help you?”, thanks Marie: “oui merci Marie”.
_NAME_ANOTHER = {Question.CONFIRM, Question.FOLLOWUP}


def own_name(
    reading: Reading, intent: Intent, question: Question | None, taken: Set[int], keywords: Set[int]
) -> str | None:
    """The writer's first name, or None; `taken` tokens name places, postcodes and needs, `keywords` the keyword."""
    return _Search(reading, intent, question, taken, keywords).found()


@dataclass(slots=True)
class _Search:
    reading: Reading
    intent: Intent
    question: Question | None
    taken: Set[int]
    keywords: Set[int]

    def found(self) -> str | None:
        reading = self.reading
        candidates = [i for i in range(len(reading.tokens)) if i not in self.keywords and self.may_be_name(i)]
        if not candidates:
            return None
        introduced = {reading.token_after(span) for span in reading.where("name.introducing")}
        for index in candidates:
            if index in introduced:
                return self.spelled(index)
        presented = {reading.token_after(span): span.language for span in reading.where("name.maybe")}
        signing = {reading.token_after(span) for span in reading.where("name.signing")}
        thanking = {reading.token_after(span) for span in reading.where("thanks")} - signing
        if self.intent is Intent.THANKS or self.question in _NAME_ANOTHER:
            thanking = set()
        signed = None
        for index in candidates:
            if index in presented and (self.is_known(index) or self.is_proper(index, presented[index])):
                return self.spelled(index)
            if self.is_signature(index) and (index in signing | thanking or self.stands_apart(index)):
                signed = index
        if signed is None or (self.intent is Intent.THANKS and signed not in signing and self.is_thanked(signed)):
            return None
        return self.spelled(signed)

    def is_known(self, index: int) -> bool:
        return index < len(self.reading.tokens) and self.reading.tokens[index].word in self.reading.lexicon.names

    def may_be_name(self, index: int) -> bool:
        """A known name, or a word of no language."""
        word = self.reading.tokens[index].word
        lexicon = self.reading.lexicon
        if word not in lexicon.names and (word in lexicon.languages_of or len(word) == 1):
            return False
        return index not in self.taken and word[0].isalpha()

    def is_capitalised(self, index: int) -> bool:
        raw = self.reading.tokens[index].raw
        return raw[0].isupper() and raw[1:].islower()

    def is_proper(self, index: int, language: str) -> bool:
        """Does its capital tell a name? Not in German, which writes every noun with one: “ich bin Krankenpfleger”."""
        return language != "de" and self.is_capitalised(index)

    def is_signature(self, index: int) -> bool:
        """Does nothing follow it but a surname? A name that is also an everyday word must come last."""
        if not (self.is_known(index) or self.is_expected(index)) or not self.stands_at_end(index):
            return False
        tokens = self.reading.tokens
        followed = any(t.is_word() and t.word not in self.reading.lexicon.names for t in tokens[index + 1 :])
        return not (followed and tokens[index].word in self.reading.lexicon.languages_of)

    def is_expected(self, index: int) -> bool:
        """Is an unknown word a name: the last one, after keyword and place, or with a capital after a full stop?"""
        tokens, previous = self.reading.tokens, index - 1
        if self.intent not in _SIGNED or any(later.is_word() for later in tokens[index + 1 :]):
            return False
        if self.intent is Intent.JOIN:
            after_comma = not self.keywords and tokens[previous].word == ","
            if after_comma or previous in self.taken or previous in self.keywords:
                return True
        return self.is_capitalised(index) and (self.intent is Intent.JOIN or tokens[previous].word in {".", ",", "-"})

    def stands_apart(self, index: int) -> bool:
        """Does something end right before it: a sign, a number, a place, the keyword, a please?"""
        previous = index - 1
        if index == 0:
            return 1 in self.reading.keywords
        if previous in self.reading.covered("greeting"):
            return False
        ends = previous in self.keywords or previous in self.taken or not self.reading.tokens[previous].is_word()
        return ends or previous in self.reading.covered("polite")

    def stands_at_end(self, index: int) -> bool:
        """Does nothing follow but a surname, a sign, a number or a place?"""
        reading = self.reading
        ending = reading.covered("polite", "name.after") | self.taken | self.keywords
        for length, later in enumerate(range(index + 1, len(reading.tokens))):
            token = reading.tokens[later]
            if not token.is_word() or later in ending:
                return True
            if length == 0 and self.is_known(later):
                continue
            joins = token.word in _BETWEEN_NAMES
            if length >= _LONGEST_SURNAME or not (joins or token.raw[0].isupper()):
                return False
            if token.word in reading.lexicon.languages_of and not joins:
                return False
        return True

    def is_thanked(self, index: int) -> bool:
        """“Merci, Marie”: the word before is the thanks."""
        before = [i for i in range(index) if self.reading.is_word(i)]
        return bool(before) and before[-1] in self.reading.covered("thanks")

    def spelled(self, index: int) -> str:
        """The name with its capital, and its second half where it is a double name: marie-claire → Marie-Claire."""
        tokens = self.reading.tokens
        last = index
        if self.is_known(index + 1):
            between = self.reading.text[tokens[index].end : tokens[index + 1].start]
            pair = (tokens[index].word, tokens[index + 1].word)
            if between == "-" or (between == " " and pair in _DOUBLE_NAMES):
                last = index + 1
        written = self.reading.text[tokens[index].start : tokens[last].end]
        return written.title() if written.isupper() or written.islower() else written
