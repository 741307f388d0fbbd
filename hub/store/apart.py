"""Work on many reports, of which one may be damaged: it must not keep the others from theirs."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

Result = TypeVar("Result")


def apart(
    work: Callable[[list[str]], Mapping[str, Result]], report_ids: Iterable[str]
) -> tuple[dict[str, Result], dict[str, Exception]]:
    """Do work for reports together; if it fails, for halves of them: what was done, and whose failed, with its error.

    The database's own errors are no report's: they are raised. The work must be harmless to repeat.
    """
    ids = list(report_ids)
    if not ids:
        return {}, {}
    try:
        return dict(work(ids)), {}
    except SQLAlchemyError:
        raise
    except Exception as wrong:  # noqa: BLE001 - whatever a damaged row comes to; the caller tells it
        if len(ids) == 1:
            return {}, {ids[0]: wrong}
    first, second = (apart(work, some) for some in (ids[: len(ids) // 2], ids[len(ids) // 2 :]))
    return {**first[0], **second[0]}, {**first[1], **second[1]}
