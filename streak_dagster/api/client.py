"""One call to Streak: within the budget, with the key, retried where that can help.

A client is safe to use from many threads at once. It holds the only copy of the API key, and no
message that leaves it contains the key.
"""

from __future__ import annotations

import copy
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import requests

from streak_dagster.api.answers import KEY_NAME, NO_CONTENT, error_of, json_of
from streak_dagster.api.circuit_breaker import CircuitBreaker
from streak_dagster.api.connections import TellingAdapter, made_by
from streak_dagster.api.hosts import is_on_this_machine
from streak_dagster.api.in_flight import End, InFlight
from streak_dagster.api.redirects import MAX_REDIRECTS, SessionWithoutRedirects, redirect_target
from streak_dagster.api.retries import RetryLimits, epoch_of
from streak_dagster.api.sending import send, without_key
from streak_dagster.api.usage import Answer, T, Usage
from streak_dagster.errors import (
    AnswerTimeoutError,
    ApiError,
    ConnectionLostError,
    KeyRefusedError,
    NetworkSetupError,
    ObjectUnavailableError,
    RateLimitedError,
    ServerFaultError,
    StreakDagsterError,
    TransientError,
    UnreadableAnswerError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import tenacity

    from streak_dagster.api.rate_limiter import RateLimiter

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
ANSWER_SECONDS = 300.0
"""From the request to the last byte of its answer. The longest lists seen have 16 MB: in that time they come
over half a megabit a second, and an answer that only trickles has an end."""
PAUSE_WITHOUT_ADVICE = 1.0
"""Seconds that everybody pauses after a first 429 that names no time; doubled for each further one."""
MIN_ADVICE = 0.5
"""Seconds. A ``Retry-After`` of less, or of a time gone by, would slow nobody: it counts as none."""


@dataclass
class _Key:
    """What the answers to any line of a client told of its key."""

    refused: KeyRefusedError | NetworkSetupError | None = None
    works: bool = False
    worked_at: float = 0.0


class StoppedError(StreakDagsterError):
    """The client was told to stop; the call wasn't made, or its answer wasn't waited for."""


class StreakClient:
    """Calls Streak at ``base_url`` (ends in ``/api``, no slash) as the account of ``api_key``.

    ``in_flight`` bounds the calls that wait for an answer at the same time, ``read_seconds`` how long
    Streak may keep silent in an answer, ``answer_seconds`` how long the whole of one may take. ``key_name``
    is what the key is set by, as errors say.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str,
        rate_limiter: RateLimiter,
        *,
        in_flight: int = 32,
        retry_limits: RetryLimits | None = None,
        read_seconds: float | None = None,
        answer_seconds: float | None = None,
        key_name: str = KEY_NAME,
    ) -> None:
        self.in_flight = in_flight
        self._key_name = key_name
        read_seconds = read_seconds or READ_SECONDS
        self._timeouts = (min(CONNECT_SECONDS, read_seconds), read_seconds)
        self.rate_limiter = rate_limiter
        self._answer_seconds = answer_seconds or ANSWER_SECONDS
        self._begin()
        self.usage_of_all = self.usage
        self._api_key = api_key
        self._base = base_url.rstrip("/")
        self._retry_limits = retry_limits or RetryLimits()
        self._key = _Key()
        self._confirming = threading.Lock()
        self.about_refusals = threading.Lock()
        """Held by whoever finds out what was refused where that may be the key."""
        self._breaker = CircuitBreaker()
        self._lock = threading.Lock()
        self._session = SessionWithoutRedirects()
        self._session.auth = (api_key, "")
        self._session.headers["Accept"] = "application/json"
        if is_on_this_machine(base_url):
            self._session.trust_env = False  # a proxy can't reach our loopback
        self._session.mount(self._base, TellingAdapter(pool_maxsize=in_flight))

    def line(self) -> StreakClient:
        """A client of the same key, budget and connections that is stopped, and counted, by itself.

        So what one table needs of Streak can end without ending what is asked for another one. What one line
        learns of the key, and that Streak is down, all of them know. It ends with this client.
        """
        line = copy.copy(self)
        line._begin()  # noqa: SLF001 - it is one of these
        self._lines.append(line)
        return line

    def _begin(self) -> None:
        """What each line has of its own."""
        self.usage = Usage()
        self._stopped = threading.Event()
        self._is_over = False
        self._calls = InFlight(self._answer_seconds)
        self._lines: list[StreakClient] = []

    def get(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        *,
        subject: str,
        read: Callable[[Any], T],
    ) -> Answer[T]:
        """GET ``path`` below the base URL.

        ``subject`` names the object and key for messages. ``read`` turns the JSON into what the caller
        wants; an UnreadableAnswerError that it raises is retried like a broken body.
        Raises the ApiError that the last attempt ended with, or StoppedError after ``stop``.
        """
        return self._call("GET", path, subject, read, params=params)

    def post(self, path: str, body: Any, *, subject: str, read: Callable[[Any], T]) -> Answer[T]:
        """POST ``body`` as JSON to an endpoint that only reads; otherwise as ``get``."""
        return self._call("POST", path, subject, read, json=body)

    @property
    def key_works(self) -> bool:
        """Whether Streak answered this client once with what it asked for: then key and address are right."""
        return self._key.works

    def confirm_key(self) -> None:
        """Find out whether a 401 or 403 that was just answered was about the key. One call.

        Streak answers so to a refused key, but also for an object that the key may not see, and a proxy
        may say it in its own words. Raises KeyRefusedError where the user's own teams are refused, too;
        threads that wait for the same answer share it.
        """
        asked_at = time.monotonic()
        with self._confirming:
            if self._key.worked_at > asked_at:
                return
            began = time.monotonic()
            try:
                self.get("v2/users/me/teams", subject="teams", read=lambda body: body)
            except ObjectUnavailableError as error:
                if error.status not in (401, 403):
                    raise
                self._key.refused = KeyRefusedError(
                    f"Streak no longer accepts the API key: {error} It was revoked, or something between "
                    f"here and Streak refuses it. Check {self._key_name}.",
                    status=error.status,
                )
                raise self._key.refused from None
            self._key.worked_at = began

    @property
    def trouble(self) -> str | None:
        """What is being waited for, where calls don't simply go on: a pause, or answers that fail."""
        until = self.rate_limiter.paused_until()
        if until is not None:
            return f"Streak asked to wait until {datetime.fromtimestamp(until, timezone.utc):%H:%M:%S} UTC"
        return self._breaker.describe()

    def stop(self, *, for_good: bool = False) -> None:
        """Make every waiting and further call raise StoppedError; what was sent is still answered.

        Stopped ``for_good``, it doesn't resume: nobody waits any more for what is asked.
        """
        self._is_over |= for_good
        self._stopped.set()

    def abort(self) -> None:
        """As ``stop``, and every call that is under way raises StoppedError too, wherever it waits."""
        self._stopped.set()
        self._calls.end_all()

    def resume(self) -> None:
        """Let further calls be made after ``stop`` or ``abort``."""
        if not self._is_over:
            self._stopped.clear()

    def hang_up(self) -> None:
        """End every call of this line alone, and let go of what only it used."""
        self.stop(for_good=True)
        self._calls.close()

    def close(self) -> None:
        for line in (*self._lines, self):
            line.hang_up()
        self._session.close()
        self.rate_limiter.close()

    def _call(
        self, method: str, path: str, subject: str, read: Callable[[Any], T], **options: Any
    ) -> Answer[T]:
        attempts = 0

        def attempt() -> Answer[T]:
            nonlocal attempts
            attempts += 1
            response = self._send_and_follow(method, f"{self._base}/{path}", subject, attempts, **options)
            received_at = time.time_ns() // 1_000_000
            body = self._json(response, subject)
            try:
                return Answer(read(body), received_at, _clock_ahead(response, received_at))
            except UnreadableAnswerError as error:
                error.args = (self._without_key(str(error)),)  # it may quote what was sent
                raise

        try:
            return self._retry_limits.retrying(
                self._sleep, self._honour_retry_after, lambda: self._breaker.is_open
            )(attempt)
        except TransientError as error:
            if attempts > 1:
                error.args = (f"{error} Tried {attempts} times.",)
            if isinstance(error, ConnectionLostError) and not self._key.works:  # nothing was ever reached
                error.args = (
                    f"{error} Check the network of this machine, and STREAK_API_URL ({self._base}).",
                )
            raise

    def _json(self, response: requests.Response, subject: str) -> Any:
        error = error_of(
            response, subject, key_works=self._key.works, key_name=self._key_name, hide=self._without_key
        )
        if error is None:
            body = json_of(response, subject, hide=self._without_key)
            self._key.works |= body is not NO_CONTENT  # a proxy may answer that to anybody
            self._breaker.answered()
            return body
        if not isinstance(error, TransientError):
            self._breaker.answered()
        if isinstance(error, KeyRefusedError | NetworkSetupError):
            self._key.refused = error
        raise error

    def _send_and_follow(
        self, method: str, url: str, subject: str, attempt: int, **options: Any
    ) -> requests.Response:
        response = self._send(method, url, subject, attempt, **options)
        for _ in range(MAX_REDIRECTS):
            if not response.is_redirect:
                break
            url = redirect_target(response, url, subject, self._without_key)
            options.pop("params", None)  # the new address has those that the server wants
            response = self._send(method, url, subject, attempt, **options)
        return response

    def _send(self, method: str, url: str, subject: str, attempt: int, **options: Any) -> requests.Response:
        permit = self.rate_limiter.acquire(self._sleep)
        with self._calls.call(permit.sent) as call:
            if self._stopped.is_set():
                raise StoppedError("The client was told to stop.")
            self._count(calls=1, retries=int(attempt > 1))
            failure: ApiError | None = None
            response = None
            try:
                with made_by(call):
                    response = send(
                        self._session,
                        method,
                        url,
                        subject,
                        timeouts=self._timeouts,
                        reached_before=lambda: self._key.works,
                        hide=self._without_key,
                        **options,
                    )
            except NetworkSetupError as error:
                self._key.refused = failure = error
            except ApiError as error:
                failure = error
            end = call.over()
        # Of an answer that was ended, a part may look whole.
        if end is End.STOPPED:
            raise StoppedError(f"The client was told to stop; the answer to {subject} wasn't waited for.")
        if end is End.TOO_LONG:
            raise AnswerTimeoutError(
                f"Streak's answer to {subject} wasn't whole within {self._calls.seconds:g} s."
            )
        if response is None:
            assert failure is not None
            raise failure
        permit.answered()
        return response

    def _honour_retry_after(self, state: tenacity.RetryCallState) -> None:
        """After a failed attempt, the last one too: where Streak asked for a pause, everybody pauses."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, TransientError) and not isinstance(error, RateLimitedError):
            self._breaker.failed(str(error))
        if isinstance(error, RateLimitedError):
            self._count(rate_limited=1)
            advice = error.retry_after or 0.0
            growing = PAUSE_WITHOUT_ADVICE * 2 ** min(state.attempt_number - 1, 6)
            self.rate_limiter.pause(advice if advice >= MIN_ADVICE else growing)
        elif isinstance(error, ServerFaultError) and error.retry_after is not None:
            self.rate_limiter.pause(error.retry_after)

    def _count(self, **spent: int) -> None:
        with self._lock:
            for usage in {id(each): each for each in (self.usage, self.usage_of_all)}.values():
                usage.add(**spent)

    def _sleep(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise StoppedError("The client was told to stop.")
        if self._key.refused is not None:
            # Asking again would spend calls on the same answer.
            raise type(self._key.refused)(str(self._key.refused), status=self._key.refused.status)

    def _without_key(self, text: str) -> str:
        return without_key(text, self._api_key)


def _clock_ahead(response: requests.Response, received_at: int) -> float | None:
    """By how many seconds the server's clock is ahead; 0 where its ``Date``, in whole seconds, fits ours."""
    dated = epoch_of(response.headers.get("Date", ""))
    if dated is None:
        return None
    until = received_at / 1000
    since = until - response.elapsed.total_seconds()
    # The server's clock stood between ``dated`` and a second later, at some moment of the call.
    return min(0.0, dated + 1 - since) or max(0.0, dated - until)
