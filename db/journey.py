"""Request → offer → acceptance → confirmation → introduction, in that order; and the ways out of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import ModelSelect

from db import matching, outbox, questions, volunteers
from db.connection import transaction
from db.models import Offer, Person, Request, Volunteer
from db.outbox import Notice
from db.questions import Question
from db.rules import Rules
from db.steps import OPEN_REQUESTS, OfferStep, OutOfStep, RequestStep, move, take
from db.sweeps import each

# An offer nobody answered is closed after this, so that its volunteer can be asked again.
LAPSES_AFTER = timedelta(hours=24)
# Nobody was found: whoever is free again or has joined since is asked.
TRY_AGAIN_EVERY = timedelta(hours=1)
# A request that found nobody is tried again this long, and then closed.
GIVE_UP_AFTER = timedelta(days=7)
# A postcode nobody told us is not waited for any longer.
POSTCODE_WITHIN = timedelta(hours=48)
# Someone who writes so soon after we did has not read it yet: our text is their answer.
CROSSED_WITHIN = timedelta(seconds=30)
# How long "OUI" can still be about an offer that is no longer open.
LATE_YES_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Journey:
    """The steps people take together, under the rules of their town."""

    rules: Rules

    # --- someone needs help

    def ask(
        self,
        person: Person,
        postcode: str | None,
        need: str | None,
        details: str,
        as_of: datetime,
        wanted: int = 1,
    ) -> None:
        """A person asks for help; while a request of theirs is open this adds to it, or says where it stands."""
        start(person)
        request = open_request(person)
        if request and request.step == RequestStep.FOLLOWED_UP:
            move(request, RequestStep.UNKNOWN, as_of)
            close_follow_up(request)
            request = None
        if request is None or request.step == RequestStep.INTRODUCED:
            request = Request.create(
                person=person,
                need=need,
                details=details,
                wanted=wanted,
                step=RequestStep.INCOMPLETE,
                moved_at=as_of,
                created_at=as_of,
            )
        else:
            request.need = request.need or need
            if details and details not in request.details:
                request.details = f"{request.details} {details}".strip()
            request.save(only=[Request.need, Request.details])
        if request.step == RequestStep.INCOMPLETE:
            self.complete(request, postcode, as_of)
        elif request.step == RequestStep.SEARCHING and postcode and postcode != request.postcode:
            self.move_to(request, postcode, as_of)
        elif request.step == RequestStep.PROPOSED and person.question == Question.CONFIRM:
            self.tell(person, Notice.VOLUNTEER_FOUND, as_of, reply=True)
        elif request.nobody_at and self.offer(request, as_of):
            self.tell_about(request, Notice.SEARCHING, as_of, reply=True)
        else:
            self.tell_about(request, Notice.STILL_SEARCHING, as_of, reply=True)

    def complete(self, request: Request, postcode: str | None, as_of: datetime) -> None:
        """We now know where help is needed, or ask."""
        if postcode is None:
            questions.put(request.person, Question.POSTCODE, None, as_of)
            request.due_at = as_of + POSTCODE_WITHIN
            request.save(only=[Request.due_at])
            self.tell(request.person, Notice.ASK_POSTCODE, as_of, reply=True)
            return
        questions.close(request.person, Question.POSTCODE)
        request.postcode, request.due_at = postcode, None
        request.save(only=[Request.postcode, Request.due_at])
        move(request, RequestStep.SEARCHING, as_of)
        if self.offer(request, as_of):
            self.tell_about(request, Notice.SEARCHING, as_of, reply=True)
        elif self.rules.is_night(as_of):
            self.tell_about(request, Notice.SEARCHING_TOMORROW, as_of, reply=True)
        else:
            self.nobody(request, Notice.NOBODY_NEAR, as_of, reply=True)

    def move_to(self, request: Request, postcode: str, as_of: datetime) -> None:
        """Help is needed somewhere else than we were told: the volunteers there are asked too."""
        request.postcode = postcode
        request.save(only=[Request.postcode])
        if self.offer(request, as_of):
            self.tell_about(request, Notice.SEARCHING, as_of, reply=True)
        else:
            self.tell_about(request, Notice.STILL_SEARCHING, as_of, reply=True)

    def nobody(self, request: Request, notice: Notice, as_of: datetime, reply: bool = False) -> None:
        """There is nobody left to ask: the asker hears so once, and it is tried again when somebody is free."""
        first_time = request.nobody_at is None
        request.nobody_at = request.nobody_at or as_of
        request.due_at = as_of + TRY_AGAIN_EVERY
        request.save(only=[Request.nobody_at, Request.due_at])
        if first_time or reply:
            self.tell_about(request, notice, as_of, reply)

    def add_to_list(self, person: Person, items: str, as_of: datetime) -> bool:
        """What to buy goes with the open request, or to the volunteer at once. False: there is no open request."""
        request = open_request(person)
        if request is None:
            return False
        request.details = f"{request.details} {items}".strip()
        request.save(only=[Request.details])
        for offer in offers(request, OfferStep.INTRODUCED):
            self.tell(offer.volunteer.person, Notice.IN_THEIR_WORDS, as_of, words=items)
        return True

    # --- volunteers are asked

    def offer(self, request: Request, as_of: datetime, how_many: int | None = None) -> int:
        """Put a request to the next volunteers, by day. Returns how many were asked."""
        if self.rules.is_night(as_of):
            request.due_at = self.rules.waking(as_of)
            request.save(only=[Request.due_at])
            return 0
        missing = how_many or self.rules.wave_size + request.wanted - request.taken - 1
        chosen = matching.next_volunteers(request, missing, self.rules.radius_km)
        for volunteer in chosen:
            offer = _put_to(request, volunteer, as_of)
            questions.put(volunteer.person, Question.OFFER, offer.id, as_of)
            volunteers.count_asks(volunteer, self.rules.asks_per_week, as_of)
            self.tell(volunteer.person, Notice.OFFER, as_of, need=request.need, postcode=request.postcode)
        if chosen:
            request.waves += 1
            request.due_at = as_of + self.rules.wave_timeout
            request.save(only=[Request.waves, Request.due_at])
        return len(chosen)

    def decline(self, offer: Offer, as_of: datetime) -> None:
        """The volunteer says no; the next one is asked."""
        move(offer, OfferStep.DECLINED, as_of)
        questions.close(offer.volunteer.person, Question.OFFER, offer.id)
        self.tell(offer.volunteer.person, Notice.DECLINED, as_of, reply=True)
        self.ask_another(offer.request, as_of)

    def ask_another(self, request: Request, as_of: datetime) -> None:
        """One volunteer less: ask one more, and tell the asker when there is nobody left to wait for."""
        if request.step != RequestStep.SEARCHING or self.offer(request, as_of, 1) or self.rules.is_night(as_of):
            return
        if not offers(request, OfferStep.ASKED):
            self.nobody(request, self.nobody_found(), as_of)

    def nobody_found(self) -> Notice:
        """With a number to call, where the town has one."""
        return Notice.NOBODY_FOUND_CALL if self.rules.helpline else Notice.NOBODY_FOUND

    def search_all_due(self, as_of: datetime) -> int:
        """Nobody said yes in time: the next volunteers are asked. Returns for how many requests."""
        if self.rules.is_night(as_of):
            return 0
        return each(requests_due(RequestStep.SEARCHING, as_of), lambda request: self.search(request, as_of))

    def search(self, request: Request, as_of: datetime) -> None:
        """The next wave; or nobody is left; or it has been long enough."""
        if as_of - request.moved_at > GIVE_UP_AFTER:
            self.give_up(request, as_of)
        elif not self.offer(request, as_of):
            self.nobody(request, self.nobody_found(), as_of)
        elif request.waves == 2:
            self.tell_about(request, Notice.FIRST_WAVE_OVER, as_of)

    def lapse_all_due(self, as_of: datetime) -> int:
        """Offers nobody answered: their volunteers may be asked again for others. Returns how many."""
        silent = (Offer.step == OfferStep.ASKED) & (Offer.asked_at <= as_of - LAPSES_AFTER)
        return each(_full_offers().where(silent), lambda offer: self.lapse(offer, as_of))

    def lapse(self, offer: Offer, as_of: datetime) -> None:
        """This volunteer did not answer."""
        self.close_offer(offer, OfferStep.LAPSED, as_of)
        self.ask_to_confirm(offer.volunteer.person, as_of)

    def close_offer(self, offer: Offer, step: OfferStep, as_of: datetime) -> bool:
        """This offer is not open any more. Returns whether the volunteer ever heard of it."""
        move(offer, step, as_of)
        questions.close(offer.volunteer.person, Question.OFFER, offer.id)
        return not outbox.call_back(offer.volunteer.person, Notice.OFFER)

    def give_up(self, request: Request, as_of: datetime) -> None:
        """Nobody was found in a week; if some of several were, the request goes on with those."""
        for offer in offers(request, OfferStep.ASKED):
            self.close_offer(offer, OfferStep.LAPSED, as_of)
        questions.close(request.person, Question.POSTCODE)
        if request.taken:
            self.introduced(request, as_of)
        else:
            move(request, RequestStep.UNMET, as_of)
            self.tell(request.person, Notice.REQUEST_EXPIRED, as_of)

    def give_up_incomplete_all_due(self, as_of: datetime) -> int:
        """Requests whose postcode nobody told us. Returns how many were closed."""
        if self.rules.is_night(as_of):
            return 0
        return each(requests_due(RequestStep.INCOMPLETE, as_of), lambda request: self.give_up(request, as_of))

    # --- a volunteer says yes

    def accept(self, offer: Offer, as_of: datetime) -> None:
        """The volunteer says yes; the person who asked keeps the last word. OutOfStep: a neighbour was faster."""
        request = offer.request
        take(request)
        move(offer, OfferStep.ACCEPTED, as_of)
        if request.step == RequestStep.SEARCHING:
            move(request, RequestStep.PROPOSED, as_of)
        questions.close(offer.volunteer.person, Question.OFFER, offer.id)
        self.tell(offer.volunteer.person, Notice.ACCEPTED, as_of, reply=True)
        if request.taken == request.wanted:
            self.nobody_else_is_needed(request, as_of)
        self.ask_to_confirm(request.person, as_of)

    def nobody_else_is_needed(self, request: Request, as_of: datetime) -> None:
        """The others hear that a neighbour was faster; for them it counts as no ask."""
        for other in offers(request, OfferStep.ASKED):
            heard_of_it = self.close_offer(other, OfferStep.TOO_LATE, as_of)
            volunteers.count_asks(other.volunteer, self.rules.asks_per_week, as_of)
            if heard_of_it:
                self.tell(other.volunteer.person, Notice.NEIGHBOUR_FASTER, as_of)
            self.ask_to_confirm(other.volunteer.person, as_of)

    def accept_late(self, missed: Offer, written_at: datetime, as_of: datetime) -> None:
        """A yes to an offer that is no longer open counts if help is still needed."""
        try:
            with transaction():
                self.accept(missed, as_of)
        except OutOfStep:
            person, told_at = missed.volunteer.person, missed.moved_at
            was_told = missed.step == OfferStep.TOO_LATE
            if was_told and written_at < told_at + CROSSED_WITHIN:
                return
            if outbox.put_recently(person, [Notice.NEIGHBOUR_FASTER], told_at) < 1:
                self.tell(person, Notice.NEIGHBOUR_FASTER, as_of, reply=True)

    # --- the asker has the last word

    def ask_to_confirm(self, person: Person, as_of: datetime) -> None:
        """Ask whether the volunteer may have the asker's number; if another question is open, that waits its turn."""
        waiting = (
            _full_offers()
            .where((Request.person == person) & (Offer.step == OfferStep.ACCEPTED))
            .order_by(Offer.id)
            .first()
        )
        if waiting is None:
            return
        request = waiting.request
        request.due_at = self.rules.waking(as_of)  # tried again by then, should another question be open
        if not self.rules.is_night(as_of):
            questions.close(request.person, Question.POSTCODE)
            if questions.put(request.person, Question.CONFIRM, waiting.id, as_of):
                self.tell(request.person, Notice.VOLUNTEER_FOUND, as_of)
                request.due_at, request.reminded_at = as_of + self.rules.confirm_timeout, None
            elif request.person.question == Question.CONFIRM:
                return  # another of several is being confirmed
        request.save(only=[Request.due_at, Request.reminded_at])

    def confirm(self, offer: Offer, as_of: datetime) -> None:
        """Both have said yes: each gets the other's name and number."""
        request, volunteer = offer.request, offer.volunteer.person
        asker = request.person
        move(offer, OfferStep.INTRODUCED, as_of)
        questions.close(asker, Question.CONFIRM, offer.id)
        self.tell(asker, Notice.INTRODUCE_TO_ASKER, as_of, reply=True, name=volunteer.name, number=volunteer.number)
        self.tell(asker, Notice.SAFETY, as_of, reply=True)
        self.tell_about(
            request, Notice.INTRODUCE_TO_VOLUNTEER, as_of, to=volunteer, name=asker.name, number=asker.number
        )
        if request.need == "other" or len(request.details.split()) > 1:  # else the need has said it all
            self.tell(volunteer, Notice.IN_THEIR_WORDS, as_of, words=request.details)
        self.tell(volunteer, Notice.SAFETY, as_of)
        if offers(request, OfferStep.ACCEPTED):
            return  # the next of several: ask_to_confirm comes to it
        if request.taken == request.wanted:
            self.introduced(request, as_of)
        else:
            move(request, RequestStep.SEARCHING, as_of)
            self.offer(request, as_of)

    def introduced(self, request: Request, as_of: datetime) -> None:
        """Everyone this request was to meet is met; later we ask whether help came."""
        move(request, RequestStep.INTRODUCED, as_of)
        request.due_at, request.reminded_at = as_of + self.rules.follow_up_after, None
        request.save(only=[Request.due_at, Request.reminded_at])

    def refuse(self, offer: Offer, as_of: datetime) -> None:
        """The asker does not want this volunteer: the next ones are asked."""
        questions.close(offer.request.person, Question.CONFIRM, offer.id)
        self.tell(offer.volunteer.person, Notice.NO_LONGER_NEEDED, as_of)
        self.search_again(offer, Notice.ASKING_OTHERS, as_of, reply=True)

    def search_again(self, offer: Offer, notice: Notice, as_of: datetime, reply: bool = False) -> None:
        """Without this volunteer after all: back to those who were not asked yet; the notice tells the asker."""
        request = offer.request
        move(offer, OfferStep.WITHDRAWN, as_of)
        Request.update(taken=Request.taken - 1, nobody_at=None).where(Request.id == request.id).execute()
        request = Request.get_by_id(request.id)
        if not offers(request, OfferStep.ACCEPTED) and request.step != RequestStep.SEARCHING:
            move(request, RequestStep.SEARCHING, as_of)
        if self.offer(request, as_of) or self.rules.is_night(as_of):
            self.tell_about(request, notice, as_of, reply)
        else:
            self.nobody(request, self.nobody_found(), as_of, reply)

    def remind_all_due(self, as_of: datetime) -> int:
        """Askers who have not said yet whether a volunteer may have their number: reminded, then let go."""
        if self.rules.is_night(as_of):
            return 0
        return each(requests_due(RequestStep.PROPOSED, as_of), lambda request: self.remind(request, as_of))

    def remind(self, request: Request, as_of: datetime) -> None:
        """Ask at last, remind once, or let the volunteer go."""
        asked = [offer.id for offer in offers(request, OfferStep.ACCEPTED)]
        if request.person.question != Question.CONFIRM or request.person.question_about not in asked:
            self.ask_to_confirm(request.person, as_of)
        elif request.reminded_at is None:
            request.reminded_at, request.due_at = as_of, as_of + self.rules.confirm_timeout
            request.save(only=[Request.reminded_at, Request.due_at])
            self.tell(request.person, Notice.CONFIRM_REMINDER, as_of)
        else:
            self.withdraw(request, Notice.NO_ANSWER_FROM_ASKER, as_of)
            self.tell(request.person, Notice.CONFIRM_EXPIRED, as_of)

    # --- volunteers come and go

    def join(self, person: Person, postcode: str | None, needs: str, languages: str, as_of: datetime) -> None:
        """A person offers help; whoever waits near them is helped first."""
        start(person)
        volunteer = Volunteer.get_or_none(person=person) or Volunteer.create(person=person, created_at=as_of)
        volunteer.willing, volunteer.resting_until = True, None
        volunteer.needs = " ".join(sorted(needs.split())) or volunteer.needs
        volunteer.languages = " ".join(sorted(languages.split())) or volunteer.languages
        volunteer.language = person.language or volunteer.language
        volunteer.postcode = postcode or volunteer.postcode
        volunteer.save()
        if volunteer.postcode is None:
            questions.put(person, Question.POSTCODE, None, as_of)
            self.tell(person, Notice.ASK_POSTCODE, as_of, reply=True)
            return
        matching.keep_profile(volunteer)
        unfinished = open_request(person)
        if unfinished and unfinished.step == RequestStep.INCOMPLETE:
            self.complete(unfinished, volunteer.postcode, as_of)
        questions.close(person, Question.POSTCODE)
        volunteers.note_free(person)
        self.tell(person, Notice.WELCOME, as_of, reply=True, postcode=volunteer.postcode)
        for request in matching.waiting_requests(volunteer, self.rules.radius_km)[:1]:
            self.offer(request, as_of, 1)

    def place(self, person: Person, postcode: str, as_of: datetime) -> bool:
        """A bare postcode completes what this person began. Returns False if nothing was waiting for it."""
        request = open_request(person)
        if request and request.step == RequestStep.INCOMPLETE:
            self.complete(request, postcode, as_of)
            return True
        volunteer = Volunteer.get_or_none(person=person, postcode=None)
        if volunteer:
            self.join(person, postcode, "", "", as_of)
        return volunteer is not None

    def rest(self, person: Person, until: datetime, as_of: datetime) -> bool:
        """A volunteer wants no questions until then. Returns False for someone who is no volunteer."""
        resting = Volunteer.update(resting_until=until).where(Volunteer.person == person).execute()
        if resting:
            self.take_back_offers(person, as_of, (OfferStep.ASKED,))
            volunteers.note_free(person)
        return bool(resting)

    # --- either side may end it, at any step

    def cancel(self, person: Person, as_of: datetime) -> bool:
        """Take back the open request, or the promise to help. Returns False if there was neither."""
        request = open_request(person)
        if request is None or person.question == Question.OFFER:
            return self.take_back_offers(person, as_of)
        self.withdraw(request, Notice.NO_LONGER_NEEDED, as_of)
        return True

    def withdraw(self, request: Request, notice: Notice, as_of: datetime) -> None:
        """The request is taken back; whoever was asked or had promised hears the notice."""
        for offer in offers(request, OfferStep.ASKED):
            if self.close_offer(offer, OfferStep.WITHDRAWN, as_of):
                self.tell(offer.volunteer.person, notice, as_of)
        for offer in offers(request, OfferStep.ACCEPTED, OfferStep.INTRODUCED):
            move(offer, OfferStep.WITHDRAWN, as_of)
            questions.close(request.person, Question.CONFIRM, offer.id)
            self.tell(offer.volunteer.person, notice, as_of)
        questions.close(request.person, Question.POSTCODE)
        close_follow_up(request)
        move(request, RequestStep.WITHDRAWN, as_of)

    def take_back_offers(
        self,
        person: Person,
        as_of: datetime,
        steps: tuple[OfferStep, ...] = (OfferStep.ASKED, OfferStep.ACCEPTED, OfferStep.INTRODUCED),
    ) -> bool:
        """The volunteer takes back what is open or promised; the asker hears of a promise, and others are asked."""
        mine = list(_full_offers().where((Volunteer.person == person) & Offer.step.in_(steps)))
        open_ones = [offer for offer in mine if offer.step == OfferStep.ASKED or offer.request.step in OPEN_REQUESTS]
        for offer in open_ones:
            if offer.step == OfferStep.ASKED:
                self.close_offer(offer, OfferStep.DECLINED, as_of)
                self.ask_another(offer.request, as_of)
            else:
                questions.close(offer.request.person, Question.CONFIRM, offer.id)
                close_follow_up(offer.request)
                self.search_again(offer, Notice.VOLUNTEER_WITHDREW, as_of)
        return bool(open_ones)

    def stop(self, person: Person, as_of: datetime) -> None:
        """This person wants no message any more: what they had open is tidied up, and one last text says so."""
        outbox.call_back(person)
        Person.update(stopped_at=as_of).where(Person.id == person.id).execute()
        person.stopped_at = as_of
        self.take_back_offers(person, as_of, (OfferStep.ASKED, OfferStep.ACCEPTED))
        request = open_request(person)
        if request and request.step in (RequestStep.INCOMPLETE, RequestStep.SEARCHING, RequestStep.PROPOSED):
            self.withdraw(request, Notice.NO_LONGER_NEEDED, as_of)
        volunteers.note_free(person)
        self.tell(person, Notice.STOPPED, as_of, reply=True)

    # --- telling

    def tell(self, person: Person, notice: Notice, as_of: datetime, reply: bool = False, **details: str | None) -> None:
        """Owe a person a notice: at once in reply to what they have just written, else not before the morning."""
        outbox.put(person, notice, as_of, due_at=as_of if reply else self.rules.waking(as_of), **details)

    def tell_about(
        self,
        request: Request,
        notice: Notice,
        as_of: datetime,
        reply: bool = False,
        to: Person | None = None,
        **details: str | None,
    ) -> None:
        """Owe the asker, or somebody else, a notice that names what is needed and where."""
        about = {"need": request.need, "postcode": request.postcode}
        if self.rules.helpline:
            about["helpline"] = self.rules.helpline
        self.tell(to or request.person, notice, as_of, reply, **about, **details)


def start(person: Person) -> None:
    """Messages are welcome again."""
    Person.update(stopped_at=None).where(Person.id == person.id).execute()
    person.stopped_at = None
    Volunteer.update(resting_until=None).where(Volunteer.person == person).execute()
    volunteers.note_free(person)


def open_request(person: Person) -> Request | None:
    """The request of this person that is still open, the newest first."""
    mine = Request.select().where((Request.person == person) & Request.step.in_(OPEN_REQUESTS))
    newest: Request | None = mine.order_by(Request.id.desc()).first()
    return newest


def missed_offer(person: Person, as_of: datetime) -> Offer | None:
    """The last offer that was put to this person and is no longer open, if that is not long ago."""
    missed: Offer | None = (
        _full_offers()
        .where(
            Volunteer.person == person,
            Offer.step.in_((OfferStep.LAPSED, OfferStep.TOO_LATE)),
            Offer.moved_at >= as_of - LATE_YES_WITHIN,
        )
        .order_by(Offer.moved_at.desc(), Offer.id.desc())
        .first()
    )
    return missed


def offers(request: Request, *steps: OfferStep) -> list[Offer]:
    """The offers of a request at these steps, with their volunteers, oldest first."""
    return list(_full_offers().where((Offer.request == request) & Offer.step.in_(steps)).order_by(Offer.id))


def close_follow_up(request: Request) -> None:
    """Nobody is asked any more whether help came."""
    about = (Person.question == Question.FOLLOWUP) & (Person.question_about == request.id)
    for person in Person.select().where(about):
        questions.close(person, Question.FOLLOWUP, request.id)


def _full_offers() -> "ModelSelect[Offer]":
    volunteer_person = Person.alias()
    return (
        Offer.select(Offer, Volunteer, volunteer_person, Request)
        .join(Volunteer)
        .join(volunteer_person, on=(Volunteer.person == volunteer_person.id), attr="person")
        .switch(Offer)
        .join(Request)
    )


def requests_due(step: RequestStep, as_of: datetime) -> "ModelSelect[Request]":
    return (
        Request.select(Request, Person)
        .join(Person)
        .where((Request.step == step) & (Request.due_at <= as_of))
        .order_by(Request.due_at, Request.id)
    )


def _put_to(request: Request, volunteer: Volunteer, as_of: datetime) -> Offer:
    again = Offer.get_or_none(request=request, volunteer=volunteer)  # a neighbour was faster, and then was not wanted
    if again:
        move(again, OfferStep.ASKED, as_of)
        again.asked_at = as_of
        again.save(only=[Offer.asked_at])
        return again
    return Offer.create(request=request, volunteer=volunteer, step=OfferStep.ASKED, moved_at=as_of, asked_at=as_of)
