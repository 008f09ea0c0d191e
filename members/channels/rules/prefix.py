"""WeChat's prefix rule: what opens the mini-program from a plain address, and what keeps it from doing so.

Facts of the platform: protocol and host must be identical; a match below the prefix needs a trailing slash; the file
that proves the domain stands in the prefix's last directory; **a longer rule that is not published shadows a shorter
published one**, so that the code opens no mini-program at all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from members.channels import errors

MOST_RULES = 100
_FILE_NAME = re.compile(r"[A-Za-z0-9_-]{4,64}\.txt")
_FILE_CONTENT = re.compile(r"[A-Za-z0-9_-]{8,128}")


class Fault(StrEnum):
    """What keeps printed codes from opening the mini-program."""

    NOT_HTTPS = "not_https"
    LOCAL = "local"
    NO_FILE = "no_file"
    NO_RULE = "no_rule"
    UNPUBLISHED = "unpublished"
    NO_SLASH = "no_slash"
    OTHER_PROTOCOL = "other_protocol"
    SHADOWED = "shadowed"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it stands in the mini-program's console."""

    prefix: str
    is_published: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to put right; ``about`` is the rule in question, if there is one."""

    fault: Fault
    about: str = ""


def ensure_file(name: str, content: str) -> None:
    """``InvalidVerification`` unless the console could have made this file: a short name, one line of letters."""
    if not _FILE_NAME.fullmatch(name) or not _FILE_CONTENT.fullmatch(content):
        raise errors.InvalidVerification


def ensure_prefix(prefix: str) -> None:
    """``InvalidPrefix`` unless it is a plain web address without a fragment."""
    parts = urlsplit(prefix)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment or any(map(str.isspace, prefix)):
        raise errors.InvalidPrefix


def findings(rules: Sequence[Rule], *, prefix: str, has_file: bool) -> list[Finding]:
    """What stands between a printed ``prefix`` (with its trailing slash) and the mini-program, worst first."""
    found = [Finding(fault) for fault in _of_address(prefix)]
    if not has_file:
        found.append(Finding(Fault.NO_FILE))
    found += _of_rule(rules, prefix)
    found += [Finding(Fault.SHADOWED, rule.prefix) for rule in shadowing(rules, prefix)]
    if len(rules) > MOST_RULES:
        found.append(Finding(Fault.TOO_MANY))
    return found


def shadowing(rules: Sequence[Rule], prefix: str) -> list[Rule]:
    """Unpublished rules that are longer than ``prefix`` and match some of the addresses below it."""
    return [rule for rule in rules if not rule.is_published and len(rule.prefix) > len(prefix)
            and rule.prefix.startswith(prefix)]  # fmt: skip


def _of_address(prefix: str) -> list[Fault]:
    parts = urlsplit(prefix)
    host = parts.hostname or ""
    is_local = "." not in host or host.replace(".", "").isdigit() or parts.port is not None
    return [Fault.NOT_HTTPS] * (parts.scheme != "https") + [Fault.LOCAL] * is_local


def _of_rule(rules: Sequence[Rule], prefix: str) -> list[Finding]:
    same = [rule for rule in rules if rule.prefix == prefix]
    if same:
        return [] if any(rule.is_published for rule in same) else [Finding(Fault.UNPUBLISHED, prefix)]
    bare, other = prefix.rstrip("/"), _other_protocol(prefix)
    found = [Finding(Fault.NO_SLASH, bare)] if any(rule.prefix == bare for rule in rules) else []
    found += [Finding(Fault.OTHER_PROTOCOL, other)] if any(rule.prefix == other for rule in rules) else []
    wider = any(rule.is_published and rule.prefix.endswith("/") and prefix.startswith(rule.prefix) for rule in rules)
    return found if wider else [*found, Finding(Fault.NO_RULE, prefix)]


def _other_protocol(prefix: str) -> str:
    scheme, rest = prefix.split("://", 1)
    return f"{'http' if scheme == 'https' else 'https'}://{rest}"
