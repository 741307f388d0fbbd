"""The demo: a hub of one's own with sample reports in it, for a newcomer and for tools.

May not: file, accept or fetch in any other way than a user would, over HTTP with a token; a demo that cheats shows
nothing. Only what the operator does at the shell (organisations, tokens, releases) is done at the shell here too.
"""
