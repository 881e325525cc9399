"""What a text can mean."""

from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    """What a careful human reading the text would do."""

    REQUEST = "request"
    JOIN = "join"
    YES = "yes"
    NO = "no"
    LIST = "list"
    CANCEL = "cancel"
    PAUSE = "pause"
    START = "start"
    STOP = "stop"
    FORGET = "forget"
    INFO = "info"
    EMERGENCY = "emergency"
    THANKS = "thanks"
    POSTCODE = "postcode"
    UNKNOWN = "unknown"


class Need(StrEnum):
    """What help is about."""

    SHOPPING = "shopping"
    PHARMACY = "pharmacy"
    TALK = "talk"
    DOG = "dog"
    TRANSPORT = "transport"
    DIGITAL = "digital"
    OTHER = "other"


class Question(StrEnum):
    """The question a person was asked last and has not answered yet."""

    OFFER = "offer"
    CONFIRM = "confirm"
    FOLLOWUP = "followup"
    POSTCODE = "postcode"


@dataclass(frozen=True, slots=True)
class Heard:
    """One text, understood.

    language is None where the words do not tell it; postcode is a Belgian postcode; need is the first one
    named and needs are all of them; name is a first name that the writer gives as their own.
    details are the writer's own words for what is needed, without keyword, postcode and name; days is how long
    a pause lasts; count is how many people are wanted; switch is the language asked for by its name;
    languages are those a volunteer names; acknowledged: it only says that it was read, “ok, bien reçu”.
    """

    intent: Intent
    language: str | None = None
    postcode: str | None = None
    need: Need | None = None
    name: str | None = None
    needs: tuple[Need, ...] = ()
    days: int | None = None
    count: int | None = None
    details: str = ""
    switch: str | None = None
    languages: tuple[str, ...] = ()
    acknowledged: bool = False
