"""Foreign keys follow the stack that the import contracts hold for imports: down, never up, never to a neighbour."""

from collections.abc import Iterator

import pytest
from django.apps import apps

from config.discovery import STACK, slice_names

KERNEL = "engagement.campaigns"
INFRASTRUCTURE = {"django.contrib.auth", "django.contrib.contenttypes"}  # only staff point there


def relations() -> Iterator[tuple[str, str, str]]:
    """(app of the table, its field, app that the key points to) for every table of ours, history tables included."""
    ours = set(slice_names())
    for model in apps.get_models(include_auto_created=True):
        app = apps.get_app_config(model._meta.app_label).name
        if app in ours:
            for field in model._meta.get_fields():
                if field.is_relation and field.related_model and not field.auto_created:
                    target = apps.get_app_config(field.related_model._meta.app_label).name
                    yield app, f"{model._meta.label}.{field.name}", target


def wrong(app: str, target: str) -> str:
    """Why a key from ``app`` to ``target`` is wrong; empty when it is not."""
    if app == target:
        return ""
    layer, target_layer = app.split(".", maxsplit=1)[0], target.split(".", maxsplit=1)[0]
    if target_layer not in STACK:
        return "" if layer == "core" and target in INFRASTRUCTURE else "points out of the tree"
    if STACK.index(target_layer) > STACK.index(layer):
        return "points up"
    if layer == target_layer == "engagement" and target != KERNEL:
        return "points to a neighbour"
    return ""


def test_every_foreign_key_points_down():
    found = list(relations())

    assert found
    assert [f"{field} {wrong(app, target)}" for app, field, target in found if wrong(app, target)] == []


def test_slices_of_one_layer_do_not_point_at_each_other_in_a_circle():
    edges = {(app, target) for app, _field, target in relations() if app != target}
    remaining = {app for edge in edges for app in edge}

    while free := {app for app in remaining if not any(a == app and b in remaining for a, b in edges)}:
        remaining -= free

    assert remaining == set()


@pytest.mark.parametrize(
    ("app", "target", "reason"),
    [
        ("members.points", "engagement.campaigns", "points up"),
        ("engagement.checkins", "engagement.draws", "points to a neighbour"),
        ("engagement.checkins", "django.contrib.auth", "points out of the tree"),
        ("engagement.checkins", "engagement.campaigns", ""),
        ("engagement.checkins", "members.points", ""),
        ("core", "django.contrib.auth", ""),
    ],
)
def test_the_rule_itself(app, target, reason):
    assert wrong(app, target) == reason
