"""Reconciliation: the days' sums against the scans and persons that they count. Each check is one statement."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import reconcile
from core.reconcile import Finding
from members.channels.models import WelcomeKit
from members.rewards import selectors as rewards
from members.rewards.errors import InvalidReward

SCAN_SUMS = """
SELECT batch_id, day, CAST(SUM(scans) AS bigint), CAST(SUM(unique_scans) AS bigint) FROM (
  SELECT batch_id, day, scans, unique_scans FROM channels_channelday
  UNION ALL
  SELECT batch_id, scanned_on, -1, CASE WHEN counted = 2 THEN -1 ELSE 0 END FROM channels_scan WHERE counted > 0
) both_sides GROUP BY batch_id, day HAVING SUM(scans) <> 0 OR SUM(unique_scans) <> 0
"""
STEP_SUMS = """
SELECT batch_id, day, CAST(SUM(signed_in) AS bigint), CAST(SUM(joined) AS bigint), CAST(SUM(acted) AS bigint),
       CAST(SUM(ordered) AS bigint), CAST(SUM(gift) AS bigint) FROM (
  SELECT batch_id, day, signed_in, joined, first_actions AS acted, first_orders AS ordered, gift_fen AS gift
    FROM channels_channelday
  UNION ALL
  SELECT first_batch_id, signed_in_on, -1, 0, 0, 0, 0 FROM channels_attribution WHERE counted & 1 = 1
  UNION ALL
  SELECT first_batch_id, joined_on, 0, -1, 0, 0, -gift_fen FROM channels_attribution WHERE counted & 2 = 2
  UNION ALL
  SELECT first_batch_id, acted_on, 0, 0, -1, 0, 0 FROM channels_attribution WHERE counted & 4 = 4
  UNION ALL
  SELECT first_batch_id, ordered_on, 0, 0, 0, -1, 0 FROM channels_attribution WHERE counted & 8 = 8
) both_sides GROUP BY batch_id, day
HAVING SUM(signed_in) <> 0 OR SUM(joined) <> 0 OR SUM(acted) <> 0 OR SUM(ordered) <> 0 OR SUM(gift) <> 0
"""
UNCOUNTED_SCANS = """
SELECT id, counted FROM channels_scan
 WHERE pending IS FALSE AND ((counted = 0 AND is_test IS FALSE AND is_staff IS FALSE)
                             OR (counted > 0 AND (is_test IS TRUE OR is_staff IS TRUE)))
"""
UNCOUNTED_STEPS = """
SELECT id, counted FROM channels_attribution
 WHERE pending IS FALSE AND counted <> CASE WHEN is_excluded IS TRUE OR is_acquired IS FALSE THEN 0 ELSE
       1 + CASE WHEN joined_on IS NULL THEN 0 ELSE 2 END + CASE WHEN acted_on IS NULL THEN 0 ELSE 4 END
         + CASE WHEN ordered_on IS NULL THEN 0 ELSE 8 END END
"""


def check_scan_sums() -> Iterator[Finding]:
    """Each day's scans and new persons are the sum of its scans."""
    for batch, day, *numbers in reconcile.stream(SCAN_SUMS):
        yield _finding(batch, day, numbers)


def check_step_sums() -> Iterator[Finding]:
    """Each day's steps and gift costs are the sum of its persons."""
    for batch, day, *numbers in reconcile.stream(STEP_SUMS):
        yield _finding(batch, day, numbers)


def check_uncounted() -> Iterator[Finding]:
    """What is not pending is counted as its row says: no scan or step is lost, no insider counted."""
    for statement, what in ((UNCOUNTED_SCANS, "scan"), (UNCOUNTED_STEPS, "attribution")):
        for key, counted in reconcile.stream(statement):
            yield Finding(f"channels:{what}:{key}", f"counted as {counted}")


def check_kits() -> Iterator[Finding]:
    """Every reward of a kit in use can be read."""
    for kit in WelcomeKit.objects.filter(active=True):
        for spec in kit.rewards:
            try:
                rewards.parse(spec)
            except InvalidReward as refusal:
                yield Finding(f"channels:kit:{kit.pk}", str(refusal))


def _finding(batch: Any, day: Any, numbers: list[Any]) -> Finding:
    return Finding(f"channels:batch:{batch}:{day}", "row less detail: " + ", ".join(map(str, numbers)))


CHECKS = {
    "channels.scans": reconcile.Check(_("Days of channels against scans"), check_scan_sums),
    "channels.steps": reconcile.Check(_("Days of channels against persons"), check_step_sums),
    "channels.uncounted": reconcile.Check(_("Scans and steps left uncounted"), check_uncounted),
    "channels.kits": reconcile.Check(_("Rewards of welcome kits"), check_kits),
}
