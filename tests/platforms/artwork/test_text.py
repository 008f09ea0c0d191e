"""Labels come from outside: what is drawn is one harmless line in a font that has it."""

import pytest

from platforms.artwork.spec import CodeItem
from platforms.artwork.text import FALLBACK, clean, drawable, fit, metrics, width_em, wrap
from tools.make_font_subset import gb2312


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\x00b\x1bc\x7f", "abc"),
        ("pay \u202eNC.live\u202c now", "pay NC.live now"),
        ("\u2066x\u2069\u200e\u200f\u061c", "x"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("two\r\nlines\ttabs\u2028more", "two lines tabs more"),
        ("  春\u3000季  ", "春 季"),
        ("z\u0335\u0336\u0337a", "za"),
        ("e\u0301", "é"),
        ("\ue000\ud800", ""),
        ("👨\u200d👩", "👨👩"),
    ],
)
def test_control_and_direction_characters_are_dropped(hostile: str, shown: str) -> None:
    assert clean(hostile) == shown
    assert CodeItem("ABC", "https://q.example.cn/q/1", hostile).label == shown


def test_a_rare_character_becomes_the_fallback_glyph() -> None:
    assert drawable("张𠮷emoji👍ع") == f"张{FALLBACK}emoji{FALLBACK}{FALLBACK}"


def test_the_font_holds_gb2312_ascii_and_its_own_stand_ins() -> None:
    known = metrics().advance.keys()
    assert known >= set(range(0x20, 0x7F)) | {ord(FALLBACK), ord("…"), ord("〓"), ord("￥"), ord("¥"), ord("，")}
    missing = {chr(point) for point in gb2312() - set(known)}
    assert len(gb2312()) == 7445
    assert missing == set()


def test_a_long_line_is_cut_with_an_ellipsis_and_never_too_wide() -> None:
    assert fit("春夏秋冬", max_em=4) == "春夏秋冬"
    assert fit("春夏秋冬", max_em=3.5) == "春夏…"
    assert width_em(fit("W" * 120, max_em=5)) <= 5
    assert fit("春", max_em=0.5) == ""


def test_chinese_wraps_anywhere_and_english_between_words() -> None:
    assert wrap("春夏秋冬花鸟", max_em=4, max_lines=2) == ["春夏秋冬", "花鸟"]
    assert wrap("hello beautiful world", max_em=8, max_lines=3) == ["hello beautiful", "world"]
    assert wrap("春夏秋冬花鸟风月", max_em=3, max_lines=2) == ["春夏秋", "冬花…"]
