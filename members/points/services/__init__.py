"""Commands and parts of the points: the only place that writes their tables."""

from members.points.services.earning import earn, multiplied, open_account, spend
from members.points.services.expiry import expire_due, expire_member, notify, notify_batch, sweep
from members.points.services.fragment import earn_fragment
from members.points.services.policy import in_force, set_policy
from members.points.services.reversal import reverse, reverse_source

__all__ = [
    "earn",
    "earn_fragment",
    "expire_due",
    "expire_member",
    "in_force",
    "multiplied",
    "notify",
    "notify_batch",
    "open_account",
    "reverse",
    "reverse_source",
    "set_policy",
    "spend",
    "sweep",
]
