"""A telephonist who takes calls, in tests."""

from db.desk import Desk
from db.journey import Journey
from db.models import Request
from smsgate import telephone
from tests.town import PEOPLE, SERVICE, Town

LANDLINE = "3225123456"
BY = "operator: Nadia"


def calls(town: Town, who: str, place: str = "1050", need: str = "shopping", **said: str) -> Request:
    """Somebody rings and asks for help; the telephonist takes it down, and all that follows has happened."""
    typed = {"number": f"+{PEOPLE.get(who, who)}", "place": place, "need": need} | said
    telephone.ask(telephone.read(typed, SERVICE), town.settings.rules(), BY, town.clock())
    ring(town)
    return latest()


def latest() -> Request:
    """The newest request."""
    newest: Request = Request.select().order_by(Request.id.desc()).get()
    return newest


def desk(town: Town) -> Desk:
    """What a telephonist can do."""
    return Desk(Journey(town.settings.rules()))


def ring(town: Town) -> None:
    """What is owed goes out."""
    town.bells.send()
    town.settle()
