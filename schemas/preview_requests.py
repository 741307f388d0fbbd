"""What is sent to see what audiences would see."""

from schemas.requests import Choice, Request
from schemas.unsealing_requests import Reasoned

TEXT = "as if the text for release were approved"


class PreviewQuery(Request):
    """As what a draft is previewed."""

    text_approved = Choice(load_default=False, metadata={"description": TEXT})


class PreviewFiled(Reasoned):
    """Why a filed report is opened for a preview."""
