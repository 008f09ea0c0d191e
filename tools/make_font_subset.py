"""Make the Chinese TrueType subset that artwork is set in.

Source: Noto Sans SC Regular (SIL Open Font License 1.1), as packed in the npm package
``@expo-google-fonts/noto-sans-sc``; reportlab needs TrueType outlines, not CFF::

    npm pack @expo-google-fonts/noto-sans-sc && tar xzf expo-google-fonts-noto-sans-sc-*.tgz
    python tools/make_font_subset.py package

It keeps ASCII, Latin-1, punctuation, currency signs and all of GB 2312 (6,763 hanzi of levels 1 and 2,
and its symbols), drops layout tables and hinting, and copies the licence beside the font.
The outcome depends only on the source font and on fontTools' version.
"""

import argparse
import shutil
from pathlib import Path

from fontTools import subset

TARGET = Path(__file__).resolve().parent.parent / "platforms" / "artwork" / "fonts"
FONT = "NotoSansSC-Regular-subset.ttf"


def gb2312() -> set[int]:
    """All code points of GB 2312: rows 1-9 are symbols, rows 16-87 hanzi."""
    pairs = (bytes((row + 0xA0, cell + 0xA0)) for row in (*range(1, 10), *range(16, 88)) for cell in range(1, 95))
    return {ord(char) for pair in pairs for char in pair.decode("gb2312", "ignore")}


def wanted() -> set[int]:
    """Everything that the subset holds: U+3013 and U+25A1 stand in for characters that it does not."""
    latin = {*range(0x20, 0x7F), *range(0xA0, 0x180)}
    punctuation = {*range(0x2010, 0x2028), *range(0x2030, 0x205F), *range(0x20A0, 0x20C1), *range(0x3000, 0x3020)}
    symbols = {
        *range(0x2190, 0x2194),
        0x2103,
        0x2116,
        0x2122,
        0x25A1,
        0x3013,
        *range(0xFF01, 0xFF5F),
        *range(0xFFE0, 0xFFE7),
    }
    return latin | punctuation | symbols | gb2312()


def make(package: Path) -> Path:
    """Write the subset and its licence; return the font's path."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "STAT", "meta"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.glyph_names = False
    font = subset.load_font(str(package / "400Regular" / "NotoSansSC_400Regular.ttf"), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted())
    subsetter.subset(font)
    font.recalcTimestamp = False
    TARGET.mkdir(parents=True, exist_ok=True)
    subset.save_font(font, str(TARGET / FONT), options)
    shutil.copyfile(package / "LICENSE_FONT", TARGET / "OFL.txt")
    return TARGET / FONT


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make the font subset that artwork is set in.")
    parser.add_argument("package", type=Path, help="the unpacked npm package")
    make(parser.parse_args().package)
