"""The buttons of a campaign: each asks first, then calls one service once."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise, lazystr
from django.utils.translation import gettext_lazy as _

from core.admin.acts import Act, ReasonForm, act_page, staff_of
from engagement.campaigns import services
from engagement.campaigns.admin.pages import campaign_url, period_of
from engagement.campaigns.contract import mechanisms
from engagement.campaigns.errors import NotPublishable
from engagement.campaigns.models import Campaign


class NothingAsked(forms.Form):
    """An act that needs only a yes."""


def publish(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    """Show the checklist's result and the cost, then publish; what blocks sends back to the campaign's page."""
    blocking = [each for each in services.checklist(campaign) if each.blocks] if campaign.is_draft else []
    if blocking:
        messages.error(request, NotPublishable().text())
        return redirect(campaign_url(campaign))
    mechanism = mechanisms.get(campaign.mechanism)
    cost = mechanism.simulate(campaign.as_config(), mechanism.settings_of(campaign.pk))
    return act_page(
        request,
        Act(
            title=_("Publish this campaign"),
            button=_("Publish"),
            success=_("The campaign is published."),
            lines=[*_about(campaign), *cost],
            note=_("Its rules are frozen now. Afterwards only changes in the members' favour are possible."),
            back=campaign_url(campaign),
            form_class=NothingAsked,
            perform=lambda _data: services.publish(campaign=campaign, actor=staff_of(request)),
        ),
    )


def pause(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    """Pause with a reason."""
    words = (_("Pause this campaign"), _("Pause"), _("The campaign is paused."))
    return _with_reason(
        request, campaign, services.pause, words, _("Members see that it is paused until you resume it.")
    )


def resume(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    """Resume with a reason."""
    words = (_("Resume this campaign"), _("Resume"), _("The campaign goes on."))
    return _with_reason(request, campaign, services.resume, words, _("Its end stays as it was."))


def end(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    """End early with a reason."""
    words = (_("End this campaign now"), _("End now"), _("The campaign has ended."))
    note = _("This can't be undone. Members keep what they have; tell them why it ends before its time.")
    return _with_reason(request, campaign, services.end, words, note, danger=True)


def archive(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    """Archive with a reason."""
    words = (_("Archive this campaign"), _("Archive"), _("The campaign is archived."))
    return _with_reason(request, campaign, services.archive, words, _("It leaves the list; its rules pages stay."))


def clone(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    """Copy, then go to the copy."""
    made: list[Campaign] = []

    def perform(_data: dict[str, Any]) -> None:
        made.append(services.clone(campaign=campaign, actor=staff_of(request)))

    return act_page(
        request,
        Act(
            title=_("Copy this campaign"),
            button=_("Copy"),
            success=_("The copy is a draft that begins tomorrow."),
            lines=_about(campaign),
            back=cast("str", lazystr(_Target(made))),  # read after the act
            form_class=NothingAsked,
            perform=perform,
        ),
    )


class _Target:
    """Where a copy leads: to the copy once it is made, to the list before (or when a double click made none)."""

    def __init__(self, made: list[Campaign]) -> None:
        self._made = made

    def __str__(self) -> str:
        return campaign_url(self._made[0]) if self._made else reverse("admin:campaigns_campaign_changelist")


Words = tuple[str | Promise, str | Promise, str | Promise]  # title, button, success


def _with_reason(
    request: HttpRequest,
    campaign: Campaign,
    service: Callable[..., object],
    words: Words,
    note: str | Promise,
    *,
    danger: bool = False,
) -> HttpResponse:
    title, button, success = words
    act = Act(
        title=title,
        button=button,
        success=success,
        lines=_about(campaign),
        note=note,
        danger=danger,
        back=campaign_url(campaign),
        form_class=ReasonForm,
        perform=lambda data: service(campaign=campaign, reason=data["reason"], actor=staff_of(request)),
    )
    return act_page(request, act)


def _about(campaign: Campaign) -> list[tuple[str | Promise, str]]:
    return [(_("Campaign"), campaign.name), (_("Period"), period_of(campaign))]
