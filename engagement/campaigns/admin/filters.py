"""Filters of the campaign list."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import clock
from engagement.campaigns import rules
from engagement.campaigns.contract import mechanisms
from engagement.campaigns.models import Campaign
from engagement.campaigns.rules import Status


class StatusFilter(SimpleListFilter):
    """The status by the clock, as the list shows it."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All stages."""
        return list(Campaign.Status.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> QuerySet[Campaign]:
        """Campaigns that are in that stage at this moment."""
        now, live = clock.now(), Q(status__in=sorted(rules.LIVE))
        unpaused = live & ~Q(status=Status.PAUSED) & Q(ends_at__gt=now)
        conditions: dict[str, Q] = {
            Status.DRAFT: Q(status=Status.DRAFT),
            Status.SCHEDULED: unpaused & Q(starts_at__gt=now),
            Status.RUNNING: unpaused & Q(starts_at__lte=now),
            Status.PAUSED: Q(status=Status.PAUSED, ends_at__gt=now),
            Status.ENDED: Q(status=Status.ENDED) | live & Q(ends_at__lte=now),
            Status.ARCHIVED: Q(status=Status.ARCHIVED),
        }
        chosen = conditions.get(self.value() or "") if self.value() else ~Q(status=Status.ARCHIVED)
        return queryset.filter(chosen) if chosen is not None else queryset.none()


class MechanismFilter(SimpleListFilter):
    """The way to play."""

    title = _("way to play")
    parameter_name = "mechanism"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All registered mechanisms."""
        return [(name, mechanism.label) for name, mechanism in mechanisms.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> QuerySet[Campaign]:
        """Campaigns of that mechanism."""
        return queryset.filter(mechanism=self.value()) if self.value() else queryset
