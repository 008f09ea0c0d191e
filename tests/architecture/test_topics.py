"""Every subscribed topic is published, with the fields that its subscriber reads."""

import dataclasses
import importlib
from collections.abc import Iterable, Iterator

from config.discovery import has_module, slice_names
from core.events import Event, Subscription, subscriptions

COLUMNS = frozenset({"member_id", "campaign_id", "is_test"})


def published() -> dict[str, frozenset[str]]:
    """Topic with version → fields of the payload, of every event that a slice declares."""
    for name in slice_names():
        if has_module(f"{name}.events"):
            importlib.import_module(f"{name}.events")
    waiting, found = list(Event.__subclasses__()), {}
    while waiting:
        event = waiting.pop()
        waiting += event.__subclasses__()
        if event.topic and not event.__module__.startswith("tests"):
            names = frozenset(field.name for field in dataclasses.fields(event)) - COLUMNS
            assert f"{event.topic}/{event.version}" not in found, f"{event.topic} is declared twice"
            found[f"{event.topic}/{event.version}"] = names
    return found


def broken(subscribed: Iterable[Subscription], topics: dict[str, frozenset[str]]) -> Iterator[str]:
    """One line for each subscription that nobody can satisfy."""
    for each in subscribed:
        if each.topic not in topics:
            yield f"{each.name}: nobody publishes {each.topic}"
        elif lacking := each.fields - topics[each.topic]:
            yield f"{each.name}: {each.topic} has no {', '.join(sorted(lacking))}"


def test_every_subscription_has_a_publisher_with_its_fields():
    ours = [each for each in subscriptions() if not each.name.startswith("tests")]

    assert list(broken(ours, published())) == []


def test_a_topic_is_named_after_its_slice_and_a_past_act():
    slices = {name.rsplit(".", 1)[-1] for name in slice_names()}

    for topic in published():
        owner, _, act = topic.partition("/")[0].partition(".")
        assert owner in slices, topic
        assert act.isidentifier(), topic
        assert act.islower(), topic


def test_the_check_itself_sees_a_missing_topic_and_a_missing_field():
    def handler(envelope):
        return None

    topics = {"raffles.opened/1": frozenset({"raffle_id"})}
    subscribed = [
        Subscription("raffles.closed/1", "a", handler, frozenset()),
        Subscription("raffles.opened/2", "b", handler, frozenset()),
        Subscription("raffles.opened/1", "c", handler, frozenset({"raffle_id", "colour"})),
        Subscription("raffles.opened/1", "d", handler, frozenset({"raffle_id"})),
    ]

    assert list(broken(subscribed, topics)) == [
        "a: nobody publishes raffles.closed/1",
        "b: nobody publishes raffles.opened/2",
        "c: raffles.opened/1 has no colour",
    ]


PERSONAL = ("phone", "nickname", "openid", "unionid", "birthday", "address", "name")


def test_payloads_carry_no_personal_data():
    found = [f"{topic}: {name}" for topic, names in published().items() for name in names if name in PERSONAL]

    assert found == []
