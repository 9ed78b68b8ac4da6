"""What Dagster's UI shows of a run that failed is our sentence, also after the last retry."""

# No postponed annotations: Dagster looks at that of an op's context.

import pytest
from dagster import DagsterInstance, ExecuteInProcessResult, OpExecutionContext, job, op

from streak_dagster.errors import ServerFaultError
from streak_dagster.failures import MAX_RETRIES, failures_of, named_failures

SENTENCE = "streak/teams: Streak answered HTTP 503."


@op
def refreshing(context: OpExecutionContext) -> None:
    with named_failures("refreshing", context.instance, context.run_id, tried=context.retry_number):
        raise ServerFaultError(SENTENCE)


@job
def failing() -> None:
    refreshing()


@pytest.fixture
def result() -> ExecuteInProcessResult:
    with DagsterInstance.ephemeral() as instance:
        return failing.execute_in_process(instance=instance, raise_on_error=False)


def test_what_may_pass_is_tried_again_and_then_told_in_our_words(result: ExecuteInProcessResult) -> None:
    assert not result.success
    retried = [event for event in result.all_events if event.is_step_up_for_retry]
    assert len(retried) == MAX_RETRIES
    assert list(failures_of(result.all_events)) == [("refreshing", SENTENCE)]
    (failed,) = (event for event in result.all_events if event.is_step_failure)
    assert failed.step_failure_data.error is not None
    assert failed.step_failure_data.error.cls_name == "Failure"
    assert "Exceeded max_retries" not in failed.step_failure_data.error_display_string


def test_a_later_run_may_try_it_once_more(result: ExecuteInProcessResult) -> None:
    """What may pass doesn't stop Dagster's run retries."""
    assert "dagster/retry_on_asset_or_op_failure" not in result.dagster_run.tags
