"""What the hub does for each person: one file a person, plain functions.

May not: import each other, Flask or click; commit; open a sealed value without a keyring in the signature; read a clock
(`now` comes in). A face begins a transaction, calls one of these, ends it, and only then answers.
"""
