"""The landing page: big figures and thirty days of charts, from what slices registered in ``core.contract``."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.formats import date_format
from django.utils.functional import Promise

from core import clock, contract

DAYS = 30
COLOURS = ("--color-primary-600", "--color-primary-400", "--color-primary-800", "--color-primary-500")


@dataclass(frozen=True)
class Chart:
    """A card with a line or bars: what it counts, the sum over the days, and Chart.js's own data."""

    label: str | Promise
    kind: str
    total: str
    data: str
    is_empty: bool


def fill(_request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The landing page's context. Each figure and each series costs one query."""
    last = clock.today()
    first = last - timedelta(days=DAYS - 1)
    figures = sorted(contract.dashboard_figures.values(), key=lambda figure: figure.order)
    series = sorted(contract.dashboard_series.values(), key=lambda each: each.order)
    return {
        **context,
        "figures": [_figure(figure) for figure in figures],
        "charts": [_chart(each, first, last, place) for place, each in enumerate(series)],
        "first": first,
        "last": last,
        "days": DAYS,
    }


def _figure(figure: contract.Figure) -> dict[str, Any]:
    value, note = figure.read()
    return {"label": figure.label, "value": value, "note": note, "link": _address(figure)}


def _address(figure: contract.Figure) -> str:
    """Where the figure leads; nowhere if it names a page that doesn't exist: the landing page must stand."""
    try:
        return str(figure.link)
    except NoReverseMatch:
        return ""


def _chart(series: contract.Series, first: date, last: date, place: int) -> Chart:
    values = series.read(first, last)
    colour = f"var({COLOURS[place % len(COLOURS)]})"
    dataset = {
        "label": str(series.label),
        "data": values,
        "backgroundColor": colour,
        "borderColor": colour,
        "displayYAxis": True,
        "maxTicksXLimit": 6,
        "maxBarThickness": 10,
        "barPercentage": 0.7,
        "borderRadius": 3,
    }
    labels = [date_format(first + timedelta(days=day), "n/j") for day in range(DAYS)]
    data = json.dumps({"labels": labels, "datasets": [dataset]})
    return Chart(series.label, series.chart, f"{sum(values):,}", data, is_empty=not any(values))
