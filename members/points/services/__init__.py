"""Commands and parts of the points: the only place that writes their tables."""

from members.points.services.adjusting import adjust
from members.points.services.earning import earn, multiplied, open_account, spend
from members.points.services.expiry import expire_due, expire_member, notify, notify_batch, sweep
from members.points.services.fragment import earn_fragment
from members.points.services.holds import capture, expire_hold, hold, release
from members.points.services.holds import sweep as sweep_holds
from members.points.services.offset import capture_for_order, hold_for_order, quote, release_for_order
from members.points.services.pending import add_pending, cancel_pending, settle, withdraw
from members.points.services.pending import sweep as sweep_pending
from members.points.services.policy import in_force, set_policy
from members.points.services.reversal import reverse, reverse_source

__all__ = [
    "add_pending",
    "adjust",
    "cancel_pending",
    "capture",
    "capture_for_order",
    "earn",
    "earn_fragment",
    "expire_due",
    "expire_hold",
    "expire_member",
    "hold",
    "hold_for_order",
    "in_force",
    "multiplied",
    "notify",
    "notify_batch",
    "open_account",
    "quote",
    "release",
    "release_for_order",
    "reverse",
    "reverse_source",
    "set_policy",
    "settle",
    "spend",
    "sweep",
    "sweep_holds",
    "sweep_pending",
    "withdraw",
]
