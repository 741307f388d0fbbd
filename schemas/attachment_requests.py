"""What a producer sends to attach a file, and an analyst to open one."""

import re
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from schemas.fields import JsonSchema, Shaped, Text
from schemas.requests import Request
from schemas.unsealing_requests import Bounded, Reasoned

LARGEST = 100 << 20  # bytes of one attachment
MEDIA_TYPE = r"[\w.+-]{1,60}/[\w.+-]{1,60}"


class Offset(fields.Integer):
    """A place in a file, in a query, where everything is text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not re.fullmatch("[0-9]{1,9}", str(value), re.ASCII) or not 0 <= int(value) < LARGEST:
            message = f"must be a whole number below {LARGEST}: where in the file the chunk begins"
            raise ValidationError(message)
        return int(value)

    def json_schema(self) -> JsonSchema:
        """The field as JSON Schema."""
        return {"type": "integer", "minimum": 0, "maximum": LARGEST - 1}


class BeginAttachment(Request):
    """What file is to be attached. Name, type and hash are sealed; the size is kept clear."""

    name = Text(200, required=True)
    media_type = Shaped(MEDIA_TYPE, "must be a media type such as text/plain", required=True)
    size = Bounded(1, LARGEST, required=True, metadata={"description": "bytes of the whole file"})
    sha256 = Shaped(
        "[0-9a-f]{64}", "must be the SHA-256 of the whole file, as 64 lower-case hexadecimal digits", required=True
    )


class ChunkQuery(Request):
    """Which chunk is sent."""

    offset = Offset(required=True, metadata={"description": "where in the file the chunk begins: `next` of the answer"})


class ChunkHeaders(Schema):
    """What the chunk's bytes must be."""

    class Meta:
        unknown = EXCLUDE

    content_digest = fields.String(
        data_key="Content-Digest",
        metadata={"description": "needed: the SHA-256 of this chunk, as `sha-256=:<base64>:` (RFC 9530)"},
    )


class OpenAttachment(Reasoned):
    """Why an attachment is opened."""
