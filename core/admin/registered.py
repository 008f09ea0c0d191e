"""Core's own tables and those of the libraries, each with our base class."""

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.admin import approvals, clockwork, incidents, security, staff, trail
from core.models import Approval, AuditEntry, Event, Incident, StaffUser

OURS: dict[type[Model], Any] = {
    StaffUser: staff.StaffUserAdmin,
    Group: staff.GroupAdmin,
    Approval: approvals.ApprovalAdmin,
    Incident: incidents.IncidentAdmin,
    AuditEntry: trail.AuditEntryAdmin,
    Event: trail.EventAdmin,
    PeriodicTask: clockwork.PeriodicTaskAdmin,
    AccessAttempt: security.AccessAttemptAdmin,
    AccessLog: security.AccessLogAdmin,
    AccessFailureLog: security.AccessFailureLogAdmin,
}
# The code declares when a tick comes; devices are shown once they can be enrolled.
NOT_SHOWN = (IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule, TOTPDevice)

APP_NAMES = {"axes": _("Sign-in protection"), "auth": _("Roles")}  # the libraries' own are no words of a marketer

for model in (*OURS, *NOT_SHOWN):
    if admin.site.is_registered(model):  # the libraries have registered theirs, without the look
        admin.site.unregister(model)
for model, admin_class in OURS.items():
    admin.site.register(model, admin_class)
for label, name in APP_NAMES.items():
    apps.get_app_config(label).verbose_name = name
for model in (AccessAttempt, AccessLog, AccessFailureLog):
    setattr(model, "__str__", security.sign_in_name)  # noqa: B010 - axes says "Access Log for …", in English only
