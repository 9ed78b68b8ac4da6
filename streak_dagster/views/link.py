"""Where Streak shows a box."""

from __future__ import annotations

LINK = "https://mail.google.com/mail/u/0/#box/"
"""This, and the box's key: inside Gmail, that of the first account that the browser is signed in to.

Streak documents no form of a link. Two public integrations, a chat extension and a search of contacts, open
boxes in this way; of ``www.streak.com/a/`` only links to pipelines were seen.
"""
