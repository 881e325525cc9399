"""`smsgate ask`: a request taken down at a terminal, as on the telephonist's page."""

from collections.abc import Mapping

from db.models import Deed, Request
from db.steps import RequestStep
from smsgate import clock, numbers, telephone
from smsgate.page_words import words
from smsgate.settings import Settings
from smsgate.telephone import NotTaken
from smsgate.terminal import Wrong


def take_down(said: Mapping[str, str], settings: Settings, by: str) -> str:
    """Take the request down; return what the caller can be told. Raises Wrong with a line for each thing to mend."""
    says = words("en")
    typed = {field: _as_typed(value) for field, value in said.items()}
    try:
        call = telephone.read(typed, settings["service.number"])
        deed = telephone.ask(call, settings.rules(), by, clock.now())
    except NotTaken as wrong:
        raise Wrong("\n".join(says["call"]["wrong"][fault] for fault in wrong.faults.values())) from None
    request: Request = Request.select().join(Deed).where(Deed.id == deed).get()
    number = numbers.for_people(call.caller.number)
    step = says["case"]["steps"][RequestStep(request.step)]
    details = f" ({request.details})" if request.details else ""
    return f"Request {request.id}: {request.need}{details} at {request.postcode} for {number}; {step}."


def _as_typed(value: str) -> str:
    """What a terminal sends that writes in another encoding than ours: its bytes are those of Latin 1."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode(errors="surrogateescape").decode("latin-1")
    return value
