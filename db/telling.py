"""Telling people: at once in reply to what they have just written, else not before the morning."""

from dataclasses import dataclass
from datetime import datetime

from db import concerns, outbox
from db.concerns import Kind
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
        **details: str | None,
    ) -> None:
        """Owe a person a notice: at once in reply to what they have just written, else not before the morning."""
        outbox.put(person, notice, as_of, as_of if reply else self.rules.waking(as_of), offer, **details)
        if person.gone_at and offer and notice in SOMEBODY_WAITS:
            concerns.open_concern(Kind.UNDELIVERED, person, as_of, offer.request)

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
        self.tell(to or request.person, notice, as_of, reply, offer, **about)
