"""Acts on campaigns: drafts, publishing, the life afterwards."""

from engagement.campaigns.services.checklist import checklist
from engagement.campaigns.services.drafts import clone, create_from_template, edit_draft, find_template
from engagement.campaigns.services.lifecycle import archive, end, pause, resume, sweep
from engagement.campaigns.services.publishing import change_running, publish
from engagement.campaigns.services.rules_page import CHINESE, ENGLISH, rules_text, sha256

__all__ = [
    "CHINESE",
    "ENGLISH",
    "archive",
    "change_running",
    "checklist",
    "clone",
    "create_from_template",
    "edit_draft",
    "end",
    "find_template",
    "pause",
    "publish",
    "resume",
    "rules_text",
    "sha256",
    "sweep",
]
