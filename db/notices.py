"""What we say, and what may be said when; keywords/words/*.toml says it in each language."""

from enum import StrEnum


class Notice(StrEnum):
    """One sentence each."""

    ASK_POSTCODE = "ask_postcode"
    SEARCHING = "searching"
    SEARCHING_TOMORROW = "searching_tomorrow"
    FIRST_WAVE_OVER = "first_wave_over"
    NOBODY_NEAR = "nobody_near"
    NOBODY_FOUND = "nobody_found"
    NOBODY_FOUND_CALL = "nobody_found_call"
    NOBODY_ELSE = "nobody_else"
    REQUEST_EXPIRED = "request_expired"
    STILL_SEARCHING = "still_searching"
    VOLUNTEER_FOUND = "volunteer_found"
    CONFIRM_REMINDER = "confirm_reminder"
    CONFIRM_EXPIRED = "confirm_expired"
    ASKING_OTHERS = "asking_others"
    VOLUNTEER_WITHDREW = "volunteer_withdrew"
    INTRODUCE_TO_ASKER = "introduce_to_asker"
    IN_THEIR_WORDS = "in_their_words"
    FOLLOW_UP = "follow_up"
    HELPED = "helped"
    LOOK_AGAIN = "look_again"
    LOOK_AGAIN_FOR = "look_again_for"
    NOT_HELPED = "not_helped"
    REQUEST_CANCELLED = "request_cancelled"
    LIST_KEPT = "list_kept"
    LIST_MODEL = "list_model"
    WELCOME = "welcome"
    OFFER = "offer"
    ACCEPTED = "accepted"
    ACCEPTED_TOMORROW = "accepted_tomorrow"
    DECLINED = "declined"
    NEIGHBOUR_FASTER = "neighbour_faster"
    NO_LONGER_NEEDED = "no_longer_needed"
    NO_ANSWER_FROM_ASKER = "no_answer_from_asker"
    FOLLOW_UP_VOLUNTEER = "follow_up_volunteer"
    INTRODUCE_TO_VOLUNTEER = "introduce_to_volunteer"
    RESTING = "resting"
    STARTED = "started"
    STOPPED = "stopped"
    ERASE_REALLY = "erase_really"
    ERASED = "erased"
    NOT_ERASED = "not_erased"
    FORGET_SOON = "forget_soon"
    NOTHING_TO_CANCEL = "nothing_to_cancel"
    YES_OR_NO = "yes_or_no"
    HOW_IT_WORKS = "how_it_works"
    ANY_LANGUAGE = "any_language"
    LANGUAGE_SET = "language_set"
    NOT_UNDERSTOOD = "not_understood"
    EMERGENCY = "emergency"
    A_PERSON_WILL_READ = "a_person_will_read"
    TOO_MANY_TEXTS = "too_many_texts"
    ENOUGH_FOR_TODAY = "enough_for_today"


# All that may still be said to someone who wants no more messages.
SAID_AFTER_STOP = (Notice.STOPPED, Notice.ERASE_REALLY, Notice.NOT_ERASED, Notice.EMERGENCY)
INTRODUCTIONS = (Notice.INTRODUCE_TO_ASKER, Notice.INTRODUCE_TO_VOLUNTEER)
# Without these, somebody waits in vain and nobody would know.
SOMEBODY_WAITS = (
    *INTRODUCTIONS,
    Notice.VOLUNTEER_FOUND,
    Notice.CONFIRM_REMINDER,
    Notice.IN_THEIR_WORDS,
    Notice.VOLUNTEER_WITHDREW,
    Notice.EMERGENCY,
)
# Said of our own accord, and by day only.
NEVER_A_REPLY = (
    Notice.OFFER,
    Notice.FIRST_WAVE_OVER,
    Notice.NOBODY_ELSE,
    Notice.REQUEST_EXPIRED,
    Notice.CONFIRM_REMINDER,
    Notice.CONFIRM_EXPIRED,
    Notice.FOLLOW_UP,
    Notice.FOLLOW_UP_VOLUNTEER,
    Notice.LOOK_AGAIN_FOR,
    Notice.INTRODUCE_TO_VOLUNTEER,
    Notice.IN_THEIR_WORDS,
    Notice.VOLUNTEER_WITHDREW,
    Notice.NO_LONGER_NEEDED,
    Notice.NO_ANSWER_FROM_ASKER,
    Notice.FORGET_SOON,
)
# These name the person on the other side of their offer.
NAMES_THE_OTHER = (*INTRODUCTIONS, Notice.FOLLOW_UP, Notice.FOLLOW_UP_VOLUNTEER, Notice.LOOK_AGAIN_FOR)
# Where nobody knows whether a letter went, it is sent again: an introduction must arrive, and does no harm twice. But a
# thank-you must not come twice, and nobody waits for it.
AT_MOST_ONCE = (Notice.HELPED, Notice.NOT_HELPED, Notice.DECLINED, Notice.LIST_KEPT, Notice.LANGUAGE_SET)
