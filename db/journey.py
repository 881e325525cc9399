"""Request → offer → acceptance → confirmation → introduction: the steps people take together, from their first text."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db import concerns, limits, matching, questions, volunteers
from db.agreeing import close_follow_up
from db.concerns import Kind
from db.leaving import Leaving, open_request, open_requests, start
from db.models import Person, Request, Volunteer, the_volunteer
from db.notices import Notice
from db.offering import offers, the_offer
from db.questions import Question
from db.statements import change, insert
from db.steps import OfferStep, RequestStep, move

# A postcode nobody told us is not waited for any longer.
POSTCODE_WITHIN = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Journey(Leaving):
    """Everything people can do: ask, offer help, and all that the rooms before this one know."""

    def ask(
        self,
        person: Person,
        postcode: str | None,
        need: str | None,
        details: str,
        as_of: datetime,
        wanted: int = 1,
        consented: bool = False,
    ) -> Request | None:
        """A person asks for help; while a request of theirs is open this adds to it, or says where it stands.

        consented: they said by telephone that whoever says yes may have their number. Returns the request; None for one
        too many today.
        """
        start(person)
        questions.close(person, Question.AGAIN)
        if person.question == Question.OFFER:  # whoever needs help is not waited for; a late yes still counts
            self.close_offer(the_offer(person.question_about), OfferStep.LAPSED, as_of)
            person.question = None
        request = open_request(person)
        if request and request.step == RequestStep.FOLLOWED_UP:
            move(request, RequestStep.UNKNOWN, as_of)
            close_follow_up(request)
            request = None
        if request is None or request.step == RequestStep.INTRODUCED:
            if limits.requests_today(person, self.rules.key, as_of) >= self.rules.requests_per_day:
                concerns.open_concern(Kind.FLOOD, person, as_of)
                self.tell(person, Notice.ENOUGH_FOR_TODAY, as_of, reply=True)
                return None
            request = insert(
                Request,
                person=person,
                need=need,
                details=details,
                wanted=wanted,
                step=RequestStep.INCOMPLETE,
                moved_at=as_of,
                consented_at=as_of if consented else None,
                created_at=as_of,
            )
        else:
            added = details if details not in request.details else ""
            change(
                request,
                need=request.need or need,
                details=f"{request.details} {added}".strip(),
                wanted=max(request.wanted, wanted),
                consented_at=as_of if consented else request.consented_at,
            )
        if request.step == RequestStep.INCOMPLETE:
            self.complete(request, postcode, as_of)
        elif request.step == RequestStep.SEARCHING and postcode and postcode != request.postcode:
            self.move_to(request, postcode, as_of)
        elif request.step == RequestStep.PROPOSED and consented:
            self.ask_to_confirm(person, as_of)
        elif request.step == RequestStep.PROPOSED and person.question == Question.CONFIRM:
            self.tell(person, Notice.VOLUNTEER_FOUND, as_of, reply=True)
        elif request.nobody_at:
            self.ask_more(request, as_of)
        else:
            self.tell_about(request, Notice.STILL_SEARCHING, as_of, reply=True)
        return request

    def ask_more(self, request: Request, as_of: datetime) -> None:
        """The next volunteers are asked now, at the asker's wish."""
        asked = request.step == RequestStep.SEARCHING and self.offer(request, as_of)
        self.tell_about(request, Notice.SEARCHING if asked else Notice.STILL_SEARCHING, as_of, reply=True)

    def complete(self, request: Request, postcode: str | None, as_of: datetime) -> None:
        """We now know where help is needed, or ask."""
        if postcode is None:
            questions.put(request.person, Question.POSTCODE, None, as_of)
            change(request, due_at=as_of + POSTCODE_WITHIN)
            self.tell(request.person, Notice.ASK_POSTCODE, as_of, reply=True)
            return
        questions.close(request.person, Question.POSTCODE)
        change(request, postcode=postcode, due_at=None)
        move(request, RequestStep.SEARCHING, as_of)
        self.begin(request, Notice.NOBODY_NEAR, as_of)

    def move_to(self, request: Request, postcode: str, as_of: datetime) -> None:
        """Help is needed somewhere else than we were told: the volunteers there are asked too."""
        change(request, postcode=postcode)
        self.ask_more(request, as_of)

    def add_to_list(self, person: Person, items: str, as_of: datetime) -> bool:
        """What to buy goes with the open request, or to the volunteer at once. False: there is no open request."""
        mine = open_requests(person)
        if not mine:
            return False
        request = next((one for one in mine if one.need == "shopping"), mine[0])
        change(request, details=f"{request.details} {items}".strip())
        for offer in offers(request, OfferStep.INTRODUCED):
            self.tell(offer.volunteer.person, Notice.IN_THEIR_WORDS, as_of, offer=offer, words=items)
        return True

    def join(self, person: Person, postcode: str | None, needs: str, languages: str, as_of: datetime) -> None:
        """A person offers help; whoever waits near them is helped first."""
        start(person)
        volunteer = the_volunteer(person) or insert(Volunteer, person=person, created_at=as_of)
        change(
            volunteer,
            resting_until=None,
            needs=" ".join(sorted(needs.split())) or volunteer.needs,
            languages=" ".join(sorted(languages.split())) or volunteer.languages,
            language=person.language or volunteer.language,
            postcode=postcode or volunteer.postcode,
        )
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
        if request := matching.oldest_that_waits(volunteer, self.rules.radius_km):
            self.ask_at_once(request, as_of)

    def place(self, person: Person, postcode: str, as_of: datetime) -> bool:
        """A bare postcode completes what this person began. Returns False if nothing was waiting for it."""
        request = open_request(person)
        if request and request.step == RequestStep.INCOMPLETE:
            self.complete(request, postcode, as_of)
            return True
        volunteer = the_volunteer(person)
        if volunteer and volunteer.postcode is None:
            self.join(person, postcode, "", "", as_of)
            return True
        return False
