"""HTTP in: is it Vonage, what does it say, into the inbox. Decides nothing."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from db import inbox, receipts
from smsgate import payloads, signatures
from smsgate.clock import Clock
from smsgate.payloads import Call, Malformed
from smsgate.settings import Settings
from smsgate.signatures import NotSigned, WrongSignature
from smsgate.writer import Writer

log = logging.getLogger(__name__)

LARGEST_CALL = 16 * 1024  # bytes


@dataclass(frozen=True)
class Gate:
    """The carrier's two doors: texts come in by one, receipts by the other."""

    settings: Settings
    writer: Writer
    clock: Clock

    def routes(self) -> list[Route]:
        """The doors, as Vonage's dashboard knows them."""
        return [
            Route("/webhooks/inbound", self.inbound, methods=["GET", "POST"]),
            Route("/webhooks/status", self.status, methods=["GET", "POST"]),
        ]

    async def inbound(self, request: Request) -> Response:
        """A text: stored, and only then answered 200."""
        return await self._take(request, payloads.text_of, inbox.store, signatures.MAX_AGE_SECONDS)

    async def status(self, request: Request) -> Response:
        """A receipt: noted on its letter; one that is not ours gets 200 too."""
        return await self._take(request, payloads.receipt_of, receipts.note, signatures.RECEIPT_MAX_AGE_SECONDS)

    async def _take(
        self,
        request: Request,
        read: Callable[[Call, datetime], Any],
        keep: Callable[[Sequence[Any]], None],
        max_age: int,
    ) -> Response:
        as_of = self.clock()
        try:
            body = await _body(request)
            call = payloads.read_call(
                request.method, request.scope["query_string"], request.headers.get("content-type", ""), body
            )
            if not call.fields:
                return PlainTextResponse("")  # a bare look at the address, as when it is set in the dashboard
            self._check(request, call, body, as_of, max_age)
            row = read(call, as_of)
            if row is not None:
                await self.writer.write(keep, row)
        except _TooLarge:
            return _refuse(request, 413, "larger than 16 KiB")
        except Malformed as fault:
            return _refuse(request, 400, str(fault))
        except WrongSignature as fault:
            return _refuse(request, 401, f"not signed with our secret: {fault}")
        except NotSigned as fault:
            # Vonage resends on 5xx only, and then signs anew: a 4xx would lose the text for good.
            return _refuse(request, 503, f"not signed: {fault}")
        except ClientDisconnect:
            return _refuse(request, 400, "the caller hung up")
        except TimeoutError:
            log.error("call not stored in time, Vonage will bring it again path=%s", request.url.path)
            return PlainTextResponse("not stored in time: please send it again\n", 503)
        except Exception:
            log.exception("call not stored, Vonage will bring it again path=%s", request.url.path)
            return PlainTextResponse("not stored: please send it again\n", 503)
        return PlainTextResponse("")

    def _check(self, request: Request, call: Call, body: bytes, as_of: datetime, max_age: int) -> None:
        secret = self.settings["vonage.signature_secret"]
        if call.messages_api:
            bearer = request.headers.get("authorization")
            signatures.check_bearer(bearer, body, secret, self.settings["vonage.api_key"], as_of, max_age)
        else:
            method = self.settings["vonage.signature_method"]
            signatures.check_fields(call.fields, secret, method, as_of, max_age)


class _TooLarge(Exception):
    pass


async def _body(request: Request) -> bytes:
    if len(request.scope["query_string"]) > LARGEST_CALL:
        raise _TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_CALL:
            raise _TooLarge
    return bytes(body)


def _refuse(request: Request, status: int, why: str) -> Response:
    log.warning("call refused status=%d path=%s: %s", status, request.url.path, why)
    return PlainTextResponse(f"{why}\n", status)
