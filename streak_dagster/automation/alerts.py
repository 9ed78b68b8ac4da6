"""A failed run is reported to ``STREAK_ALERT_WEBHOOK``: Slack, or what turns JSON into an e-mail."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from dagster import (
    DefaultSensorStatus,
    RunFailureSensorContext,
    SensorDefinition,
    SkipReason,
    run_failure_sensor,
)

from streak_dagster.api.connections import TellingAdapter, made_by
from streak_dagster.api.hosts import LOOPBACK
from streak_dagster.api.in_flight import InFlight
from streak_dagster.api.setup_faults import setup_fault
from streak_dagster.credentials import OF_ENVIRONMENT, Secrets, text_of
from streak_dagster.errors import AlertError
from streak_dagster.failures import failures_of
from streak_dagster.namespace import OURS, Namespace

if TYPE_CHECKING:
    from streak_dagster.settings import Settings

VARIABLE = "STREAK_ALERT_WEBHOOK"
_SECONDS = 10.0
"""For the next bytes of an answer's head, and for all of it; nobody reads its body."""
_MAX_NAMED = 10


def failure_alert(
    settings: Settings, secrets: Secrets = OF_ENVIRONMENT, names: Namespace = OURS
) -> SensorDefinition:
    """Posts one message for each run of the account that failed; off unless the settings say where to."""

    @run_failure_sensor(
        name=names.of_account("failure_alert"),
        default_status=DefaultSensorStatus.RUNNING if settings.has_alert else DefaultSensorStatus.STOPPED,
        description=f"Posts what failed, and what to do, to {VARIABLE}; off while that isn't set.",
    )
    def streak_failure_alert(context: RunFailureSensorContext) -> SkipReason | None:
        if not names.owns(context.dagster_run):
            return SkipReason("The run isn't one of this account's.")
        address = text_of(secrets.alert_webhook)
        if not address:
            return SkipReason(f"{VARIABLE} isn't set, so nobody is told.")
        post(address, message_of(context))
        return None

    return streak_failure_alert


def message_of(context: RunFailureSensorContext) -> dict[str, Any]:
    """The message: ``text`` for a chat (Slack's form), ``subject`` and ``failures`` for an e-mail."""
    run = context.dagster_run
    failures = dict(failures_of(context.get_step_failure_events()))
    if not failures:
        failures = {"the run": context.failure_event.message or "it ended without a reason"}
    subject = f"Streak: {run.job_name} failed ({', '.join(list(failures)[:3])})"
    named = list(failures.items())[:_MAX_NAMED]
    lines = [f"• {step}: {reason}" for step, reason in named]
    if len(failures) > len(named):
        lines.append(f"… and {len(failures) - len(named)} more")
    closing = f"An asset that failed left its table as it was. Run {run.run_id}, in Dagster's UI under Runs."
    return {
        "text": "\n".join([f"*{subject}*", *lines, closing]),
        "subject": subject,
        "run_id": run.run_id,
        "job": run.job_name,
        "failures": failures,
    }


def post(address: str, message: dict[str, Any]) -> None:
    """POST the message as JSON. Raises AlertError, which names the host only: the path is a secret."""
    host = ""
    # The sensor has a minute; a timeout alone bounds each wait for some bytes, not the answer.
    with closing(InFlight(_SECONDS)) as calls, requests.Session() as session:
        try:
            host = urlsplit(address).hostname or ""
            session.trust_env = host not in LOOPBACK  # a proxy can't reach our loopback
            for scheme in ("http://", "https://"):
                session.mount(scheme, TellingAdapter())
            with calls.call(lambda: None) as call, made_by(call):
                answer = session.post(
                    address, json=message, timeout=_SECONDS, allow_redirects=False, stream=True
                )
                answer.close()  # or its socket stays open until somebody collects it
                if call.over():  # a part of the head may look whole
                    raise requests.Timeout
        except (requests.RequestException, OSError, ValueError) as error:
            fault = setup_fault(error, host, VARIABLE)
            told = f" ({type(error).__name__})." if fault is None else f": {fault}"
            raise AlertError(f"{host} of {VARIABLE} couldn't be told of a failed run{told}") from None
    if not answer.ok:
        raise AlertError(
            f"{host} of {VARIABLE} answered HTTP {answer.status_code} to a failed run's message. "
            "Check the address."
        )
