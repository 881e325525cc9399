"""What operators read: what happened, then row numbers. No number, name or word of a person ever gets in."""

import logging
import sys
import traceback
import warnings
from types import TracebackType

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Tells where an exception came from and its kind, but not its message: that may hold what people wrote."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler may have left its own, with the message in it
        return super().format(record)

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - the name is logging's
        kind, _, trace = ei
        if kind is None:
            return ""
        where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        return "\n".join(f"    {line}" for line in [*where, kind.__name__])


def set_up(level: int = logging.INFO) -> None:
    """One line an event, on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet(LINE))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("huey", "peewee", "urllib3", "pyrate_limiter", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    for shut in ("vonage", "uvicorn.access"):
        logging.getLogger(shut).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", message="The HMAC key is")  # the length of the secret is Vonage's choice
