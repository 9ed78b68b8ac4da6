"""Streak over HTTP: what any program that asks Streak needs, whatever it does with the answers.

Here belong the client and its connections, the rate limiter and the state that it shares between processes,
retries, the errors that an answer is sorted into, ``envelopes`` (what a body holds) and ``paginators`` (how a
list is read to its end).

What doesn't: which tables there are and what their rows look like (``tables``), what to ask for and what to
keep of the answers (``sync``). Nothing here imports Dagster, DuckDB or any of those packages.
"""
