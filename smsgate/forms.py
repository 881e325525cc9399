"""A posted form, read: small, in UTF-8, each field once."""

from urllib.parse import parse_qs

from starlette.requests import Request

LARGEST_FORM = 8 * 1024  # bytes


async def form(request: Request) -> dict[str, str]:
    """The fields of a posted form; none if it is larger than forms are. A field that comes twice is read once."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return {}
    said = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in said.items()}
