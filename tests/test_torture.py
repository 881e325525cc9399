"""A short storm: processes killed, calls dropped, the database locked; `make torture` is the long one."""

from pathlib import Path

from tests.fake_vonage import FakeVonage
from tests.torture import Torture

SEED, SECONDS = 20261124, 5


def test_a_town_whose_service_is_killed_at_random_moments_loses_nothing(
    tmp_path: Path, database_url: str, vonage: FakeVonage
) -> None:
    torture = Torture(tmp_path, database_url, SEED, vonage)
    missing = torture.run(SECONDS)
    assert not missing, f"seed {SEED}: {missing}"
    assert sum(times for what, times in torture.tried.items() if what.startswith("kills")) >= 3, torture.tried
    assert len(torture.taken) >= 100
