"""The body of a message, taken apart as strictly as it is described: the message first, then its documents."""

import re
from dataclasses import dataclass, field

from saas.simulators.digipost.refusals import Refusal

KIND = "multipart/vnd.digipost-v8+xml"
MESSAGE = "application/vnd.digipost-v8+xml"
_BOUNDARY = re.compile(r'^multipart/vnd\.digipost-v8\+xml\s*;\s*boundary="?([\w\'()+,./:=? -]{1,70})"?$')
_FILENAME = re.compile(r'^attachment\s*;\s*filename="([^"]+)"$')


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `kind` is its content type."""

    name: str
    kind: str
    content: bytes = field(repr=False)


def parts(body: bytes, content_type: str) -> tuple[bytes, list[Part]]:
    """(the message's XML, its documents). Raises Refusal."""
    found = _BOUNDARY.match(content_type)
    if found is None:
        raise Refusal("PROBLEM_WITH_REQUEST", f"The content type must be {KIND} with a boundary.", 415)
    line = b"--" + found[1].encode()
    if not body.startswith(line + b"\r\n") or not body.rstrip(b"\r\n").endswith(b"\r\n" + line + b"--"):
        raise Refusal("PROBLEM_WITH_REQUEST", "The body must begin and end with its boundary.")
    inside = body[len(line) + 2 : body.rindex(b"\r\n" + line + b"--")]
    told = [_part(piece) for piece in inside.split(b"\r\n" + line + b"\r\n")]
    message, documents = told[0], told[1:]
    if message.name != "message" or message.kind.partition(";")[0].strip() != MESSAGE:
        raise Refusal("PROBLEM_WITH_REQUEST", "The first part must be the message.")
    return message.content, documents


def _part(piece: bytes) -> Part:
    head, found, content = piece.partition(b"\r\n\r\n")
    if not found:
        raise Refusal("PROBLEM_WITH_REQUEST", "A part has no end of its headers.")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head.decode("latin-1").split("\r\n"))
    }
    if "content-disposition" not in headers:
        raise Refusal("MISSING_BODYPART_CONTENT_DISPOSITION")
    filename = _FILENAME.match(headers["content-disposition"])
    if filename is None:
        raise Refusal("MISSING_BODYPART_FILENAME")
    if "content-type" not in headers:
        raise Refusal("ILLEGAL_CONTENT_TYPE")
    return Part(filename[1], headers["content-type"], content)
