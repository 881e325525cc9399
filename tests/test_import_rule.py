"""smsgate → db, smsgate → keywords, and nothing else: db and keywords never meet."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = {"smsgate", "db", "keywords"}
MAY_IMPORT = {"smsgate": {"smsgate", "db", "keywords"}, "db": {"db"}, "keywords": {"keywords"}}
# What the two inner rooms may take from outside the standard library.
LIBRARIES = {"db": {"peewee", "playhouse", "psycopg"}, "keywords": {"rapidfuzz", "gsm0338"}}


def imported_by(file: Path) -> set[str]:
    """The top-level packages a file imports, wherever in it the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name} imports from where it stands: name the room instead"
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("room", sorted(HOUSE))
def test_the_arrows_point_one_way(room: str) -> None:
    files = list((ROOT / room).rglob("*.py"))
    assert files
    for file in files:
        astray = (imported_by(file) & HOUSE) - MAY_IMPORT[room]
        assert not astray, f"{file.relative_to(ROOT)} imports {astray}"


@pytest.mark.parametrize("room", sorted(LIBRARIES))
def test_the_inner_rooms_need_little_from_outside(room: str) -> None:
    import sys

    for file in (ROOT / room).rglob("*.py"):
        outside = imported_by(file) - HOUSE - set(sys.stdlib_module_names)
        assert outside <= LIBRARIES[room], f"{file.relative_to(ROOT)} imports {outside - LIBRARIES[room]}"


@pytest.mark.parametrize("room", sorted(HOUSE))
def test_each_file_opens_with_a_sentence_that_says_what_it_is(room: str) -> None:
    for file in (ROOT / room).rglob("*.py"):
        says = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
        assert says, f"{file.relative_to(ROOT)} says nothing of itself"
        assert says.splitlines()[0].endswith((".", ":", "?")), f"{file.relative_to(ROOT)}: {says.splitlines()[0]}"


def test_only_the_room_of_steps_moves_a_step() -> None:
    for file in sorted((ROOT / "db").rglob("*.py")) + sorted((ROOT / "smsgate").rglob("*.py")):
        if file.name in ("steps.py", "0001_first_tables.py"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            where = f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Assign | ast.AugAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                assert not any(isinstance(t, ast.Attribute) and t.attr == "step" for t in targets), where
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
                assert not any(keyword.arg == "step" for keyword in node.keywords), where
