"""The people of a simulated town: where they live, what they need and what each would answer, all from one seed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from hashlib import blake2b
from itertools import accumulate
from math import exp
from statistics import NormalDist
from typing import TypeVar
from zoneinfo import ZoneInfo

from db.matching import FROM_HOME
from db.notices import Notice
from db.postcodes import names, nearest, place

BRUSSELS = ZoneInfo("Europe/Brussels")
Choice = TypeVar("Choice")

# --- what is assumed: "issue" is given by the issue, "Statbel" is rounded from the population on 1 January 2024, and
# "guess" is ours. Nobody has published how fast volunteers answer a text.

VOLUNTEERS = 7_000  # issue: nine for each request
REQUESTS = 800  # issue: over two months
FIRST_DAY, DAYS = date(2026, 10, 1), 61  # guess: two months with a change of the clock in them (25 October)
JOIN_LATER = 0.07  # guess: the share of the volunteers who join during the two months
SILENT_ALTOGETHER = 0.20  # guess: volunteers who joined once and answer no text at all any more
SAY_YES, SAY_NO = 0.35, 0.20  # guess, of all offers; the other 45 % are never answered
ANSWER_MINUTES, ANSWER_SPREAD = 8, 1.2  # guess: median, and sigma of the lognormal: one in ten after 37 minutes
AWAKE = time(7, 30), time(22, 0)  # guess: nobody answers at night; whoever would have, does in the morning
MORNING_MINUTES = 90  # guess: the texts of the night are answered within this, evenly
NAME_NEEDS = 0.15  # guess: volunteers who help with two needs only, instead of with anything
PAUSE, STOP, BACK_OUT = 0.03, 0.01, 0.03  # guess: volunteers who rest, leave, or take back a promise
ASK_AGAIN = 0.25  # guess: requests of someone who has asked before, 14 days earlier or more
CONFIRM, REFUSE = 0.90, 0.04  # guess: seniors who say yes or no to the volunteer; the other 6 % do not answer
NEED_REMINDER = 0.12  # guess: of those who answer, the share who do so only when reminded
CONFIRM_MINUTES, CONFIRM_SPREAD = 10, 0.9  # guess: from some minutes to an hour
CANCEL = 0.02  # guess: seniors who take their request back within the hour
SAY_THANKS = 0.20  # guess
ANSWER_FOLLOW_UP, WAS_HELPED, LOOK_AGAIN = (
    0.70,
    0.85,
    0.60,
)  # guess: answered; helped, of those; another try, of the rest
FOLLOW_UP_MINUTES, FOLLOW_UP_SPREAD = 60, 1.2  # guess
AT_HOUR = (1, 1, 0, 0, 0, 1, 2, 5, 9, 11, 12, 11, 8, 7, 8, 8, 7, 6, 5, 4, 3, 3, 2, 1)  # guess: requests, 9 in 10 by day

# Of a hundred people, how many live there (Statbel), and how many volunteers (guess: they are townspeople more often).
# The rest live in any other postcode, as many in each: villages are thin.
CITIES: dict[str, tuple[float, float, Sequence[tuple[int, int]]]] = {
    "Brussels": (10.6, 18.0, [(1000, 1210)]),
    "Antwerpen": (4.6, 8.0, [(2000, 2060), (2100, 2180), (2600, 2610), (2660, 2660)]),
    "Gent": (2.3, 5.0, [(9000, 9052)]),
    "Charleroi": (1.7, 2.0, [(6000, 6061)]),
    "Liège": (1.7, 4.0, [(4000, 4032)]),
    "Brugge": (1.0, 1.5, [(8000, 8000), (8200, 8200), (8310, 8310), (8380, 8380)]),
    "Namur": (1.0, 1.5, [(5000, 5024), (5100, 5101)]),
    "Leuven": (0.9, 2.5, [(3000, 3018)]),
    "Mons": (0.8, 1.0, [(7000, 7034)]),
    "Mechelen": (0.8, 1.0, [(2800, 2812)]),
}
# guess, of a hundred requests
NEEDS = {"shopping": 35, "pharmacy": 15, "talk": 14, "transport": 14, "dog": 8, "digital": 8, "other": 6}
# guess, of a hundred people in a region of these languages; "fr nl" is Brussels
SPOKEN = {
    "fr": {"fr": 95, "nl": 2, "en": 3},
    "nl": {"nl": 94, "fr": 3, "en": 3},
    "de": {"de": 90, "fr": 10},
    "fr nl": {"fr": 68, "nl": 20, "en": 12},
}

# --- what they write

HELP = {"fr": "AIDE", "nl": "HULP", "de": "HILFE", "en": "HELP"}
JOIN = {"fr": "BENEVOLE", "nl": "VRIJWILLIGER", "de": "FREIWILLIG", "en": "VOLUNTEER"}
YES = {"fr": "oui", "nl": "ja", "de": "ja", "en": "yes"}
NO = {"fr": "non", "nl": "nee", "de": "nein", "en": "no"}
CALL_OFF = {"fr": "ANNULER", "nl": "ANNULEREN", "de": "ABSAGEN", "en": "CANCEL"}
THANKS = {"fr": "merci", "nl": "dank u", "de": "danke", "en": "thank you"}
REST = {"fr": "PAUSE", "nl": "PAUZE", "de": "PAUSE", "en": "PAUSE"}
IN_WORDS = {
    "fr": ("courses", "pharmacie", "parler", "transport", "chien", "ordinateur", "changer une ampoule"),
    "nl": ("boodschappen", "apotheek", "praten", "vervoer", "hond", "computer", "lamp vervangen"),
    "de": ("Einkaufen", "Apotheke", "reden", "Fahrt", "Hund", "Computer", "Lampe wechseln"),
    "en": ("shopping", "pharmacy", "talk", "transport", "dog", "computer", "change a bulb"),
}
NAMES = {
    "fr": ("Marie", "Luc", "Sophie", "Thomas", "Claire", "Julien"),
    "nl": ("Jan", "Els", "Pieter", "Lotte", "Koen", "Sofie"),
    "de": ("Anna", "Hans", "Petra", "Stefan"),
    "en": ("Tom", "Emma", "Peter", "Lucy"),
}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Someone who joins as a volunteer."""

    number: str
    name: str
    language: str
    postcode: str
    needs: tuple[str, ...]  # empty: anything
    never_answers: bool
    joins_at: datetime
    rests_at: datetime | None
    leaves_at: datetime | None


@dataclass(frozen=True, slots=True)
class Plea:
    """Someone who will ask for help, at a moment."""

    number: str
    nth: int  # of this person
    language: str
    postcode: str
    need: str
    at: datetime
    calls_off_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody writes, and when."""

    at: datetime
    number: str
    words: str


class Dice:
    """Chance that depends on what it is about, and on nothing that happened before: the same in every run."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def throw(self, *about: object) -> float:
        """Evenly between 0 and 1."""
        digest = blake2b(repr((self.seed, *about)).encode(), digest_size=7).digest()
        return (int.from_bytes(digest) + 0.5) / 2**56

    def pick(self, weights: Mapping[Choice, float], *about: object) -> Choice:
        """One of these, as often as it weighs."""
        thrown = self.throw(*about) * sum(weights.values())
        reached = accumulate(weights.values())
        return next(choice for choice, total in zip(weights, reached, strict=True) if thrown < total)

    def minutes(self, median: float, spread: float, *about: object) -> timedelta:
        """A lognormal wait."""
        return timedelta(minutes=median * exp(NormalDist(0, spread).inv_cdf(self.throw(*about))))


class People:
    """Everybody who will ever write, and what each would answer to what."""

    def __init__(
        self,
        seed: int,
        volunteers: int = VOLUNTEERS,
        requests: int = REQUESTS,
        days: int = DAYS,
        quickest: timedelta = timedelta(seconds=30),
    ) -> None:
        self.dice = Dice(seed)
        self.first_day = at_hour(FIRST_DAY, 0)
        self.days = days
        self.quickest = quickest
        self.volunteers = [self.volunteer(who) for who in range(volunteers)]
        self.pleas = sorted(self.ask(requests), key=lambda plea: plea.at)
        self.languages = {plea.number: plea.language for plea in self.pleas}
        self.languages |= {one.number: one.language for one in self.volunteers}

    # --- who they are

    def volunteer(self, who: int) -> Neighbour:
        """One volunteer."""
        dice = self.dice
        postcode = dice.pick(_weights(volunteers=True), "lives", who)
        language = dice.pick(SPOKEN[" ".join(_languages(postcode))], "speaks", who)
        needs: set[str] = set()
        if dice.throw("names needs", who) < NAME_NEEDS:
            needs = {dice.pick(NEEDS, "need", who, nth) for nth in range(2)} - {"other"}
        # On the day before the first, the town has joined; the order of joining is their own.
        joins_at = self.first_day - timedelta(days=1) + dice.throw("joins", who) * timedelta(hours=12)
        if dice.throw("joins later", who) < JOIN_LATER:
            joins_at = self.at_any_hour("joins", who)
        rests = dice.throw("rests", who) < PAUSE
        leaves = dice.throw("leaves", who) < STOP
        return Neighbour(
            f"32470{who:06}",
            NAMES[language][int(dice.throw("name", who) * len(NAMES[language]))],
            language,
            postcode,
            tuple(sorted(needs)),
            dice.throw("silent", who) < SILENT_ALTOGETHER,
            joins_at,
            max(joins_at + timedelta(days=1), self.at_any_hour("rests", who)) if rests else None,
            max(joins_at + timedelta(days=1), self.at_any_hour("leaves", who)) if leaves else None,
        )

    def ask(self, requests: int) -> Iterator[Plea]:
        """Everybody who asks, some of them more than once."""
        asked: list[Plea] = []
        for which in range(requests):
            at = self.at_any_hour("asks", which)
            before = [plea for plea in asked if abs(plea.at - at) >= timedelta(days=14) and plea.nth == 1]
            again = before and self.dice.throw("again", which) < ASK_AGAIN
            if again:
                first = before[int(self.dice.throw("who again", which) * len(before))]
                asked = [plea for plea in asked if plea is not first]
                number, language, postcode = first.number, first.language, first.postcode
                earlier, later = sorted((first.at, at))
                yield self.plea(number, 1, language, postcode, earlier)
                yield self.plea(number, 2, language, postcode, later)
                continue
            postcode = self.dice.pick(_weights(volunteers=False), "asks from", which)
            language = self.dice.pick(SPOKEN[" ".join(_languages(postcode))], "asks in", which)
            asked.append(self.plea(f"32485{which:06}", 1, language, postcode, at))
        yield from asked

    def plea(self, number: str, nth: int, language: str, postcode: str, at: datetime) -> Plea:
        """One request."""
        need = self.dice.pick(NEEDS, "needs", number, nth)
        calls_off = self.dice.throw("calls off", number, nth) < CANCEL
        later = timedelta(hours=self.dice.throw("calls off after", number, nth))
        return Plea(number, nth, language, postcode, need, at, at + later if calls_off else None)

    def at_any_hour(self, *about: object) -> datetime:
        """Some moment of these days, mostly by day."""
        day = FIRST_DAY + timedelta(days=int(self.dice.throw("day", *about) * self.days))
        hour = self.dice.pick(dict(enumerate(AT_HOUR)), "hour", *about)
        return at_hour(day, hour) + self.dice.throw("minute", *about) * timedelta(hours=1)

    # --- what they write of their own accord

    def texts(self) -> list[Answer]:
        """All that is written without being asked, in order."""
        return sorted(self._texts(), key=lambda text: (text.at, text.number))

    def _texts(self) -> Iterator[Answer]:
        for one in self.volunteers:
            needs = " ".join(IN_WORDS[one.language][NEEDS_IN_ORDER.index(need)] for need in one.needs)
            yield Answer(one.joins_at, one.number, f"{JOIN[one.language]} {one.postcode} {one.name} {needs}".strip())
            if one.rests_at:
                yield Answer(one.rests_at, one.number, REST[one.language])
            if one.leaves_at:
                yield Answer(one.leaves_at, one.number, "STOP")
        for plea in self.pleas:
            need = IN_WORDS[plea.language][NEEDS_IN_ORDER.index(plea.need)]
            yield Answer(plea.at, plea.number, f"{HELP[plea.language]} {plea.postcode} {need}")
            if plea.calls_off_at:
                yield Answer(plea.calls_off_at, plea.number, CALL_OFF[plea.language])

    # --- what they answer

    def answer(self, notice: str, number: str, about: tuple[object, ...], since: datetime) -> Answer | None:
        """What this person answers to a notice about somebody's nth request, or that they do not."""
        words: dict[str, str] | None = None
        median, spread = float(FOLLOW_UP_MINUTES), FOLLOW_UP_SPREAD
        match notice:
            case Notice.OFFER:
                words = {"yes": YES, "no": NO}.get(self.answers_offer(number, about))
                median, spread = ANSWER_MINUTES, ANSWER_SPREAD
            case Notice.VOLUNTEER_FOUND | Notice.CONFIRM_REMINDER:
                thrown = self.dice.throw("confirms", number, about)
                words = YES if thrown < CONFIRM else NO if thrown < CONFIRM + REFUSE else None
                needs_reminder = self.dice.throw("needs reminder", number, about) < NEED_REMINDER
                if needs_reminder != (notice == Notice.CONFIRM_REMINDER):
                    words = None
                median, spread = CONFIRM_MINUTES, CONFIRM_SPREAD
            case Notice.FOLLOW_UP | Notice.FOLLOW_UP_VOLUNTEER:
                if self.dice.throw("follows up", number, about) < ANSWER_FOLLOW_UP:
                    words = YES if self.dice.throw("was helped", number, about) < WAS_HELPED else NO
            case Notice.LOOK_AGAIN:
                words = YES if self.dice.throw("look again", number, about) < LOOK_AGAIN else NO
                median, spread = CONFIRM_MINUTES, CONFIRM_SPREAD
            case Notice.INTRODUCE_TO_VOLUNTEER if self.dice.throw("backs out", number, about) < BACK_OUT:
                words = CALL_OFF
            case Notice.INTRODUCE_TO_ASKER if self.dice.throw("thanks", number, about) < SAY_THANKS:
                words = THANKS
        if words is None:
            return None
        wait = max(self.quickest, self.dice.minutes(median, spread, "waits", notice, number, about))
        return Answer(self.awake(since + wait, number, about), number, words[self.languages[number]])

    def answers_offer(self, volunteer: str, about: tuple[object, ...]) -> str:
        """ "yes", "no" or "" to this request, however often and whenever it is put to them."""
        if self._by_number[volunteer].never_answers:
            return ""
        thrown = self.dice.throw("offer", volunteer, *about[:2]) * (1 - SILENT_ALTOGETHER)
        return "yes" if thrown < SAY_YES else "no" if thrown < SAY_YES + SAY_NO else ""

    def awake(self, at: datetime, *about: object) -> datetime:
        """This moment, or some time after getting up if it is at night."""
        here = at.astimezone(BRUSSELS)
        if AWAKE[0] <= here.time() < AWAKE[1]:
            return at
        day = here.date() + timedelta(days=here.time() >= AWAKE[1])
        up = datetime.combine(day, AWAKE[0], BRUSSELS).astimezone(UTC)
        return up + self.dice.throw("gets up", *about) * timedelta(minutes=MORNING_MINUTES)

    # --- who could have helped

    def willing_in_reach(self, plea: Plea, radius_km: float, at_most: int) -> int:
        """How many volunteers would say yes to this plea if they were asked: counted up to at_most.

        They live within radius_km (anywhere, for help given from home), joined before it, have not left, do not rest
        then, help with what is needed, and would answer yes. Whether they are busy or were asked often does not count.
        """
        found = 0
        for one in self._near(plea, radius_km):
            here = one.joins_at < plea.at and not (one.leaves_at and one.leaves_at < plea.at)
            rests = one.rests_at and one.rests_at <= plea.at < one.rests_at + timedelta(days=14)
            suits = not one.needs or plea.need in one.needs
            found += bool(
                here and not rests and suits and self.answers_offer(one.number, (plea.number, plea.nth)) == "yes"
            )
            if found == at_most:
                break
        return found

    def _near(self, plea: Plea, radius_km: float) -> Iterator[Neighbour]:
        if plea.need in FROM_HOME:
            yield from self.volunteers
            return
        for _, postcode in nearest(plea.postcode, radius_km):
            yield from self._by_postcode.get(postcode, ())

    @cached_property
    def _by_number(self) -> dict[str, Neighbour]:
        return {one.number: one for one in self.volunteers}

    @cached_property
    def _by_postcode(self) -> dict[str, list[Neighbour]]:
        found: dict[str, list[Neighbour]] = {}
        for one in self.volunteers:
            found.setdefault(one.postcode, []).append(one)
        return found


NEEDS_IN_ORDER = ("shopping", "pharmacy", "talk", "transport", "dog", "digital", "other")


def at_hour(day: date, hour: int) -> datetime:
    """An hour of a day in Brussels, in UTC."""
    return datetime.combine(day, time(hour), BRUSSELS).astimezone(UTC)


@cache
def _weights(*, volunteers: bool) -> dict[str, float]:
    """How many of a hundred people (or volunteers) live in each postcode."""
    weights: dict[str, float] = {}
    for people, helpers, ranges in CITIES.values():
        codes = [code for code in _codes() if any(first <= int(code) <= last for first, last in ranges)]
        weights |= dict.fromkeys(codes, (helpers if volunteers else people) / len(codes))
    others = [code for code in _codes() if code not in weights]
    return weights | dict.fromkeys(others, (100 - sum(weights.values())) / len(others))


@cache
def _codes() -> tuple[str, ...]:
    return tuple(sorted(set(names().values())))


def _languages(postcode: str) -> tuple[str, ...]:
    found = place(postcode)
    assert found
    return found.languages
