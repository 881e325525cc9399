"""The carrier's calls, made beforehand and sent as fast as they are answered, or at a pace whether they are or not."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from httptools import HttpResponseParser

from smsgate.signatures import sign_fields
from tests.town import SECRET, SERVICE

PATIENCE_SECONDS = 30

Words = tuple[str, str]


@dataclass
class Answers:
    """What the calls were answered, and how long each took in milliseconds."""

    took: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Answers of 2xx in a second."""
        return sum(many for status, many in self.statuses.items() if status // 100 == 2) / self.seconds

    def high(self, part: float) -> float:
        """The milliseconds that this part of the calls did not exceed."""
        return sorted(self.took)[min(int(len(self.took) * part), len(self.took) - 1)]


def calls(texts: Iterable[Words], seed: int = 0) -> list[bytes]:
    """One signed POST for each (number, words), as Vonage's SMS API sends it, ready for the wire."""
    chance, made, as_of = random.Random(seed), [], str(int(time.time()))
    for number, words in texts:
        fields = {
            "api-key": "abcd1234",
            "msisdn": number,
            "to": SERVICE,
            "messageId": f"{chance.getrandbits(64):016X}",
            "text": words,
            "type": "text",
            "timestamp": as_of,
        }
        body = urlencode(fields | {"sig": sign_fields(fields, SECRET, "md5hash")})
        head = (
            f"POST /webhooks/inbound HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        made.append((head + body).encode())
    return made


def everyday(many: int, seed: int = 0) -> Iterator[Words]:
    """So many texts from as many numbers, in the words of an ordinary day."""
    chance = random.Random(seed)
    said = ("AIDE 1050 courses", "HULP 9000 apotheek", "BENEVOLE 4000 Marie", "OUI", "non pas aujourd'hui", "INFO")
    for _ in range(many):
        yield f"324{chance.randrange(70_000_000, 99_999_999)}", chance.choice(said)


class _Wire(asyncio.Protocol):
    """One connection, a call at a time."""

    def __init__(self) -> None:
        self.answered: asyncio.Future[int] | None = None
        self.parser = HttpResponseParser(self)
        self.is_open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        if self.is_open:
            self.parser.feed_data(data)

    def connection_lost(self, _: Exception | None) -> None:
        self.is_open = False
        self.answer(0)

    def on_message_complete(self) -> None:
        if not self.parser.should_keep_alive():
            self.is_open = False
            self.transport.close()
        self.answer(self.parser.get_status_code())

    def answer(self, status: int) -> None:
        """Tell whoever waits; 0 for a connection lost."""
        if self.answered and not self.answered.done():
            self.answered.set_result(status)


class _Line:
    """A caller: connects, and connects anew where the server hangs up after each answer."""

    def __init__(self) -> None:
        self.wire: _Wire | None = None

    async def call(self, port: int, call: bytes) -> int:
        """Send one call; returns the status of its answer, 0 for none."""
        loop = asyncio.get_running_loop()
        try:
            if self.wire is None or not self.wire.is_open:
                _, self.wire = await loop.create_connection(_Wire, "127.0.0.1", port)
            self.wire.answered = loop.create_future()
            self.wire.transport.write(call)
            return await asyncio.wait_for(self.wire.answered, PATIENCE_SECONDS)
        except (OSError, TimeoutError):
            return 0

    def close(self) -> None:
        """Hang up."""
        if self.wire:
            self.wire.transport.close()


async def _flat_out(ports: Sequence[int], made: list[bytes], connections: int) -> Answers:
    answers, waiting = Answers(), iter(made)

    async def one(line: _Line, port: int) -> None:
        for call in waiting:
            before = time.perf_counter()
            status = await line.call(port, call)
            answers.took.append((time.perf_counter() - before) * 1000)
            answers.statuses[status] += 1
        line.close()

    began = time.perf_counter()
    await asyncio.gather(*(one(_Line(), ports[number % len(ports)]) for number in range(connections)))
    answers.seconds = time.perf_counter() - began
    return answers


async def _at_pace(port: int, made: list[bytes], per_second: float) -> Answers:
    answers, free, lines = Answers(), list[_Line](), list[_Line]()

    async def one(call: bytes, due: float) -> None:
        line = free.pop() if free else _Line()
        if line not in lines:
            lines.append(line)
        status = await line.call(port, call)
        answers.took.append((time.perf_counter() - due) * 1000)  # from when it was due: a late start counts
        answers.statuses[status] += 1
        free.append(line)

    began, under_way = time.perf_counter(), set[asyncio.Task[None]]()
    for number, call in enumerate(made):
        due = began + number / per_second
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        task = asyncio.create_task(one(call, due))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    while under_way:
        await asyncio.gather(*under_way)
    answers.seconds = time.perf_counter() - began
    for line in lines:
        line.close()
    return answers


def flat_out(ports: Sequence[int], made: list[bytes], connections: int) -> Answers:
    """So many connections, to these ports in turn, each sending its next call when the last one is answered."""
    return asyncio.run(_flat_out(ports, made, connections))


def at_pace(port: int, made: list[bytes], per_second: float) -> Answers:
    """So many calls a second, whether they are answered or not; times count from when a call was due."""
    return asyncio.run(_at_pace(port, made, per_second))
