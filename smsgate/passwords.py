"""Passwords, kept as hashes of argon2id: made, held against, and told from what is none."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher()  # RFC 9106, for low memory: 64 MiB and a twentieth of a second each time


def hash_of(password: str) -> str:
    """What the settings keep of a password."""
    return HASHER.hash(password)


def is_hash(value: str) -> bool:
    """Whether this is a hash that a password can be held against."""
    try:
        HASHER.check_needs_rehash(value)
    except InvalidHashError:
        return False
    return True


def fits(password: str, kept: str) -> bool:
    """Whether this is the password that the hash was made of."""
    try:
        return HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
