"""The first name a writer gives as their own: after “je m'appelle”, beside a keyword, or under the text."""

from keywords.fold import Token
from keywords.meanings import Intent, Question
from keywords.reading import Reading

_LONGEST_SURNAME = 3
_THANKED_BY_NAME = {Question.CONFIRM, Question.FOLLOWUP}


def own_name(
    reading: Reading, intent: Intent, question: Question | None, taken: set[int], keywords: set[int]
) -> str | None:
    """The writer's first name, or None; `taken` tokens name places, postcodes and needs, `keywords` the keyword."""
    introduced = {reading.token_after(span) for span in reading.where("name.introducing")}
    for index in sorted(introduced):
        if _may_be_name(reading, index, taken):
            return _spelled(reading, index)
    maybe_introduced = {reading.token_after(span) for span in reading.where("name.maybe")}
    signing = {reading.token_after(span) for span in reading.where("name.signing")}
    thanking = {reading.token_after(span) for span in reading.where("thanks")} - signing
    found = None
    for index, token in enumerate(reading.tokens):
        if not token.is_word() or index in keywords or not _may_be_name(reading, index, taken):
            continue
        known = token.word in reading.lexicon.names
        if index in maybe_introduced and (known or _is_capitalised(reading, token)):
            return _spelled(reading, index)
        if not (known or _looks_like_name(reading, index, intent, taken, keywords)):
            continue
        if not _stands_at_end(reading, index, taken, keywords):
            continue
        if (
            index in signing
            or (_stands_apart(reading, index, taken, keywords) and not _is_greeted(reading, index))
            or (index in thanking and intent is not Intent.THANKS and question not in _THANKED_BY_NAME)
        ):
            found = index
    if found is None or (intent is Intent.THANKS and found not in signing and _follows_thanks(reading, found)):
        return None
    return _spelled(reading, found)


def _may_be_name(reading: Reading, index: int, taken: set[int]) -> bool:
    if not reading.is_word(index) or index in taken:
        return False
    word = reading.tokens[index].word
    if word in reading.lexicon.names:
        return True
    return len(word) > 1 and not reading.lexicon.languages_of.get(word)


def _looks_like_name(reading: Reading, index: int, intent: Intent, taken: set[int], keywords: set[int]) -> bool:
    """An unknown word is a name where a name is expected: last, alone, after the keyword of a helper, or capitalised."""
    if intent not in {Intent.JOIN, Intent.REQUEST, Intent.YES, Intent.NO}:
        return False
    token = reading.tokens[index]
    if any(later.is_word() for later in reading.tokens[index + 1 :]):
        return False
    previous = index - 1
    after_keyword = bool(keywords) and (previous in taken or previous in keywords)
    if intent is Intent.JOIN and after_keyword:
        return True
    return _is_capitalised(reading, token) and (
        intent is Intent.JOIN or reading.tokens[previous].word in {".", ",", "-"}
    )


def _is_capitalised(reading: Reading, token: Token) -> bool:
    return token.raw[0].isupper() and token.raw[1:].islower()


def _stands_apart(reading: Reading, index: int, taken: set[int], keywords: set[int]) -> bool:
    """Does something end right before it: a sign, a number, a place, the keyword?"""
    if index == 0:
        return reading.keyword(1) is not None if len(reading.tokens) > 1 else False
    previous = index - 1
    token = reading.tokens[previous]
    if previous in keywords or previous in taken or not (token.is_word() or token.word == "?"):
        return True
    return token.word == "?" or previous in reading.covered("polite")


def _is_greeted(reading: Reading, index: int) -> bool:
    """“Merci, Marie”, “dag Marie”: the one spoken to."""
    return index - 1 in reading.covered("greeting")


def _follows_thanks(reading: Reading, index: int) -> bool:
    last = index - 1
    while last >= 0 and not reading.tokens[last].is_word():
        last -= 1
    return last in reading.covered("thanks")


def _stands_at_end(reading: Reading, index: int, taken: set[int], keywords: set[int]) -> bool:
    """Does nothing follow but a surname, a sign, a number or a place?"""
    surname = 0
    for later in range(index + 1, len(reading.tokens)):
        token = reading.tokens[later]
        if (
            not token.is_word()
            or later in taken
            or later in keywords
            or later in reading.covered("polite", "name.after")
        ):
            return True
        if token.word in reading.lexicon.languages_of and token.word not in {
            "de",
            "van",
            "den",
            "der",
            "la",
            "le",
            "von",
        }:
            return False
        surname += 1
        if surname > _LONGEST_SURNAME:
            return False
    return True


def _spelled(reading: Reading, index: int) -> str:
    """The name with its capital, and its second half where it is a double name: marie-claire → Marie-Claire."""
    tokens = reading.tokens
    last = index
    if index + 1 < len(tokens) and tokens[index + 1].is_word() and tokens[index + 1].word in reading.lexicon.names:
        between = reading.text[tokens[index].end : tokens[index + 1].start]
        if between == "-" or (between == " " and f"{tokens[index].word} {tokens[index + 1].word}" in _DOUBLE):
            last = index + 1
    written = reading.text[tokens[index].start : tokens[last].end]
    return written.title() if written.isupper() or written.islower() else written


_DOUBLE = {
    "anne marie",
    "jean pierre",
    "jean claude",
    "jean marie",
    "marie claire",
    "marie louise",
    "jean paul",
    "jean luc",
}
