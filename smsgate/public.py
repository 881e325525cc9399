"""What anyone may see: how it works, a text ready to send, a poster and a shopping list to print."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.notices import Notice
from keywords.say import say
from smsgate import places, sms_link
from smsgate.page_words import LANGUAGES, words
from smsgate.pages import Pages

# What the list has room for besides what it names, group by group: three columns of equal length.
EMPTY_LINES = (2, 2, 2, 1, 1, 1, 2, 2, 7)
# The neighbour of the example: the page is seen by many, and a whole number might be somebody's.
BRAM = {"name": "Bram", "number": "0470 xx xx xx"}


@dataclass(frozen=True, slots=True)
class Typed:
    """A postcode as somebody typed it, or the name of a place, and what it turned out to mean."""

    words: str = ""
    place: str = ""  # 1050 Ixelles, in the reader's language
    postcode: str = ""
    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class ReadyText:
    """A text ready to send: what it asks for (`ask` or `join`), its words, its address and the same as a QR code."""

    kind: str
    words: str
    link: str
    qr_code: Markup


class PublicPages:
    """The pages for a neighbour, a pharmacist, a grandson. They ask nothing of the database."""

    def __init__(self, pages: Pages, rehearsal: bool = False) -> None:
        self.pages = pages
        self.number: str = pages.settings["service.number"]
        self.rehearsal = rehearsal

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [Route("/", self.home), Route("/poster", self.poster), Route("/list", self.shopping_list)]

    def home(self, request: Request) -> Response:
        """How it works; ?postcode= is put into the texts."""
        language = self.pages.language(request)
        typed = read_postcode(request, language)
        texts = words(language)["texts"]
        return self.pages.draw(
            request,
            "home.html",
            status=422 if typed.is_wrong else 200,
            typed=typed,
            texts=[self.ready(kind, f"{texts[kind]} {typed.postcode}".strip()) for kind in ("ask", "join")],
            example=f"{texts['ask']} {typed.postcode or texts['postcode']} {texts['need']}",
            conversation=conversation(language, typed.postcode or texts["postcode"]),
            number_link=sms_link.address(self.number),
            erase_link=sms_link.address(self.number, texts["erase"]),
            rehearsal=self.rehearsal,
        )

    def poster(self, request: Request) -> Response:
        """An A4 poster; ?with=nl puts that language beside it, ?postcode= the neighbourhood's postcode on it."""
        language = self.pages.language(request)
        typed = read_postcode(request, language, may_be_empty=True)
        beside = request.query_params.get("with", "")
        beside = beside if beside in LANGUAGES and beside != language else ""
        kept = {"postcode": typed.words} if typed.words else {}
        link = self.pages.link
        return self.pages.draw(
            request,
            "poster.html",
            status=422 if typed.is_wrong else 200,
            typed=typed,
            beside=beside,
            alone=link("/poster", language, **kept),
            pairs=[(one, link("/poster", language, **kept, **{"with": one})) for one in LANGUAGES if one != language],
            halves=[self.half(one, typed.postcode) for one in (language, beside) if one],
        )

    def shopping_list(self, request: Request) -> Response:
        """An A4 shopping list."""
        return self.pages.draw(request, "list.html", empty_lines=EMPTY_LINES)

    def ready(self, kind: str, text: str) -> ReadyText:
        """A text to our number, ready to send."""
        link = sms_link.address(self.number, text)
        return ReadyText(kind, text, link, sms_link.qr_code(link))

    def half(self, language: str, postcode: str) -> Mapping[str, Any]:
        """What a poster says in one language."""
        said = words(language)
        texts = said["texts"]
        there = postcode or texts["postcode"]
        join = f"{texts['join']} {there}"
        return {
            "language": language,
            "words": said,
            "ask": f"{texts['ask']} {there} {texts['need']}",
            "ask_short": f"{texts['ask']} {there}",
            "join": join,
            "qr_code": self.ready("join", join).qr_code,
        }


def read_postcode(request: Request, language: str, may_be_empty: bool = False) -> Typed:
    """?postcode= as people write it: 1050, B-1050, 1050 Ixelles, or Ixelles alone."""
    typed = request.query_params.get("postcode")
    if typed is None or (may_be_empty and not typed.strip()):
        return Typed()
    found = places.find(typed)
    if found is None:
        return Typed(typed, is_wrong=True)
    return Typed(typed, places.shown(found, language), found.postcode)


def conversation(language: str, postcode: str) -> list[tuple[bool, str]]:
    """An introduction as it stands on the asker's phone: whether the phone sent it, and what it says."""
    texts = words(language)["texts"]
    return [
        (True, f"{texts['ask']} {postcode} {texts['need']}"),
        (False, say(Notice.VOLUNTEER_FOUND, language, {})),
        (True, texts["yes"]),
        (False, say(Notice.INTRODUCE_TO_ASKER, language, BRAM)),
    ]
