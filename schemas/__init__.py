"""What a report is: its fields, their marks, its words.

May not: import anything but the standard library and marshmallow; read a clock, a key, a network or a database; know
that HTTP, STIX or SQL exist. Everything that the hub seals, stores, projects or publishes is derived from the lines of
`schemas/report.py`, so that a field is one line in one place.
"""
