"""Towns of every size with a year behind them, made by a few statements: through peewee it would take hours."""

from db import connection
from db.connection import EPOCH, database
from db.postcodes import place
from smsgate.clock import now

# A year of a town: each writes three texts and is sent five letters; one in twenty has asked for help, and of each
# request four volunteers heard. Words older than thirty days are empty, as the night left them.
TEXTS, LETTERS, ASKERS, OFFERS = 3, 5, 20, 4
YEAR_MS, KEPT_MS = 365 * 86_400_000, 30 * 86_400_000

MADE = (
    """
    INSERT INTO person (id, number, name, language, created_at, seen_at)
    SELECT i, '3248' || printf('%08d', i), 'Marie', CASE i % 5 WHEN 0 THEN 'en' WHEN 1 THEN 'fr' ELSE 'nl' END,
           {began}, {now} FROM n
    """,
    """
    INSERT INTO volunteer (id, person_id, postcode, language, languages, needs, asked_at, free, created_at)
    SELECT i, i, (SELECT code FROM codes WHERE codes.i = n.i * 7919 % {codes}),
           CASE i % 5 WHEN 0 THEN 'en' WHEN 1 THEN 'fr' ELSE 'nl' END, '', '',
           {began} + abs(random()) % {year}, i % 10 > 0, {began} FROM n WHERE i % {askers}
    """,
    """
    INSERT INTO profile (postcode, language, languages, needs)
    SELECT DISTINCT postcode, language, '', '' FROM volunteer
    """,
    """
    INSERT INTO profile (postcode, language, languages, needs)
    SELECT DISTINCT '', language, '', '' FROM volunteer
    """,
    """
    INSERT INTO request (id, person_id, postcode, need, details, wanted, taken, waves, step, moved_at, created_at)
    SELECT i / {askers}, i, (SELECT code FROM codes WHERE codes.i = n.i * 7919 % {codes}), 'shopping', '',
           1, 1, 2, 'helped', {began} + abs(random()) % {year}, {began} FROM n WHERE i % {askers} = 0
    """,
    """
    INSERT INTO offer (request_id, volunteer_id, step, asked_at, moved_at)
    SELECT r.id, (r.id * {askers} * k) % {many} / {askers} * {askers} + k,
           CASE k WHEN 1 THEN 'introduced' ELSE 'declined' END,
           r.moved_at, r.moved_at
    FROM request r, (SELECT 1 AS k UNION SELECT 2 UNION SELECT 3 UNION SELECT 4)
    WHERE (r.id * {askers} * k) % {many} / {askers} * {askers} + k < {many}
    """,
    """
    INSERT INTO text (account, message, sender, recipient, words, part, parts, received_at, state, heard_at, heard_as)
    WITH made AS MATERIALIZED (
        SELECT n.i, {began} + abs(random()) % {year} AS at FROM n, times WHERE times.i <= {texts}
    )
    SELECT 'abcd1234', printf('%016X', random()), CASE WHEN at < {old} THEN '' ELSE '3248' || printf('%08d', i) END,
           '32460200300', CASE WHEN at < {old} THEN '' ELSE 'AIDE 1050 courses' END, 1, 1, at, 'heard', at, 'request'
    FROM made
    """,
    """
    INSERT INTO letter (person_id, notice, state, details, attempts, cut_off, ref, carrier_ref, due_at, sent_at,
                        receipt_at, price, created_at)
    WITH made AS MATERIALIZED (
        SELECT n.i, {began} + abs(random()) % {year} AS at FROM n, times WHERE times.i <= {letters}
    )
    SELECT i, 'info', 'delivered', '{{}}', 1, 0, lower(hex(randomblob(16))),
           CASE WHEN at < {old} THEN NULL ELSE hex(randomblob(8)) END, at, at, at, '0.07', at
    FROM made
    """,
)


def build(many: int) -> None:
    """Fill the connected SQLite database, just migrated, with so many people and their year."""
    codes = [str(code) for code in range(1000, 10000) if place(str(code))]
    as_of = int((now() - EPOCH).total_seconds() * 1000)
    values = {
        "many": many,
        "codes": len(codes),
        "began": as_of - YEAR_MS,
        "now": as_of,
        "old": as_of - KEPT_MS,
        "year": YEAR_MS,
        "askers": ASKERS,
        "texts": TEXTS,
        "letters": LETTERS,
    }
    for haste in ("cache_size = -4000000", "temp_store = memory", "synchronous = off"):  # of this connection only
        database.execute_sql(f"PRAGMA {haste}")
    with connection.transaction():
        database.execute_sql("CREATE TEMP TABLE codes (i INTEGER PRIMARY KEY, code TEXT)")
        for number, code in enumerate(codes):
            database.execute_sql("INSERT INTO codes VALUES (?, ?)", (number, code))
        for table, last in (("n", many), ("times", max(TEXTS, LETTERS))):
            counted = (
                f"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {last}) SELECT i FROM c"
            )
            database.execute_sql(f"CREATE TEMP TABLE {table} AS {counted}")
        for statement in MADE:
            database.execute_sql(statement.format(**values))
