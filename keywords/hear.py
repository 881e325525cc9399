"""Words in: one text, and the question still open, become one meaning with its language, place, need and name."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from keywords import extras, firstname, language, needs
from keywords.fold import fold
from keywords.lexicon import Lexicon, lexicon
from keywords.meanings import Heard, Intent, Question
from keywords.numbers import postcodes
from keywords.places import Gazetteer
from keywords.reading import read
from keywords.resemblance import Resemblance, resemblance
from keywords.situation import Situation
from keywords.verdict import verdict

_ANSWERS = {Intent.YES, Intent.NO}
_HELP = {Intent.REQUEST, Intent.JOIN, Intent.LIST, Intent.CANCEL}


class Listener:
    """Hears texts. Prepared once with the places it may be told and, where wanted, more first names.

    `places` maps names of places, and postcodes themselves, to Belgian postcodes. No text makes it raise.
    """

    def __init__(self, places: Mapping[str, str], names: Collection[str] = (), words: Lexicon | None = None) -> None:
        self.lexicon = words or lexicon()
        if names:
            self.lexicon = replace(self.lexicon, names=self.lexicon.names | {fold(name) for name in names})
        self.resemblance: Resemblance | None = resemblance()
        self.gazetteer = Gazetteer(places, frozenset(self.lexicon.doubtful_places), frozenset(self.lexicon.regions))

    def hear(self, text: str, open: Question | None = None, language: str | None = None) -> Heard:
        """What the text means, said by a person whose language so far is `language`, to whom `open` was asked."""
        situation = self.situation(text, open)
        if situation is None:
            return Heard(Intent.UNKNOWN)
        return self._heard(situation, verdict(situation, self.resemblance), language)

    def situation(self, text: str, open: Question | None = None) -> Situation | None:
        """The text as read, with what stands in it; None where there is nothing to read."""
        reading = read(text, self.lexicon, self.gazetteer.is_place)
        if not reading.tokens:
            return None
        found = postcodes(self.gazetteer, reading)
        return Situation(reading, Question(open) if open else None, found, needs.named(reading))

    def _heard(self, situation: Situation, intent: Intent, so_far: str | None) -> Heard:
        reading = situation.reading
        place = situation.place
        taken = situation.place_tokens | needs.covered(reading)
        keywords = set(situation.keywords)
        asking = {index for index, keyword in situation.keywords.items() if keyword.cue == intent}
        name = None
        if intent is not Intent.UNKNOWN:
            name = firstname.own_name(reading, intent, situation.question, taken, keywords)
        silent = situation.place_tokens | extras.name_tokens(reading, name)
        cast = language.votes(reading, silent - situation.telling_places, situation.keywords)
        spoken = language.of(cast, so_far, place, situation.first() in {"request", "join"})
        wanted = situation.wanted(intent)
        # Where a volunteer is just now, “heute bin ich in Lüttich”, is nothing to ask them for.
        told = place and not (intent in _ANSWERS and situation.question)
        return Heard(
            intent,
            spoken,
            place.postcode if place and told else None,
            wanted[0] if wanted else None,
            name,
            wanted,
            extras.days(reading) if intent is Intent.PAUSE else None,
            extras.count(reading) if intent is Intent.REQUEST else None,
            extras.details(reading, silent | asking) if intent in _HELP else "",
            extras.switch(reading),
            extras.languages(reading, spoken) if intent is Intent.JOIN else (),
            extras.acknowledged(reading),
        )
