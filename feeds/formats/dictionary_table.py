"""`dictionary.csv`: the dictionary for those who read it in a spreadsheet."""

from collections.abc import Iterator

from feeds.cells import cell
from feeds.dictionary import described
from feeds.format import Format, Heading, Source
from feeds.formats.table import row

HEAD = ("column", "meaning", "holds", "written", "redacted", "terms")


def write(heading: Heading, source: Source) -> Iterator[bytes]:
    """One row a column."""
    del source
    yield row(HEAD)
    for told in described(heading.feed):
        rules, terms = told.get("rules", {}), told.get("terms", {}).get("terms", ())
        said = (told["column"], told["meaning"], told["holds"], rules.get("written"), rules.get("redacted"))
        yield row(cell(value) for value in (*said, list(terms)))


FORMAT = Format("dictionary.csv", "text/csv; charset=utf-8; header=present", write, is_download=True)
