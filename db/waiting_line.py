"""Who writes to an SQLite file next: not whoever has just written, and woken at once.

SQLite itself lets whoever finds the file locked look again after up to a tenth of a second, and a process that writes
all the time takes it again meanwhile: the gate waited for seconds while texts were heard (measured).
"""

import fcntl
import threading
from pathlib import Path


class WaitingLine:
    """Two locks on files beside the database: whoever is next holds the first one while waiting for the second.

    So nobody who has just written can be first again. The locks end with the process that holds them.
    """

    def __init__(self, database: Path) -> None:
        self.files = [database.with_name(f"{database.name}.{which}") for which in ("next", "turn")]
        for file in self.files:
            file.touch(mode=0o600)
        self.mine = threading.local()

    def take_turn(self) -> None:
        """Wait for our turn, and have it until leave()."""
        if not hasattr(self.mine, "opened"):
            self.mine.opened = [file.open("rb") for file in self.files]  # a lock belongs to whoever opened the file
        is_next, has_turn = self.mine.opened
        fcntl.flock(is_next, fcntl.LOCK_EX)
        try:
            fcntl.flock(has_turn, fcntl.LOCK_EX)
        finally:
            fcntl.flock(is_next, fcntl.LOCK_UN)

    def leave(self) -> None:
        """The next one, please; nothing happens without a turn."""
        if opened := getattr(self.mine, "opened", None):
            fcntl.flock(opened[1], fcntl.LOCK_UN)

    def __enter__(self) -> None:
        self.take_turn()

    def __exit__(self, *_: object) -> None:
        self.leave()

    def close(self) -> None:
        """This thread writes no more."""
        for file in self.mine.__dict__.pop("opened", []):
            file.close()
