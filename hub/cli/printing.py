"""What was sealed, on a terminal: a terminal obeys control characters, and what was filed must not command it."""

import json
from typing import Any


def indented(value: Any) -> str:
    """A value as text, two blanks before each line, without what a terminal would obey."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    safe = "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in text)
    return "\n".join(f"  {line}" for line in safe.split("\n"))
