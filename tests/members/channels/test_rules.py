"""Codes, the tree, landings, attribution and counting, as plain functions."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.channels import errors
from members.channels.rules import codes, counting, landing, touch, tree
from members.channels.rules.counting import Known, Scanned, Seen
from members.channels.rules.tree import Phase

SYMBOLS = st.text(codes.ALPHABET, min_size=codes.RANDOM_SYMBOLS, max_size=codes.RANDOM_SYMBOLS)
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHANNEL, BATCH = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("symbols", "check"), [("00000000", "0"), ("00000001", "Y"), ("7H3KW9QA", "K"), ("ZZZZZZZZ", "8")]
)
def test_known_check_symbols(symbols, check):
    """Worked out by hand from the definition in the module."""
    assert codes.check_symbol(symbols) == check


@given(SYMBOLS, st.integers(0, codes.LENGTH - 1), st.sampled_from(codes.ALPHABET))
def test_every_single_wrong_symbol_is_found(symbols, place, wrong):
    code = codes.complete(symbols)
    changed = code[:place] + wrong + code[place + 1 :]

    if changed == code:
        assert codes.read(changed) == code
    else:
        with pytest.raises(errors.CodeMistyped):
            codes.read(changed)


def test_swapped_neighbours_are_found_but_for_one_pair():
    """As with decimal Luhn, where 09 and 90 look alike: here it is 0 and Z."""
    missed = {
        (a, b)
        for a in codes.ALPHABET
        for b in codes.ALPHABET
        if a != b and codes.check_symbol(f"000000{a}{b}") == codes.check_symbol(f"000000{b}{a}")
    }

    assert missed == {("0", "Z"), ("Z", "0")}


@given(SYMBOLS)
def test_what_people_type_is_read(symbols):
    code = codes.complete(symbols)
    typed = codes.grouped(code).lower().replace("0", "o").replace("1", "l")

    assert codes.read(f" {typed} ") == code


@pytest.mark.parametrize("text", ["", "0", "00000000", "0000000000", "0000000U0", "000000000 " * 3, "＿" * 9, "०" * 9])
def test_what_is_no_code_is_mistyped(text):
    with pytest.raises(errors.CodeMistyped):
        codes.read(text)


@pytest.mark.parametrize(
    ("kind", "parent", "fits"),
    [("platform", None, True), ("campaign", "platform", True), ("batch", "campaign", True), ("store", "platform", True),
     ("campaign", None, True), ("platform", "campaign", False), ("batch", "store", False), ("batch", "batch", False)],
)  # fmt: skip
def test_what_may_stand_below_what(kind, parent, fits):
    if fits:
        tree.ensure_below(kind, parent)
    else:
        with pytest.raises(errors.InvalidParent):
            tree.ensure_below(kind, parent)


@pytest.mark.parametrize(
    ("state", "starts", "ends", "expected"),
    [("active", None, None, Phase.OPEN), ("active", 0, 1, Phase.OPEN), ("active", 1, None, Phase.NOT_STARTED),
     ("active", None, 0, Phase.ENDED), ("draft", None, None, Phase.HIDDEN), ("paused", None, None, Phase.ENDED),
     ("closed", 1, None, Phase.ENDED)],
)  # fmt: skip
def test_the_phase_of_a_channel(state, starts, ends, expected):
    at = [None if hours is None else NOON + hours * HOUR for hours in (starts, ends)]

    assert tree.phase(state, *at, now=NOON) is expected


def test_a_window_ends_after_it_starts():
    tree.ensure_window(NOON, NOON + HOUR)

    with pytest.raises(errors.InvalidWindow):
        tree.ensure_window(NOON, NOON)


@pytest.mark.parametrize("quantity", [0, 100_001])
def test_a_batch_has_bounds(quantity):
    with pytest.raises(errors.InvalidQuantity):
        tree.ensure_quantity(quantity)


@pytest.mark.parametrize(
    ("path", "params"),
    [("https://evil.example", {}), ("//evil.example/x", {}), ("/pages/a", {}), ("pages/../a", {}), ("pages/a?b=c", {}),
     ("javascript:x", {}), ("", {}), ("a/" * 60 + "b", {}), ("pages/a", {"code": "x"}), ("pages/a", {"x": 1}),
     ("pages/a", {"A": "x"}), ("pages/a", {"x": "y" * 65}), ("pages/a", {f"x{n}": "" for n in range(9)})],
)  # fmt: skip
def test_a_landing_leads_nowhere_else(path, params):
    with pytest.raises(errors.InvalidTarget):
        landing.ensure_target(path, params)


def test_a_page_of_the_mini_program_is_a_target():
    landing.ensure_target("pages/gift/index", {"from": "insert"})


@pytest.mark.parametrize(
    ("agent", "scanner"),
    [("Mozilla/5.0 … MicroMessenger/8.0.50", "wechat"), ("… AlipayClient/10.6", "alipay"), ("Mozilla/5.0", "other")],
)
def test_which_app_looks(agent, scanner):
    assert landing.scanner_of(agent) == scanner


@pytest.mark.parametrize(("days", "expected"), [(0, "last"), (7, "last"), (7.01, "first"), (-1, "first")])
def test_the_last_touch_counts_for_seven_days(days, expected):
    assert touch.converting_touch(NOON, at=NOON + timedelta(days=days)) == expected


def test_a_promised_kit_is_kept_after_the_end_but_not_after_a_pause():
    window = (NOON, NOON + HOUR)

    assert touch.is_kit_due("active", *window, touched_at=NOON)
    assert not touch.is_kit_due("active", *window, touched_at=NOON + HOUR)
    assert not touch.is_kit_due("paused", *window, touched_at=NOON)


def scanned(number, member=None, device="", counted=0, *, excluded=False):
    return Scanned(number, CHANNEL, BATCH, date(2026, 11, 22), member, device, excluded, counted)


@pytest.mark.parametrize(
    ("scans", "verdicts"),
    [
        ([scanned(1, device="a"), scanned(2, device="a"), scanned(3, device="b")], [2, 1, 2]),
        ([scanned(1), scanned(2)], [2, 2]),
        ([scanned(1, 7, "a"), scanned(2, 7, "b"), scanned(3, device="b")], [2, 1, 1]),
        ([scanned(1, device="a"), scanned(2, 7, "a"), scanned(3, 8, "a")], [2, 1, 2]),
        ([scanned(1, 7, "a", excluded=True), scanned(2, device="a")], [0, 2]),
    ],
    ids=["a device twice", "nothing known", "a person on two devices", "two persons on a device", "staff"],
)
def test_who_is_new(scans, verdicts):
    known = Known({})

    assert [counting.judge(scan, known) for scan in scans] == verdicts


@pytest.mark.parametrize(
    ("owners", "scan", "verdict"),
    [
        ({"d:a": Seen(None, 1)}, scanned(1, 7, "a", 2), 2),
        ({"d:a": Seen(None, 1), "m:7": Seen(7, 9)}, scanned(1, 7, "a", 2), 1),
        ({"d:a": Seen(None, 1)}, scanned(2, 7, "a", 1), 1),
        ({"d:a": Seen(8, 1)}, scanned(2, 7, "a", 1), 2),
        ({"m:7": Seen(7, 1), "d:a": Seen(7, 1)}, scanned(1, 7, "a", 2), 2),
        ({"m:7": Seen(7, 1)}, scanned(1, 7, "a", 2, excluded=True), 0),
    ],
    ids=["gets its name", "was counted before", "the device's person", "somebody else's device", "again", "staff now"],
)
def test_a_scan_judged_again(owners, scan, verdict):
    known = Known({(CHANNEL, mark): seen for mark, seen in owners.items()})

    assert counting.judge(scan, known) == verdict


@given(st.lists(st.tuples(st.sampled_from([None, 7, 8]), st.sampled_from(["", "a", "b"])), max_size=12))
def test_judging_everything_again_changes_nothing(rows):
    known = Known({})
    first = [counting.judge(scanned(n, *row), known) for n, row in enumerate(rows)]

    again = [counting.judge(scanned(n, who, device, first[n]), known) for n, (who, device) in enumerate(rows)]

    assert again == first
