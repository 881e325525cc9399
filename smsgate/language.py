"""Which language a page is read in: the one in its address, or else the one the browser wishes for."""

from collections.abc import Sequence

from starlette.requests import Request


def of(request: Request, spoken: Sequence[str], otherwise: str) -> str:
    """?language= where it is one of those spoken; then Accept-Language; then `otherwise`."""
    asked = request.query_params.get("language", "").lower()
    if asked in spoken:
        return asked
    return wished(request.headers.get("accept-language", ""), (otherwise, *spoken)) or otherwise


def wished(header: str, spoken: Sequence[str]) -> str | None:
    """The one of these that Accept-Language wants most, None if it wants none of them.

    RFC 9110, 12.5.4: `nl-BE, fr;q=0.8, *;q=0.1`. Of equals the first named wins; what cannot be read is no wish.
    """
    named: dict[str, float] = {}
    for wish in header.lower().split(","):
        tag, *parameters = (piece.strip() for piece in wish.split(";"))
        name = tag.partition("-")[0]
        named[name] = max(_weight(parameters), named.get(name, 0))
    any_other = named.get("*", 0)
    weights = {one: named.get(one, any_other) for one in (*named, *spoken) if one in spoken}
    wanted = max(weights, key=lambda one: weights[one])
    return wanted if weights[wanted] > 0 else None


def _weight(parameters: Sequence[str]) -> float:
    """The q among the parameters: from 0, not wanted, to 1."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value) if 0 <= float(value) <= 1 else 0
            except ValueError:
                return 0
    return 1
