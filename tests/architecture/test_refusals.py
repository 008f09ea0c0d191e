"""Every refusal has a code of its own, is in `docs/errors.md` and speaks Chinese."""

import re
from collections import Counter

import pytest
from django.utils import translation

from config.discovery import slice_names
from tools import docs

REFUSALS = docs.refusals()
SLICES = {name.rsplit(".", 1)[-1] for name in slice_names()}


def test_codes_are_unique():
    assert [code for code, times in Counter(refusal.code for refusal in REFUSALS).items() if times > 1] == []


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_a_refusal_is_named_after_its_slice_and_says_what_to_do_in_chinese(refusal):
    owner, _, name = refusal.code.partition(".")
    with translation.override("en"):
        english = str(refusal.message)
    with translation.override("zh-hans"):
        chinese = str(refusal.message)

    assert owner in SLICES
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert 400 <= refusal.status < 600
    assert english.rstrip().endswith((".", "!", "?"))
    assert re.search("[一-鿿]", chinese), f"{refusal.code} is not translated"


def test_the_page_of_refusals_is_what_the_code_gives():
    assert docs.ERRORS.read_text(encoding="utf-8") == docs.errors_page(), "run `make docs`"
