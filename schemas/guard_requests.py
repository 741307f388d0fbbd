"""What an analyst sends about what the guard holds."""

from marshmallow import ValidationError, validates

from schemas.fields import Shaped, Text
from schemas.requests import Request

LEAST = 10  # characters of a reason


class Decide(Request):
    """A decision about what the guard holds before the feeds of an audience, and why."""

    audience = Shaped(r"[a-z][a-z0-9_-]{0,40}", "must be the name of an audience", required=True)
    decision = Shaped("release|keep", "must be release or keep", required=True)
    why = Text(500, required=True, metadata={"description": f"at least {LEAST} characters; kept, and erased with it"})

    @validates("why")
    def is_a_reason(self, value: str, **_: object) -> None:
        """Refuse a reason that gives none."""
        if len(value.strip()) < LEAST:
            message = f"must have at least {LEAST} characters: say why"
            raise ValidationError(message)
