"""The ready answers, a file each: what people ask of a CRM, over all pipelines.

Here belongs the SQL of an answer and what it means. How a view is made, and what stands for a table that
isn't there, belongs to ``views.publish``.
"""

from __future__ import annotations

from ..answer import Answer
from .cohorts import COHORTS
from .contact_activity import CONTACT_ACTIVITY
from .deal_stages import DEAL_STAGES
from .deals import DEALS
from .followups_due import FOLLOWUPS_DUE
from .last_touch import LAST_TOUCH
from .owner_activity import OWNER_ACTIVITY
from .people import PEOPLE
from .pipeline_daily import PIPELINE_DAILY
from .recent_changes import RECENT_CHANGES
from .stage_age import STAGE_AGE
from .stage_conversion import STAGE_CONVERSION
from .stages import STAGES

ALL_ANSWERS: tuple[Answer, ...] = (
    PEOPLE,
    STAGES,
    DEALS,
    DEAL_STAGES,
    STAGE_CONVERSION,
    STAGE_AGE,
    RECENT_CHANGES,
    FOLLOWUPS_DUE,
    LAST_TOUCH,
    OWNER_ACTIVITY,
    COHORTS,
    PIPELINE_DAILY,
    CONTACT_ACTIVITY,
)
"""Every answer, after those that it reads."""

__all__ = ["ALL_ANSWERS"]
