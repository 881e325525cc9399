"""Words in: one text, and the question still open, become one meaning with its language, place, need and name."""

from collections.abc import Collection, Mapping

from keywords import extras, firstname, language, needs
from keywords.lexicon import Lexicon, lexicon
from keywords.meanings import Heard, Intent, Question
from keywords.places import Gazetteer
from keywords.reading import read
from keywords.rules import Situation, decide

_HELP = {Intent.REQUEST, Intent.JOIN, Intent.LIST, Intent.CANCEL}


class Listener:
    """Hears texts. Prepared once with the places it may be told and, where wanted, more first names.

    `places` maps names of places, and postcodes themselves, to Belgian postcodes. No text makes it raise.
    """

    def __init__(self, places: Mapping[str, str], names: Collection[str] = (), words: Lexicon | None = None) -> None:
        self.lexicon = words or lexicon()
        self.lexicon.names.update(name.casefold() for name in names)
        self.gazetteer = Gazetteer(places, frozenset(self.lexicon.doubtful_places))

    def hear(self, text: str, open: Question | None = None, language: str | None = None) -> Heard:
        """What the text means, said by a person whose language so far is `language`, to whom `open` was asked."""
        reading = read(text, self.lexicon, self.gazetteer.is_place)
        if not reading.tokens:
            return Heard(Intent.UNKNOWN)
        found = self.gazetteer.find(reading)
        situation = Situation(reading, Question(open) if open else None, found, needs.named(reading))
        intent = decide(situation)
        return self._heard(situation, intent, language)

    def _heard(self, situation: Situation, intent: Intent, so_far: str | None) -> Heard:
        reading = situation.reading
        place = situation.place if intent is not Intent.EMERGENCY or situation.place else None
        taken = situation.place_tokens | needs.covered(reading)
        keywords = set(situation.keywords)
        name = (
            firstname.own_name(reading, intent, situation.question, taken, keywords)
            if intent is not Intent.UNKNOWN
            else None
        )
        silent = situation.place_tokens | extras.name_tokens(reading, name)
        cast = language.votes(reading, silent - situation.telling_places, situation.keywords)
        spoken = language.of(cast, so_far, place.postcode if place and not place.is_number else None)
        wanted = situation.wanted(intent)
        return Heard(
            intent,
            spoken,
            place.postcode if place else None,
            wanted[0] if wanted else None,
            name,
            wanted,
            extras.days(reading) if intent is Intent.PAUSE else None,
            extras.count(reading) if intent is Intent.REQUEST else None,
            extras.details(reading, silent | keywords) if intent in _HELP else "",
            extras.switch(reading),
        )
