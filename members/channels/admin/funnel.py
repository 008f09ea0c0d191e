"""The funnel page: how many came how far and what that cost, by channel, batch or day; charts, drill-down, CSV."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import clock
from core.admin.acts import staff_of
from core.admin.pages import Page, page_url, pages, render
from members.channels.admin.formats import NONE, count, csv_response, percent, yuan
from members.channels.rules import funnel as rules
from members.channels.rules.funnel import Sums
from members.channels.selectors import funnel as selectors
from members.channels.selectors.funnel import Line, Period
from members.channels.services import exports

DAYS = (1, 7, 30, 90)
EARLIEST = date(2000, 1, 1)  # a day before which nobody scanned anything, and from which one can count back
EXPORT = "channels.export_channelday"
COLOURS = ("--color-primary-600", "--color-primary-400", "--color-primary-800")


@dataclass(frozen=True)
class Column:
    """A column of the table: how a cell reads, and what it is sorted by and written to the CSV as."""

    key: str
    label: str | Promise
    value: Callable[[Line], int | None]
    show: Callable[[int | None], str] = count

    def cell(self, line: Line) -> str:
        """What stands in the table."""
        return self.show(self.value(line))


def _orders(line: Line) -> int | None:
    return line.sums.first_orders if knows_orders() else None


COLUMNS = (
    Column("scans", _("scans"), lambda line: line.sums.scans),
    Column("unique", _("unique"), lambda line: line.sums.unique),
    Column("scan_rate", _("scan rate"), lambda line: line.scan_rate_bps, percent),
    Column("signed_in", _("signed in"), lambda line: line.sums.signed_in),
    Column("joined", _("joined"), lambda line: line.sums.joined),
    Column("join_rate", _("joined of unique"), lambda line: rules.bps(line.sums.joined, line.sums.unique), percent),
    Column("first_actions", _("first action"), lambda line: line.sums.first_actions),
    Column("first_orders", _("first order"), _orders),
    Column("spent", _("cost with gifts"), lambda line: line.sums.spent_fen, yuan),
    Column("cac", _("cost per new member"), lambda line: line.sums.cac_fen, yuan),
)
GROUP_LABELS = {"channel": _("By channel"), "batch": _("By batch"), "day": _("By day")}
STEP_LABELS = {
    "unique": _("unique"), "signed_in": _("signed in"), "joined": _("joined"), "first_actions": _("first action"),
    "first_orders": _("first order"),
}  # fmt: skip


def knows_orders() -> bool:
    """Whether there is a slice from which first orders come."""
    return apps.is_installed("members.purchases")


class Asked(forms.Form):
    """What the address asks for; what it leaves out, or says wrongly, is the last thirty days of all channels."""

    first = forms.DateField(required=False)
    last = forms.DateField(required=False)
    by = forms.ChoiceField(choices=[(name, name) for name in GROUP_LABELS], required=False)
    channel = forms.UUIDField(required=False)
    sort = forms.ChoiceField(choices=[(column.key, column.key) for column in COLUMNS], required=False)


@dataclass(frozen=True)
class Question:
    """The period and branch, how it is grouped, and the column by which it is sorted."""

    period: Period
    by: str
    sort: str

    def url(self, **changes: Any) -> str:
        """The page's address with some of its parts changed."""
        period = self.period
        values = {"first": period.first, "last": period.last, "by": self.by, "sort": self.sort}
        values |= {"channel": period.channel_id or ""} | changes
        return "?" + urlencode({name: value for name, value in values.items() if value})


def read_question(request: HttpRequest) -> Question:
    """The question in the address; 404 for a channel that doesn't exist."""
    form = Asked(request.GET)
    form.is_valid()
    asked, today = form.cleaned_data, clock.today()
    last = max(EARLIEST, min(asked.get("last") or today, today))
    first = min(asked.get("first") or last - timedelta(days=29), last)
    first = max(first, last - timedelta(days=rules.LONGEST_DAYS - 1))
    tree = selectors.get_tree()
    channel_id = asked.get("channel")
    if channel_id is not None and channel_id not in tree.channels:
        raise Http404
    return Question(Period(first, last, tree, channel_id), asked.get("by") or "channel", asked.get("sort") or "")


def page(request: HttpRequest) -> HttpResponse:
    """The page."""
    question = read_question(request)
    lines = _lines(question)
    total = selectors.total_of(lines)
    days = lines if question.by == "day" and not question.sort else selectors.trend(question.period)
    context = {
        "title": gettext("Funnel"),
        "question": question,
        "path": _path(question),
        "groups": [(label, question.url(by=by, sort=""), by == question.by) for by, label in GROUP_LABELS.items()],
        "spans": _spans(question),
        "figures": _figures(total),
        "drop_chart": _drop_chart(total.sums),
        "drops": _drops(total.sums),
        "trend_chart": _trend_chart(days),
        "is_empty": total.sums == Sums(),
        "columns": [(column, question.url(sort=column.key), column.key == question.sort) for column in COLUMNS],
        "rows": [_row(question, line) for line in lines],
        "total": [column.cell(total) for column in COLUMNS],
        "knows_orders": knows_orders(),
        "csv": page_url("channels-funnel-csv") + question.url() if request.user.has_perm(EXPORT) else "",
    }
    return render(request, "channels/funnel.html", context)


def download(request: HttpRequest) -> HttpResponse:
    """The table as CSV, the total as its last line; noted in the audit trail."""
    if not request.user.has_perm(EXPORT):
        raise PermissionDenied
    question = read_question(request)
    lines = _lines(question)
    period = question.period
    detail = {"by": question.by, "first": f"{period.first}", "last": f"{period.last}", "rows": len(lines)}
    exports.note(actor=staff_of(request), what="funnel", detail=detail)
    head = [gettext("name"), gettext("printed pieces"), *(str(each.label) for each in CSV_COLUMNS)]
    total = selectors.total_of(lines)
    rows = [_cells(_label(question, line), line) for line in lines] + [_cells(gettext("total"), total)]
    return csv_response(f"funnel-{question.by}-{period.first}-{period.last}.csv", head, rows)


CSV_COLUMNS = (
    *(column for column in COLUMNS if column.show is count),
    Column("cost_fen", _("cost (fen)"), lambda line: line.sums.cost_fen),
    Column("gift_fen", _("gifts (fen)"), lambda line: line.sums.gift_fen),
    Column("cac_fen", _("cost per new member (fen)"), lambda line: line.sums.cac_fen),
)


def _cells(label: str, line: Line) -> list[object]:
    values = [column.value(line) for column in CSV_COLUMNS]
    return [label, line.printed, *("" if value is None else value for value in values)]


def _lines(question: Question) -> list[Line]:
    lines = selectors.GROUPS[question.by](question.period)
    column = next((each for each in COLUMNS if each.key == question.sort), None)
    if column is None:
        return lines
    return sorted(lines, key=lambda line: -1 if (value := column.value(line)) is None else value, reverse=True)


def _label(question: Question, line: Line) -> str:
    if line.label:
        return line.label
    return gettext("costs of the channel") if question.by == "batch" else gettext("the channel itself")


def _row(question: Question, line: Line) -> dict[str, Any]:
    link = ""
    if line.day:
        link = question.url(by="channel", first=line.day, last=line.day, sort="")
    elif line.channel_id and question.by == "channel":
        link = question.url(channel=line.channel_id)
    cells = [(column, column.cell(line)) for column in COLUMNS]
    return {"label": _label(question, line), "note": line.note, "link": link, "cells": cells}


def _path(question: Question) -> list[tuple[str, str]]:
    path = question.period.tree.path_to(question.period.channel_id)
    if not path:
        return []
    top = (gettext("All channels"), question.url(channel=""))
    return [top, *((each.name, question.url(channel=each.pk)) for each in path)]


def _spans(question: Question) -> list[tuple[str, str, bool]]:
    """Shortcuts: yesterday, and so many days up to today."""
    today, period = clock.today(), question.period
    yesterday = today - timedelta(days=1)
    spans: list[tuple[str, date, date]] = [(gettext("yesterday"), yesterday, yesterday)]
    spans += [(gettext("%(days)s days") % {"days": days}, today - timedelta(days=days - 1), today) for days in DAYS[1:]]
    return [
        (label, question.url(first=first, last=last), (first, last) == (period.first, period.last))
        for label, first, last in spans
    ]


def _figures(total: Line) -> list[tuple[str | Promise, str, str]]:
    """Big numbers: label, value, and what it is of the step before."""
    sums = total.sums
    of = {drop.step: percent(drop.of_previous_bps) for drop in rules.drops(sums, with_orders=knows_orders())}
    rate = gettext("%(rate)s of the step before")
    found = [(_("scans"), count(sums.scans), _scan_note(total)), (_("unique"), count(sums.unique), "")]
    for step in ("signed_in", "joined", "first_actions"):
        note = rate % {"rate": of[step]} if of[step] != NONE else ""
        found.append((STEP_LABELS[step], count(getattr(sums, step)), note))
    orders = count(sums.first_orders) if knows_orders() else NONE
    found.append((_("first order"), orders, "" if knows_orders() else gettext("no shop connected yet")))
    gifts = gettext("%(fen)s of it gifts") % {"fen": yuan(sums.gift_fen)}
    found.append((_("cost with gifts"), yuan(sums.spent_fen), gifts))
    return [*found, (_("cost per new member"), yuan(sums.cac_fen), "")]


def _scan_note(total: Line) -> str:
    if total.scan_rate_bps is None:
        return ""
    return gettext("%(rate)s of %(pieces)s printed") % {
        "rate": percent(total.scan_rate_bps), "pieces": count(total.printed)
    }  # fmt: skip


def _drops(sums: Sums) -> list[tuple[str | Promise, str, str, str]]:
    return [
        (STEP_LABELS[drop.step], count(drop.count), percent(drop.of_previous_bps), percent(drop.of_first_bps))
        for drop in rules.drops(sums, with_orders=knows_orders())
    ]


def _drop_chart(sums: Sums) -> str:
    drops = rules.drops(sums, with_orders=knows_orders())
    dataset = {
        "label": gettext("people"), "data": [drop.count for drop in drops], "backgroundColor": f"var({COLOURS[0]})",
        "displayYAxis": True, "maxBarThickness": 56, "borderRadius": 4,
    }  # fmt: skip
    return json.dumps({"labels": [str(STEP_LABELS[drop.step]) for drop in drops], "datasets": [dataset]})


def _trend_chart(days: list[Line]) -> str:
    measures = (("scans", _("scans")), ("unique", _("unique")), ("joined", _("joined")))
    datasets = [
        {
            "label": str(label), "data": [getattr(line.sums, name) for line in days],
            "borderColor": f"var({COLOURS[place]})", "backgroundColor": f"var({COLOURS[place]})",
            "displayYAxis": True, "maxTicksXLimit": 6,
        }
        for place, (name, label) in enumerate(measures)
    ]  # fmt: skip
    labels = [f"{line.day.month}/{line.day.day}" for line in days if line.day]
    return json.dumps({"labels": labels, "datasets": datasets})


pages.register(
    "channels-funnel",
    Page(
        path="channels/funnel/", view=page, permission="channels.view_channelday", menu=_("Funnel"),
        app_label="channels", icon="filter_alt", order=5,
    ),
)  # fmt: skip
pages.register(
    "channels-funnel-csv", Page(path="channels/funnel.csv", view=download, permission="channels.view_channelday")
)
