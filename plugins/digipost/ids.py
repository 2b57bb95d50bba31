"""Which letter is which, on both sides.

A dispatch's own id is a UUID, unique for ever and the same however often the letter is tried: it is the document's uuid
and the message's id at Digipost as it stands. Events tell of documents by uuid alone, so the way back must be known
without keeping anything; a uuid5 of it would have none.
"""

from uuid import NAMESPACE_URL, UUID, uuid5

_BATCHES = uuid5(NAMESPACE_URL, "frist:digipost:batch")


def letter_id(dispatch_id: str) -> str:
    """The document's uuid, as the schema writes it. Raises ValueError when the dispatch has another sort of id."""
    return str(UUID(dispatch_id))


def batch_id(our_batch_id: str, tenant_slug: str) -> str:
    """The batch's uuid there."""
    return str(uuid5(_BATCHES, f"{tenant_slug}:{our_batch_id}"))
