"""Core's own tables and those of the libraries, each with our base class."""

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.admin import approvals, clockwork, security, staff, trail
from core.models import Approval, AuditEntry, Event, StaffUser

OURS: dict[type[Model], Any] = {
    StaffUser: staff.StaffUserAdmin,
    Group: staff.GroupAdmin,
    Approval: approvals.ApprovalAdmin,
    AuditEntry: trail.AuditEntryAdmin,
    Event: trail.EventAdmin,
    PeriodicTask: clockwork.PeriodicTaskAdmin,
    IntervalSchedule: clockwork.IntervalAdmin,
    CrontabSchedule: clockwork.CrontabAdmin,
    TOTPDevice: security.TotpDeviceAdmin,
    AccessAttempt: security.AccessAttemptAdmin,
    AccessLog: security.AccessLogAdmin,
    AccessFailureLog: security.AccessFailureLogAdmin,
}
NOT_SHOWN = (SolarSchedule, ClockedSchedule)  # no tick of ours uses them

for model in (*OURS, *NOT_SHOWN):
    if admin.site.is_registered(model):  # the libraries have registered theirs, without the look
        admin.site.unregister(model)
for model, admin_class in OURS.items():
    admin.site.register(model, admin_class)
