"""Every error of this package, as one tree.

::

    StreakDagsterError
    ├── SettingsError                  a setting is missing, malformed or out of range
    ├── ApiError                       what came of a call to Streak
    │   ├── TransientError             ask again later
    │   │   ├── ConnectionLostError    Streak wasn't reached, or the answer broke off
    │   │   ├── AnswerTimeoutError     Streak didn't answer in time
    │   │   ├── RateLimitedError       429
    │   │   ├── ServerFaultError       5xx
    │   │   ├── UnreadableAnswerError  200, but not the JSON that was asked for
    │   │   └── TooManyUnreadableError more boxes or pipelines kept failing than may be left out
    │   └── PermanentError             asking again can't help
    │       ├── KeyRefusedError        401: the key itself is missing, wrong or revoked
    │       ├── NetworkSetupError      an untrusted certificate, a proxy that wants a login and the like
    │       ├── ObjectUnavailableError 400, 401, 403 or 404 for one object: gone, or not for this key
    │       ├── EndpointRetiredError   410
    │       └── UnexpectedAnswerError  JSON of a shape or a status that no source describes, or a redirect
    ├── ReportError                    the page about the pipelines can't be written where it was asked for
    ├── AlertError                     a failed run couldn't be reported to STREAK_ALERT_WEBHOOK
    ├── ExportError                    files can't be written where, or as, they were asked for
    └── WarehouseError                 what came of an access to DuckDB
        ├── DatabaseUnusableError      no such folder, not writable, not a DuckDB file
        ├── DatabaseLockedError        another process holds the file
        ├── TableMissingError          an input was never materialized
        ├── AccountMismatchError       the database holds another account's data
        └── PublishRefusedError        the new rows would break a promise; the old table stays

Each message says what was being done, what came back and what to do next. None holds the API key.
"""

from __future__ import annotations


class StreakDagsterError(Exception):
    """Base of all errors that this package raises on purpose."""


class SettingsError(StreakDagsterError):
    """A setting is missing, malformed or out of range; the message names it and the allowed values."""


class ApiError(StreakDagsterError):
    """What came of a call to Streak.

    ``status`` is the HTTP status, None where there was no answer.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status

    def with_message(self, message: str) -> ApiError:
        """The same kind of error, in other words."""
        return type(self)(message, status=self.status)


class TransientError(ApiError):
    """The same call may succeed later."""


class ConnectionLostError(TransientError):
    """Streak wasn't reached, or the connection broke before the answer was whole."""


class AnswerTimeoutError(TransientError):
    """Streak didn't answer in time."""


class RateLimitedError(TransientError):
    """Streak answered 429. ``retry_after`` is in seconds, None where Streak named no time."""

    def __init__(self, message: str, *, status: int | None = 429, retry_after: float | None = None) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after


class ServerFaultError(TransientError):
    """Streak answered with a 5xx. ``retry_after`` is in seconds, None where Streak named no time."""

    def __init__(self, message: str, *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after


class UnreadableAnswerError(TransientError):
    """The status was 200, but the body isn't the JSON that was asked for."""


class TooManyUnreadableError(TransientError):
    """More boxes or pipelines kept failing than may be left out; what was answered is kept for later."""


class PermanentError(ApiError):
    """The same call can't succeed."""


class KeyRefusedError(PermanentError):
    """Streak doesn't accept the API key; nothing else in the run can succeed either."""


class NetworkSetupError(PermanentError):
    """The way to Streak is set up wrongly; no call can succeed until that is set right."""


class ObjectUnavailableError(PermanentError):
    """One object is gone, or this key may not see it."""


class EndpointRetiredError(PermanentError):
    """Streak no longer supports this endpoint."""


class UnexpectedAnswerError(PermanentError):
    """Streak answered in a way that no source describes."""


ABOUT_ONE_OBJECT = (TransientError, ObjectUnavailableError, EndpointRetiredError, UnexpectedAnswerError)
"""What came of a call may be about the object that was asked for alone: others can still be read.

A refused key isn't about one object, and nor are the permanent errors that aren't named here.
"""


class AlertError(StreakDagsterError):
    """A failed run couldn't be reported to the address that the settings name."""


class ExportError(StreakDagsterError):
    """Files can't be written where, or as, they were asked for; those of before are as they were."""


class ReportError(StreakDagsterError):
    """A report can't be written where, or as, it was asked for."""


class WarehouseError(StreakDagsterError):
    """What came of an access to DuckDB."""


class DatabaseUnusableError(WarehouseError):
    """The database can't be opened or created where the setting says."""


class DatabaseLockedError(WarehouseError):
    """Another process held the database file for longer than we wait."""


class TableMissingError(WarehouseError):
    """An input table doesn't exist yet: ``table`` of ``schema`` in the database at ``location``."""

    def __init__(self, message: str, *, location: str = "", schema: str = "", table: str = "") -> None:
        super().__init__(message)
        self.location, self.schema, self.table = location, schema, table


class AccountMismatchError(WarehouseError):
    """The database holds another account's data than the key's."""


class PublishRefusedError(WarehouseError):
    """The new rows would break a promise of the table; the old table was left alone."""
