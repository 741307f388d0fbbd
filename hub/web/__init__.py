"""HTTP: translate a request, call one service, translate what it gives back.

May not: import the store, decide what a service decides, or answer before the commit. Every route names its policy
(`web.policy`); one without fails at start-up.
"""
