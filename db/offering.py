"""A request is put to volunteers: the next ones, one more for a no, and nobody when there is nobody left."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import ModelSelect

from db import concerns, limits, matching, outbox, questions, volunteers
from db.concerns import Kind
from db.models import Offer, Person, Request, Volunteer
from db.notices import Notice
from db.questions import Question
from db.statements import change, insert_if_new, statement
from db.steps import OfferStep, RequestStep, move
from db.telling import Telling

# Nobody was found: whoever is free again or has joined since is asked.
TRY_AGAIN_EVERY = timedelta(hours=1)
# How long "OUI" can still be about an offer that is no longer open.
LATE_YES_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Offering(Telling):
    """Asking volunteers."""

    def offer(self, request: Request, as_of: datetime) -> int:
        """The next wave of volunteers is asked, by day. Returns how many were."""
        if self.rules.is_night(as_of):
            change(request, due_at=self.rules.waking(as_of))
            return 0
        asked = self.put_to_next(request, self.rules.wave_size + request.wanted - request.taken - 1, as_of)
        if asked:
            change(request, waves=request.waves + 1, due_at=as_of + self.rules.wave_timeout)
        return asked

    def begin(self, request: Request, if_nobody: Notice, as_of: datetime) -> None:
        """The first wave of a search, and the asker hears at once how it stands."""
        if self.offer(request, as_of):
            self.tell_about(request, Notice.SEARCHING, as_of, reply=True)
        elif self.rules.is_night(as_of):
            self.tell_about(request, Notice.SEARCHING_TOMORROW, as_of, reply=True)
        else:
            self.nobody(request, if_nobody, as_of, reply=True)

    def ask_at_once(self, request: Request, as_of: datetime) -> None:
        """Somebody has just joined near a request that waits: ask them now, or when the night ends."""
        if self.rules.is_night(as_of):
            change(request, due_at=self.rules.waking(as_of))
        elif self.put_to_next(request, 1, as_of):
            change(request, due_at=as_of + self.rules.wave_timeout)

    def put_to_next(self, request: Request, how_many: int, as_of: datetime) -> int:
        """Put a request to so many volunteers more. Returns how many there were."""
        left_today = self.rules.volunteers_per_day - limits.volunteers_today(request.person, self.rules.key, as_of)
        if left_today < how_many:
            concerns.open_concern(Kind.FLOOD, request.person, as_of, request)
        chosen = matching.next_volunteers(request, max(0, min(how_many, left_today)), self.rules.radius_km)
        for volunteer in chosen:
            offer = _put_to(request, volunteer, as_of)
            questions.put(volunteer.person, Question.OFFER, offer.id, as_of)
            volunteers.count_asks(volunteer, self.rules.asks_per_week, as_of)
            self.tell(volunteer.person, Notice.OFFER, as_of, offer=offer, need=request.need, postcode=request.postcode)
        return len(chosen)

    def decline(self, offer: Offer, as_of: datetime) -> None:
        """The volunteer says no; the next one is asked."""
        move(offer, OfferStep.DECLINED, as_of)
        questions.close(offer.volunteer.person, Question.OFFER, offer.id)
        self.tell(offer.volunteer.person, Notice.DECLINED, as_of, reply=True)
        self.ask_another(offer.request, as_of)

    def ask_another(self, request: Request, as_of: datetime) -> None:
        """One volunteer less: ask one more, and tell the asker when there is nobody left to wait for."""
        if request.step != RequestStep.SEARCHING or self.rules.is_night(as_of):
            return
        if not self.put_to_next(request, 1, as_of) and not offers(request, OfferStep.ASKED):
            self.nobody(request, self.nobody_found(), as_of)

    def close_offer(self, offer: Offer, step: OfferStep, as_of: datetime) -> bool:
        """This offer is not open any more. Returns whether the volunteer ever heard of it."""
        move(offer, step, as_of)
        questions.close(offer.volunteer.person, Question.OFFER, offer.id)
        return not outbox.call_back(offer.volunteer.person, Notice.OFFER)

    def nobody(self, request: Request, notice: Notice, as_of: datetime, reply: bool = False) -> None:
        """There is nobody left to ask: the asker hears so once, and it is tried again when somebody is free."""
        first_time, is_rung = request.nobody_at is None, request.person.no_sms and not reply
        change(request, nobody_at=request.nobody_at or as_of, due_at=as_of + TRY_AGAIN_EVERY)
        if first_time and not is_rung:  # else the call is a concern of its own
            concerns.open_concern(Kind.NOBODY, request.person, as_of, request)
        if first_time or reply:
            self.tell_about(request, notice, as_of, reply)

    def nobody_found(self) -> Notice:
        """With a number to call, where the town has one."""
        return Notice.NOBODY_FOUND_CALL if self.rules.helpline else Notice.NOBODY_FOUND


def missed_offer(person: Person, as_of: datetime) -> Offer | None:
    """The last offer that was put to this person and is no longer open, if that is not long ago."""
    return next(iter(_missed_offers(person, as_of - LATE_YES_WITHIN)), None)


def offers(request: Request, *steps: OfferStep) -> list[Offer]:
    """The offers of a request at these steps, with their volunteers, oldest first."""
    return [offer for offer in _offers(request) if offer.step in steps]


def the_offer(offer: int) -> Offer:
    """One offer, with both people it is about."""
    return _offer(offer)[0]


def full_offers() -> "ModelSelect[Offer]":
    """Offers with their request and volunteer, and both of their people, in one question to the database."""
    asker, helper = Person.alias(), Person.alias()
    return (
        Offer.select(Offer, Volunteer, helper, Request, asker)
        .join(Volunteer)
        .join(helper, on=(Volunteer.person == helper.id), attr="person")
        .switch(Offer)
        .join(Request)
        .join(asker, on=(Request.person == asker.id), attr="person")
    )


@statement
def _offer(offer: int) -> "ModelSelect[Offer]":
    return full_offers().where(Offer.id == offer)


@statement
def _offers(request: Request) -> "ModelSelect[Offer]":
    over = (OfferStep.DECLINED, OfferStep.WITHDRAWN)  # never asked for
    return full_offers().where((Offer.request == request) & Offer.step.not_in(over)).order_by(Offer.id)


@statement
def _missed_offers(person: Person, since: datetime) -> "ModelSelect[Offer]":
    over = Offer.step.in_((OfferStep.LAPSED, OfferStep.TOO_LATE))
    missed = full_offers().where((Volunteer.person == person) & over & (Offer.moved_at >= since))
    return missed.order_by(Offer.moved_at.desc(), Offer.id.desc()).limit(1)


@statement
def _offer_to(request: Request, volunteer: Volunteer) -> "ModelSelect[Offer]":
    return Offer.select().where((Offer.request == request) & (Offer.volunteer == volunteer))


def _put_to(request: Request, volunteer: Volunteer, as_of: datetime) -> Offer:
    offer = insert_if_new(
        Offer, request=request, volunteer=volunteer, step=OfferStep.ASKED, moved_at=as_of, asked_at=as_of
    )
    if offer is None:  # a neighbour was faster, and then was not wanted
        offer = _offer_to(request, volunteer)[0]
        move(offer, OfferStep.ASKED, as_of)
        change(offer, asked_at=as_of)
    return offer
