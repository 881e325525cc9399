"""What many callers hand to the one writer at once: each is told what became of its own."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as some

from smsgate.writer import Keep, Writer

CALLS = some.lists(some.tuples(some.sampled_from(["text", "receipt"]), some.booleans(), some.booleans()), max_size=40)


class Keeper:
    """Keeps rows that are sound, all of those it is given or none."""

    def __init__(self) -> None:
        self.kept: list[int] = []

    def keep(self, rows: Sequence[tuple[int, bool]]) -> None:
        for number, is_sound in rows:
            if not is_sound:
                raise ValueError(number)
        self.kept += [number for number, _ in rows]


async def write(writer: Writer, keep: Keep, number: int, is_sound: bool) -> int | None:
    """The number of the row that the caller is told could not be kept."""
    try:
        await writer.write(keep, (number, is_sound))
    except ValueError as fault:
        return int(str(fault))
    return None


async def written(keepers: dict[str, Keeper], calls: list[tuple[str, bool, bool]]) -> list[int | None]:
    """What each of these calls is told; some come in the same turn of the event loop as the one before, some later."""
    writer = Writer(after_commit=lambda: None)
    keeps = {kind: keeper.keep for kind, keeper in keepers.items()}
    under_way = []
    writer.start()
    for number, (kind, is_sound, later) in enumerate(calls):
        if later:
            await asyncio.sleep(0)
        under_way.append(asyncio.create_task(write(writer, keeps[kind], number, is_sound)))
    told = await asyncio.gather(*under_way)
    writer.stop()
    return told


@given(CALLS)
def test_a_text_that_cannot_be_kept_takes_none_of_those_beside_it_along(calls: list[tuple[str, bool, bool]]) -> None:
    keepers = {"text": Keeper(), "receipt": Keeper()}
    with ThreadPoolExecutor() as another_thread:  # a browser's event loop may still run in this one
        told = another_thread.submit(asyncio.run, written(keepers, calls)).result()
    assert told == [None if is_sound else number for number, (_, is_sound, _) in enumerate(calls)]
    for kind, keeper in keepers.items():
        assert keeper.kept == [number for number, (one, is_sound, _) in enumerate(calls) if is_sound and one == kind]
