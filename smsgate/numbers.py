"""Telephone numbers: which can be answered, and how they are written for people."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

HOME = "BE"

# A text may come from a short code or from a name ("MTN"): those are machines. Premium numbers would cost us dearly.
ANSWERED = (
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER,
)
GETS_SMS = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.PERSONAL_NUMBER)


def can_be_answered(number: str) -> bool:
    """Whether this sender (E.164 without the plus) is a telephone that a person may hold."""
    parsed = _parse(number)
    return parsed is not None and phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) in ANSWERED


def can_get_sms(number: str) -> bool:
    """Whether texts arrive at this number: not on a landline."""
    parsed = _parse(number)
    return parsed is not None and phonenumbers.number_type(parsed) in GETS_SMS


def masked(number: str) -> str:
    """A number as operators see it before they open a case: 0470 ** ** 56."""
    said = for_people(number)
    digits = [place for place, sign in enumerate(said) if sign.isdigit()]
    hidden = set(digits[4:-2])
    return "".join("*" if place in hidden else sign for place, sign in enumerate(said))


def for_people(number: str) -> str:
    """As it is dialled: 0470 12 34 56 at home, +33 6 12 34 56 78 for a number from abroad."""
    parsed = _parse(number)
    if parsed is None:
        return number
    at_home = phonenumbers.region_code_for_number(parsed) == HOME
    return phonenumbers.format_number(
        parsed, PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    )


def typed(number: str) -> str | None:
    """The digits of a number as people type it (0470 12 34 56, +32 470 12 34 56); None if it is no telephone number."""
    bare = number.strip()
    try:
        parsed = phonenumbers.parse(f"+{bare}" if bare.startswith("32") else bare, HOME)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164).removeprefix("+")


def _parse(number: str) -> PhoneNumber | None:
    if not (number.isascii() and number.isdigit()):
        return None
    try:
        return phonenumbers.parse(f"+{number}")
    except NumberParseException:
        return None
