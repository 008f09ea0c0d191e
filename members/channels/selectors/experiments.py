"""Experiments: how many people each variant brought, and how far they came."""

from uuid import UUID

from core import sql
from members.channels.models import Experiment
from members.channels.rules.intervals import Side

STEPS = ("signed_in", "joined", "first_actions")
BY_VARIANT = """
SELECT v.id, v.name, v.note, CAST(COALESCE(sum(d.scans), 0) AS bigint) AS scans,
       CAST(COALESCE(sum(d.unique_scans), 0) AS bigint) AS people,
       CAST(COALESCE(sum(d.signed_in), 0) AS bigint) AS signed_in,
       CAST(COALESCE(sum(d.joined), 0) AS bigint) AS joined,
       CAST(COALESCE(sum(d.first_actions), 0) AS bigint) AS first_actions
FROM channels_variant v
LEFT JOIN channels_codebatch b ON b.variant_id = v.id
LEFT JOIN channels_channelday d ON d.batch_id = b.id
WHERE v.experiment_id = %(experiment)s
GROUP BY v.id, v.name, v.note ORDER BY v.id
"""


def list_variants(experiment: Experiment) -> list[sql.Row]:
    """A row for each variant in the order in which they were made, with the sums of its batches over all days."""
    return sql.fetch_all(BY_VARIANT, {"experiment": experiment.pk})


def sides_of(rows: list[sql.Row], step: str) -> list[Side]:
    """``rows`` as sides of a comparison: people who came, and those who reached ``step``."""
    return [Side(row["name"], int(row["people"]), int(row[step])) for row in rows]


def list_open_variants() -> list[tuple[int, str, UUID]]:
    """``(key, label, experiment)`` of the variants to which new batches can belong."""
    rows = Experiment.objects.filter(ended_at=None).order_by("name").prefetch_related("variants")
    return [(each.pk, f"{row.name} · {each.name}", row.pk) for row in rows for each in row.variants.all()]
