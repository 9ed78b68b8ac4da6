"""What people paste for a key, and what is left of it."""

from __future__ import annotations

import pytest

from streak_dagster.errors import SettingsError
from streak_dagster.onboarding.key import cleaned_key, told_user

KEY = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"


@pytest.mark.parametrize(
    "pasted",
    [
        *(
            KEY,
            f"{KEY}\n",
            f" {KEY}\r\n",
            f'"{KEY}"',
            f"'{KEY}'",
            f"“{KEY}”",
            f"`{KEY}`",
            f"\u00a0{KEY}\u200b",
        ),
        *(f"STREAK_API_KEY={KEY}", f'export STREAK_API_KEY="{KEY}"', f" ' {KEY} ' "),
    ],
)
def test_only_the_key_is_left(pasted: str) -> None:
    assert cleaned_key(pasted) == KEY


@pytest.mark.parametrize("pasted", ["", "  ", '""', "STREAK_API_KEY="])
def test_nothing_is_no_key(pasted: str) -> None:
    with pytest.raises(SettingsError, match="No key was given"):
        cleaned_key(pasted)


@pytest.mark.parametrize("pasted", [f"{KEY} {KEY}", f"{KEY[:5]}ß{KEY[5:]}", f'{KEY[:5]}"{KEY[5:]}'])
def test_what_no_key_holds_is_refused_and_not_repeated(pasted: str) -> None:
    with pytest.raises(SettingsError) as raised:
        cleaned_key(pasted)
    assert KEY[:5] not in str(raised.value)


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ({"displayName": "Ada", "email": "ada@example.com"}, "Ada <ada@example.com>"),
        ({"lowercaseEmail": "ada@example.com"}, "<ada@example.com>"),
        ({"key": "x"}, "a user without a name"),
    ],
)
def test_a_user_is_told_as_far_as_streak_says(user: dict[str, str], told: str) -> None:
    assert told_user(user) == told
