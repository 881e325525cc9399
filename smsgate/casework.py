"""What is done with a request on its asker's word: the step, and who did it, in one transaction."""

from datetime import datetime

from db.cases import MAY_DO
from db.deeds import Did, note_deed
from db.desk import Desk
from db.journey import Journey
from db.models import Person, Request
from db.rules import Rules
from db.steps import OutOfStep, RequestStep
from db.turns import undisturbed


def do(
    did: Did, request: int, person: Person, rules: Rules, by: str, as_of: datetime, offer: int | None = None
) -> None:
    """Do it and note it; offer: the one they were told of, where they agree to it or do not.

    Raises OutOfStep: the request has moved on, or is not this person's; nothing was changed.
    """

    def done() -> None:
        found: Request | None = Request.get_or_none((Request.id == request) & (Request.person == person))
        if found is None or did not in MAY_DO.get(RequestStep(found.step), ()):
            raise OutOfStep(f"{did}: request {request}")
        desk = Desk(Journey(rules))
        match did:
            case Did.AGREED:
                desk.agree(found, as_of, offer)
            case Did.REFUSED:
                desk.refuse(found, as_of, offer)
            case Did.CANCELLED:
                desk.cancel(found, as_of)
            case Did.RETRIED:
                desk.retry(found, as_of)
            case Did.HELPED:
                desk.helped(found, as_of)
            case Did.NOT_HELPED:
                desk.not_helped(found, False, as_of)
            case Did.LOOKED_AGAIN:
                desk.not_helped(found, True, as_of)
        note_deed(by, did, as_of, found.person, found)

    undisturbed(done)
