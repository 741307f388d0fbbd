"""`incident`, for reports of something that happened, nearly happened or could: OASIS core extension beside ours."""

from typing import Any

from feeds.mapping.body import UNTRUSTED, description_of, language_of, name_of, sdo, severity_of
from feeds.mapping.extension import AI_EXTENSION, CORE_EXTENSION, ai_extension, core_extension
from feeds.names import Naming
from feeds.projection import Projection

TYPES = {"incident", "near_miss", "hazard", "compromise"}


def incidents(projection: Projection, naming: Naming) -> list[dict[str, Any]]:
    """The incident of a report, if its type is one."""
    if projection.fields["report_type"] not in TYPES:
        return []
    extensions = {CORE_EXTENSION: core_extension(projection), AI_EXTENSION: ai_extension(projection, naming)}
    return [
        sdo(
            naming,
            "incident",
            "main",
            name=name_of(projection, naming),
            description=description_of(projection),
            labels=[*severity_of(projection), UNTRUSTED],
            lang=language_of(projection),
            extensions=extensions,
        )
    ]
