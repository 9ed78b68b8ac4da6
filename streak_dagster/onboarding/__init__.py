"""Becoming an account: a key that works, in a ``.env`` that says so.

Here belongs what is done once, before anything is copied: what somebody pasted for a key, whether Streak
accepts it and whose it is, and how it gets into ``.env`` without a scratch on what else stands there. How
``.env`` is read belongs to ``environment``, and what a key may be to ``settings``.
"""
