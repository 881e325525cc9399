"""Telling people: at once in reply to what they have just said, else not before the morning; by text, or by a call."""

from dataclasses import dataclass
from datetime import datetime

from db import concerns, outbox
from db.concerns import RUNG, Kind
from db.models import Offer, Person, Request
from db.notices import SOMEBODY_WAITS, Notice
from db.rules import Rules


@dataclass(frozen=True, slots=True)
class Telling:
    """What is owed to people, by the rules of their town."""

    rules: Rules

    def tell(
        self,
        person: Person,
        notice: Notice,
        as_of: datetime,
        reply: bool = False,
        offer: Offer | None = None,
        request: Request | None = None,
        **details: str | None,
    ) -> None:
        """Owe a person a notice: at once in reply to what they have just said, else not before the morning.

        Whoever gets no texts is to be rung about their request instead, unless they are on the telephone now.
        """
        about = request or (offer.request if offer else None)
        if not person.no_sms:
            outbox.put(person, notice, as_of, as_of if reply else self.rules.waking(as_of), offer, **details)
            if person.gone_at and about and notice in SOMEBODY_WAITS:
                concerns.open_concern(Kind.UNDELIVERED, person, as_of, about)
        elif notice in RUNG and not reply:
            concerns.open_concern(Kind.CALL_BACK, person, as_of, about, notice=notice)
        elif notice == Notice.INTRODUCE_TO_VOLUNTEER:  # whom they promised to ring, and whose number they never read
            concerns.open_concern(Kind.UNDELIVERED, person, as_of, about)

    def tell_about(
        self,
        request: Request,
        notice: Notice,
        as_of: datetime,
        reply: bool = False,
        to: Person | None = None,
        offer: Offer | None = None,
    ) -> None:
        """Owe the asker, or somebody else, a notice that names what is needed and where."""
        about = {"need": request.need, "postcode": request.postcode}
        if self.rules.helpline:
            about["helpline"] = self.rules.helpline
        self.tell(to or request.person, notice, as_of, reply, offer, request, **about)
