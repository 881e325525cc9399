"""Who holds the drawn phones: in each language an asker, two volunteers, and anyone."""

from dataclasses import dataclass

from db.postcodes import place
from smsgate import numbers
from smsgate.page_words import LANGUAGES, words

# Where each language's people live: the asker with the first volunteer, and the second volunteer. The towns lie further
# apart than the radius, so that nobody of another language is asked.
TOWNS = {"fr": ("1050", "1060"), "nl": ("2000", "2600"), "de": ("4700", "4701"), "en": ("3000", "3001")}
FIRST_NUMBERS = {"fr": 32470123400, "nl": 32470123410, "de": 32470123420, "en": 32470123430}


@dataclass(frozen=True, slots=True)
class Phone:
    """A drawn phone; an empty number is typed by whoever holds it."""

    id: str
    name: str
    number: str
    about: str
    first_text: str  # what its holder is likely to begin with
    answers: tuple[str, ...]

    def number_for_people(self) -> str:
        """As it is dialled."""
        return numbers.for_people(self.number)


def phones(language: str) -> tuple[Phone, ...]:
    """The four phones of a language, in the order they are drawn."""
    said, (here, near), first = words(language), TOWNS[language], FIRST_NUMBERS[language]
    texts, demo = said["texts"], said["demo"]
    answers = (texts["yes"], texts["no"])
    ask = f"{texts['ask']} {here} {texts['need']}"
    return (
        Phone("amina", "Amina", str(first), _about(demo["asker"], here, language), f"{ask}, Amina", answers),
        Phone("bram", "Bram", str(first + 1), _about(demo["volunteer"], here, language), texts["stop"], answers),
        Phone("chloe", "Chloé", str(first + 2), _about(demo["volunteer"], near, language), texts["stop"], answers),
        Phone("anyone", demo["anyone"], "", demo["anyone_about"], ask, answers),
    )


def joining() -> list[tuple[str, str]]:
    """The texts with which the volunteers of every language join: number and words."""
    texts = []
    for language in LANGUAGES:
        _, bram, chloe, _ = phones(language)
        for phone, postcode in zip((bram, chloe), TOWNS[language], strict=True):
            texts.append((phone.number, f"{words(language)['texts']['join']} {postcode} {phone.name}"))
    return texts


def name_of(number: str) -> str | None:
    """Who holds the drawn phone with this number; None for anyone else."""
    for language in LANGUAGES:
        for phone in phones(language):
            if phone.number == number:
                return phone.name
    return None


def _about(sentence: str, postcode: str, language: str) -> str:
    there = place(postcode)
    return sentence.format(place=f"{postcode} {there.name(language)}" if there else postcode)
