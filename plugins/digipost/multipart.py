"""The body of a message: its XML and its documents in one piece, so that one hash and one signature cover it all."""

import hashlib
from collections.abc import Sequence

MULTIPART = "multipart/vnd.digipost-v8+xml"
XML = "application/vnd.digipost-v8+xml"


def multipart(message: bytes, documents: Sequence[tuple[str, str, bytes]]) -> tuple[bytes, str]:
    """(body, content type) of a message and its documents: (uuid, file type, bytes) each.

    The boundary is made of what it separates: the same message is the same bytes however often it is tried.
    """
    digest = hashlib.sha256(message)
    for _, _, content in documents:
        digest.update(content)
    boundary = f"frist-{digest.hexdigest()}"
    pieces = [_part(boundary, f"{XML}; charset=UTF-8", "message", message)]
    pieces += [_part(boundary, f"application/{kind}", uuid, content) for uuid, kind, content in documents]
    body = b"".join([*pieces, f"--{boundary}--\r\n".encode()])
    return body, f"{MULTIPART}; boundary={boundary}"


def _part(boundary: str, content_type: str, name: str, content: bytes) -> bytes:
    head = f'--{boundary}\r\nContent-Type: {content_type}\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n"
