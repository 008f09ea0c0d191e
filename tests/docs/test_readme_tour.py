"""Every call of the README's tour is made, in order, on the demo data; the printed answers are compared.

An answer in the README may leave fields out; ``…`` stands for any value.
"""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from members.channels.models import ChannelCode

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(r"```console\n\$ (curl .+)\n(.+)\n```")
BASE = "http://127.0.0.1:8000"


def tour(name: str) -> list[tuple[str, Any]]:
    """The calls of a README with the answers it prints."""
    text = (ROOT / name).read_text(encoding="utf-8").split("<!-- tour -->")[1].split("<!-- /tour -->")[0]
    return [(command, json.loads(answer)) for command, answer in BLOCK.findall(text)]


def perform(client: Client, command: str, known: dict[str, str]) -> Any:
    """Make the call that a ``curl`` line describes."""
    for variable, value in known.items():
        command = command.replace(f"${variable}", value)
    words = iter(shlex.split(command)[1:])
    method, url, headers, body = "GET", "", {}, ""
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            header, _, value = next(words).partition(": ")
            headers[header] = value
        elif word == "-d":
            method, body = "POST", next(words)
        elif word.startswith(BASE):
            url = word.removeprefix(BASE)
    response = client.generic(method, url, body, content_type="application/json", headers=headers)
    return json.loads(response.content)


def a_printed_code() -> str:
    """A code of a package insert, as a person would take it from the admin."""
    return ChannelCode.objects.filter(batch__channel__type="insert", batch__channel__state="active")[0].code


def differs(expected: Any, found: Any, path: str = "") -> list[str]:
    """Where ``found`` isn't what the README prints."""
    if expected == "…":
        return [] if found is not None else [f"{path}: nothing is there"]
    if isinstance(expected, dict) and isinstance(found, dict):
        missing = [f"{path}/{name}: missing" for name in expected if name not in found]
        return missing + [
            each
            for name in expected
            if name in found
            for each in differs(expected[name], found[name], f"{path}/{name}")
        ]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [each for n, item in enumerate(expected) for each in differs(item, found[n], f"{path}/{n}")]
    return [] if expected == found else [f"{path}: {found!r} instead of {expected!r}"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_every_call_of_the_tour_answers_as_printed(name: str) -> None:
    call_command("seed_demo", verbosity=0)
    known = {"CODE": a_printed_code()}
    calls = tour(name)

    faults = []
    for command, expected in calls:
        found = perform(Client(), command, known)
        faults += [f"{command}\n  {each}" for each in differs(expected, found)]
        known |= {"TOKEN": found["token"]} if "token" in found else {}
        known |= {"CAMPAIGN": found["campaigns"][0]["id"]} if "campaigns" in found else {}

    assert len(calls) == 9
    assert faults == []


def test_the_comparison_notices_a_wrong_answer() -> None:
    assert differs({"points": 6, "items": ["…"]}, {"points": 5, "items": []}) == [
        "/points: 5 instead of 6",
        "/items: [] instead of ['…']",
    ]
