"""Filters: what analysts ask of the store, in one grammar for API and command line (docs/search.md).

May not: touch the database, a key or a clock. It reads a text, checks every name and value against the catalogue of
fields, and gives conditions whose values are written as the search index writes them.
"""

from hub.filters.catalogue import Field, Kind, catalogue
from hub.filters.conditions import AllOf, AnyOf, Condition, Has, Match, Not, Sort, Spoken, Words
from hub.filters.grammar import parse
from hub.filters.queries import NEWEST, Query, equalities, query

__all__ = [
    "NEWEST",
    "AllOf",
    "AnyOf",
    "Condition",
    "Field",
    "Has",
    "Kind",
    "Match",
    "Not",
    "Query",
    "Sort",
    "Spoken",
    "Words",
    "catalogue",
    "equalities",
    "parse",
    "query",
]
