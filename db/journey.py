"""Request → offer → acceptance → confirmation → introduction → follow-up, in that order."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db import matching, outbox, questions
from db.connection import transaction
from db.models import Offer, Person, Request, Volunteer
from db.outbox import Notice
from db.questions import Question
from db.steps import OPEN_REQUESTS, OfferStep, OutOfStep, RequestStep, move

# Someone who has not told us by then whether help came is not asked again.
FOLLOW_UP_ANSWER_WITHIN = timedelta(hours=48)
# Someone who writes so soon after we did has not read it yet: our text is their answer.
CROSSED_WITHIN = timedelta(seconds=30)
# How long "OUI" can still be about an offer that is no longer open.
LATE_YES_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Journey:
    """The steps people take together, under the rules of this town.

    wave_size volunteers are asked at once, within radius_km; after wave_timeout without a yes the next are asked;
    follow_up_after an introduction the asker is asked whether help came.
    """

    wave_size: int
    wave_timeout: timedelta
    radius_km: float
    follow_up_after: timedelta

    # --- someone needs help

    def ask(self, person: Person, postcode: str | None, need: str | None, details: str, as_of: datetime) -> None:
        """A person asks for help; while a request of theirs is open this adds to it, or says where it stands."""
        start(person, as_of)
        request = open_request(person)
        if request and request.step == RequestStep.FOLLOWED_UP:
            self.answer_follow_up(request, RequestStep.UNKNOWN, as_of)
            request = None
        if request is None or request.step == RequestStep.INTRODUCED:
            request = Request.create(
                person=person, need=need, details=details, step=RequestStep.INCOMPLETE, moved_at=as_of, created_at=as_of
            )
        elif need and need != request.need:
            request.need = request.need or need
            request.details = f"{request.details} {details}".strip()
            request.save(only=[Request.need, Request.details])
        if request.step == RequestStep.INCOMPLETE:
            self.complete(request, postcode, as_of)
        elif request.step == RequestStep.PROPOSED and person.question == Question.CONFIRM:
            outbox.put(person, Notice.VOLUNTEER_FOUND, as_of)
        else:
            outbox.put(person, Notice.STILL_SEARCHING, as_of, need=request.need, postcode=request.postcode)

    def complete(self, request: Request, postcode: str | None, as_of: datetime) -> None:
        """We now know where help is needed, or ask."""
        person = request.person
        if postcode is None:
            questions.put(person, Question.POSTCODE, None, as_of)
            outbox.put(person, Notice.ASK_POSTCODE, as_of)
            return
        questions.close(person, Question.POSTCODE, None)
        request.postcode = postcode
        request.save(only=[Request.postcode])
        move(request, RequestStep.SEARCHING, as_of)
        asked = self.offer(request, self.wave_size, as_of)
        notice = Notice.SEARCHING if asked else Notice.NOBODY_NEAR
        outbox.put(person, notice, as_of, need=request.need, postcode=postcode)

    # --- volunteers are asked

    def offer(self, request: Request, how_many: int, as_of: datetime) -> int:
        """Put a request to the next volunteers. Returns how many were asked."""
        asked = 0
        for volunteer in matching.next_volunteers(request, how_many, self.radius_km, as_of):
            offer = _put_to(request, volunteer, as_of)
            questions.put(volunteer.person, Question.OFFER, offer.id, as_of)
            Volunteer.update(asked_at=as_of).where(Volunteer.id == volunteer.id).execute()
            outbox.put(volunteer.person, Notice.OFFER, as_of, need=request.need, postcode=request.postcode)
            asked += 1
        if asked:
            Request.update(due_at=as_of + self.wave_timeout).where(Request.id == request.id).execute()
        return asked

    def decline(self, offer: Offer, as_of: datetime) -> None:
        """The volunteer says no; the next one is asked."""
        move(offer, OfferStep.DECLINED, as_of)
        questions.close(offer.volunteer.person, Question.OFFER, offer.id)
        outbox.put(offer.volunteer.person, Notice.DECLINED, as_of)
        self.ask_another(offer.request, as_of)

    def ask_another(self, request: Request, as_of: datetime) -> None:
        """One volunteer less: ask one more, and tell the asker when there is nobody left to wait for."""
        if request.step != RequestStep.SEARCHING or self.offer(request, 1, as_of):
            return
        if not _offers(request, OfferStep.ASKED):
            outbox.put(request.person, Notice.NOBODY_NEAR, as_of, need=request.need, postcode=request.postcode)

    def widen_all_due(self, as_of: datetime) -> int:
        """Nobody said yes in time: the offers lapse, the next volunteers are asked. Returns for how many requests."""
        due = list(Request.select().where((Request.step == RequestStep.SEARCHING) & (Request.due_at <= as_of)))
        for request in due:
            for offer in _offers(request, OfferStep.ASKED):
                move(offer, OfferStep.LAPSED, as_of)
                questions.close(offer.volunteer.person, Question.OFFER, offer.id)
                self.ask_to_confirm(offer.volunteer.person, as_of)
            Request.update(due_at=None).where(Request.id == request.id).execute()
            if not self.offer(request, self.wave_size, as_of):
                outbox.put(request.person, Notice.NOBODY_NEAR, as_of, need=request.need, postcode=request.postcode)
        return len(due)

    # --- a volunteer says yes

    def accept(self, offer: Offer, as_of: datetime) -> None:
        """The volunteer says yes; the person who asked keeps the last word. OutOfStep: a neighbour was faster."""
        request = offer.request
        move(request, RequestStep.PROPOSED, as_of)
        move(offer, OfferStep.ACCEPTED, as_of)
        questions.close(offer.volunteer.person, Question.OFFER, offer.id)
        outbox.put(offer.volunteer.person, Notice.ACCEPTED, as_of)
        for other in _offers(request, OfferStep.ASKED):
            move(other, OfferStep.TOO_LATE, as_of)
            questions.close(other.volunteer.person, Question.OFFER, other.id)
            outbox.put(other.volunteer.person, Notice.NEIGHBOUR_FASTER, as_of)
        self.ask_to_confirm(request.person, as_of)

    def accept_late(self, missed: Offer, written_at: datetime, as_of: datetime) -> None:
        """A yes to an offer that is no longer open counts if help is still needed."""
        try:
            with transaction():
                self.accept(missed, as_of)
        except OutOfStep:
            if missed.moved_at + CROSSED_WITHIN < written_at:
                outbox.put(missed.volunteer.person, Notice.NEIGHBOUR_FASTER, as_of)

    # --- the asker has the last word

    def ask_to_confirm(self, person: Person, as_of: datetime) -> None:
        """Ask whether the volunteer may have the asker's number; if another question is open, that waits its turn."""
        waiting = Request.select().where((Request.person == person) & (Request.step == RequestStep.PROPOSED)).first()
        if waiting and questions.put(waiting.person, Question.CONFIRM, waiting.id, as_of):
            outbox.put(person, Notice.VOLUNTEER_FOUND, as_of)

    def confirm(self, request: Request, as_of: datetime) -> None:
        """Both have said yes: each gets the other's name and number."""
        offer = _offers(request, OfferStep.ACCEPTED)[0]
        asker, volunteer = request.person, offer.volunteer.person
        move(request, RequestStep.INTRODUCED, as_of)
        move(offer, OfferStep.INTRODUCED, as_of)
        questions.close(asker, Question.CONFIRM, request.id)
        Request.update(due_at=as_of + self.follow_up_after).where(Request.id == request.id).execute()
        outbox.put(asker, Notice.INTRODUCE_TO_ASKER, as_of, name=volunteer.name, number=volunteer.number)
        outbox.put(asker, Notice.SAFETY, as_of)
        outbox.put(
            volunteer,
            Notice.INTRODUCE_TO_VOLUNTEER,
            as_of,
            name=asker.name,
            number=asker.number,
            need=request.need,
            postcode=request.postcode,
        )
        if request.need == "other" or len(request.details.split()) > 1:  # else the need has said it all
            outbox.put(volunteer, Notice.IN_THEIR_WORDS, as_of, words=request.details)
        outbox.put(volunteer, Notice.SAFETY, as_of)

    def refuse(self, request: Request, as_of: datetime) -> None:
        """The asker does not want this volunteer: the next ones are asked."""
        questions.close(request.person, Question.CONFIRM, request.id)
        for offer in _offers(request, OfferStep.ACCEPTED):
            move(offer, OfferStep.WITHDRAWN, as_of)
            outbox.put(offer.volunteer.person, Notice.NO_LONGER_NEEDED, as_of)
        self.search_again(request, Notice.ASKING_OTHERS, as_of)

    def search_again(self, request: Request, notice: Notice, as_of: datetime) -> None:
        """Back to the volunteers who were not asked yet; the notice tells the asker, if there are any."""
        move(request, RequestStep.SEARCHING, as_of)
        asked = self.offer(request, self.wave_size, as_of)
        outbox.put(
            request.person,
            notice if asked else Notice.NOBODY_NEAR,
            as_of,
            need=request.need,
            postcode=request.postcode,
        )

    # --- the next day

    def follow_up_all_due(self, as_of: datetime) -> int:
        """Ask those who were introduced whether help came. Returns how many were asked."""
        asked = 0
        due = (
            Request.select(Request, Person)
            .join(Person)
            .where(
                Request.step == RequestStep.INTRODUCED,
                Request.due_at <= as_of,
                Person.question.is_null(),
                Person.stopped_at.is_null(),
            )
        )
        for request in list(due):
            if not questions.put(request.person, Question.FOLLOWUP, request.id, as_of):
                continue
            move(request, RequestStep.FOLLOWED_UP, as_of)
            Request.update(due_at=as_of + FOLLOW_UP_ANSWER_WITHIN).where(Request.id == request.id).execute()
            offer = _offers(request, OfferStep.INTRODUCED)[0]
            outbox.put(request.person, Notice.FOLLOW_UP, as_of, name=offer.volunteer.person.name)
            asked += 1
        return asked

    def answer_follow_up(self, request: Request, outcome: RequestStep, as_of: datetime) -> None:
        """The asker told us how it went: the request is closed as helped, not helped or unknown."""
        move(request, outcome, as_of)
        questions.close(request.person, Question.FOLLOWUP, request.id)
        if outcome is RequestStep.HELPED:
            outbox.put(request.person, Notice.HELPED, as_of)
        elif outcome is RequestStep.NOT_HELPED:
            outbox.put(request.person, Notice.NOT_HELPED, as_of)

    def close_all_unanswered(self, as_of: datetime) -> int:
        """Those who did not tell us whether help came are not asked again. Returns how many requests were closed."""
        due = list(Request.select().where((Request.step == RequestStep.FOLLOWED_UP) & (Request.due_at <= as_of)))
        for request in due:
            self.answer_follow_up(request, RequestStep.UNKNOWN, as_of)
        return len(due)

    # --- volunteers come, rest and go

    def join(self, person: Person, postcode: str | None, needs: str, as_of: datetime) -> None:
        """A person offers help; whoever waits near them is helped first."""
        start(person, as_of)
        volunteer = Volunteer.get_or_none(person=person) or Volunteer.create(person=person, created_at=as_of)
        volunteer.willing, volunteer.resting_until = True, None
        volunteer.needs = needs or volunteer.needs
        volunteer.postcode = postcode or volunteer.postcode
        volunteer.save(only=[Volunteer.willing, Volunteer.resting_until, Volunteer.needs, Volunteer.postcode])
        if volunteer.postcode is None:
            questions.put(person, Question.POSTCODE, None, as_of)
            outbox.put(person, Notice.ASK_POSTCODE, as_of)
            return
        questions.close(person, Question.POSTCODE, None)
        outbox.put(person, Notice.WELCOME, as_of, postcode=volunteer.postcode)
        if person.question is None:
            for request in matching.waiting_requests(volunteer, self.radius_km)[:1]:
                self.offer(request, 1, as_of)

    def place(self, person: Person, postcode: str, as_of: datetime) -> bool:
        """A bare postcode completes what this person began. Returns False if nothing was waiting for it."""
        request = open_request(person)
        if request and request.step == RequestStep.INCOMPLETE:
            self.complete(request, postcode, as_of)
            return True
        volunteer = Volunteer.get_or_none(person=person, postcode=None)
        if volunteer:
            self.join(person, postcode, "", as_of)
        return volunteer is not None

    def rest(self, person: Person, until: datetime, as_of: datetime) -> bool:
        """A volunteer wants no questions until then. Returns False for someone who is no volunteer."""
        resting = Volunteer.update(resting_until=until).where(Volunteer.person == person).execute()
        if resting:
            self.take_back_offers(person, OfferStep.DECLINED, as_of)
        return bool(resting)

    # --- anyone may stop, at any step

    def cancel(self, person: Person, as_of: datetime) -> bool:
        """Take back the open request, or the promise to help. Returns False if there was neither."""
        request = open_request(person)
        if request:
            self.withdraw(request, as_of)
            return True
        return self.take_back_offers(person, OfferStep.DECLINED, as_of)

    def withdraw(self, request: Request, as_of: datetime) -> None:
        """The asker takes the request back, and whoever was asked or had promised hears it."""
        for offer in _offers(request, OfferStep.ASKED, OfferStep.ACCEPTED, OfferStep.INTRODUCED):
            move(offer, OfferStep.WITHDRAWN, as_of)
            questions.close(offer.volunteer.person, Question.OFFER, offer.id)
            outbox.put(offer.volunteer.person, Notice.NO_LONGER_NEEDED, as_of)
        move(request, RequestStep.WITHDRAWN, as_of)
        for question in (Question.POSTCODE, Question.CONFIRM, Question.FOLLOWUP):
            questions.close(request.person, question, None if question is Question.POSTCODE else request.id)

    def take_back_offers(self, person: Person, asked_becomes: OfferStep, as_of: datetime) -> bool:
        """The volunteer takes back what is open or promised; the asker hears of a promise, and others are asked."""
        taken_back = list(
            Offer.select()
            .join(Volunteer)
            .where(Volunteer.person == person, Offer.step.in_((OfferStep.ASKED, OfferStep.ACCEPTED)))
        )
        for offer in taken_back:
            request = offer.request
            if offer.step == OfferStep.ASKED:
                move(offer, asked_becomes, as_of)
                questions.close(person, Question.OFFER, offer.id)
                self.ask_another(request, as_of)
            else:
                move(offer, OfferStep.WITHDRAWN, as_of)
                questions.close(request.person, Question.CONFIRM, request.id)
                self.search_again(request, Notice.VOLUNTEER_WITHDREW, as_of)
        return bool(taken_back)

    def stop(self, person: Person, as_of: datetime) -> None:
        """This person wants no message any more: what they had open is tidied up, and one last text says so."""
        outbox.call_back_waiting(person)
        Person.update(stopped_at=as_of).where(Person.id == person.id).execute()
        person.stopped_at = as_of
        self.take_back_offers(person, OfferStep.DECLINED, as_of)
        request = open_request(person)
        if request and request.step in (RequestStep.INCOMPLETE, RequestStep.SEARCHING, RequestStep.PROPOSED):
            self.withdraw(request, as_of)
        outbox.put(person, Notice.STOPPED, as_of)


def start(person: Person, as_of: datetime) -> bool:
    """Messages are welcome again. Returns whether that is news."""
    was_silent = person.is_stopped()
    Person.update(stopped_at=None).where(Person.id == person.id).execute()
    person.stopped_at = None
    resting = (Volunteer.person == person) & (Volunteer.resting_until > as_of)
    return bool(Volunteer.update(resting_until=None).where(resting).execute()) or was_silent


def open_request(person: Person) -> Request | None:
    """The request of this person that is still open, the newest first."""
    mine = Request.select().where((Request.person == person) & Request.step.in_(OPEN_REQUESTS))
    newest: Request | None = mine.order_by(Request.id.desc()).first()
    return newest


def missed_offer(person: Person, as_of: datetime) -> Offer | None:
    """The last offer that was put to this person and is no longer open, if that is not long ago."""
    missed: Offer | None = (
        Offer.select(Offer, Volunteer, Person)
        .join(Volunteer)
        .join(Person)
        .where(
            Volunteer.person == person,
            Offer.step.in_((OfferStep.LAPSED, OfferStep.TOO_LATE)),
            Offer.moved_at >= as_of - LATE_YES_WITHIN,
        )
        .order_by(Offer.moved_at.desc(), Offer.id.desc())
        .first()
    )
    return missed


def _put_to(request: Request, volunteer: Volunteer, as_of: datetime) -> Offer:
    again = Offer.get_or_none(request=request, volunteer=volunteer)  # a neighbour was faster, and then was not wanted
    if again:
        move(again, OfferStep.ASKED, as_of)
        return again
    return Offer.create(request=request, volunteer=volunteer, step=OfferStep.ASKED, moved_at=as_of, created_at=as_of)


def _offers(request: Request, *steps: OfferStep) -> list[Offer]:
    put_to = Offer.select(Offer, Volunteer, Person).join(Volunteer).join(Person)
    return list(put_to.where((Offer.request == request) & Offer.step.in_(steps)).order_by(Offer.id))
