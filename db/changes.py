"""Which statements change something."""


def is_change(sql: str) -> bool:
    """Whether this is an INSERT, an UPDATE or a DELETE, as peewee and we write them."""
    return sql.startswith(("INSERT", "UPDATE", "DELETE"))
