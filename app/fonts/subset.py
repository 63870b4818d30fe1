#!/usr/bin/env python3
"""Makes the font subsets beside this file from the fonts of two npm packages.

    pip install fonttools brotli
    npm pack @fontsource/noto-sans-kr@5.3.0 d2coding@1.3.2     # and unpack both
    app/fonts/subset.py NOTO_PACKAGE_DIR D2CODING_PACKAGE_DIR

Regular text and monospace get every Hangul syllable of KS X 1001 (2,350, what everyday Korean is written with). The
semi-bold face is only for the window's own words, so it gets the syllables of the window's string table.
"""

import pathlib
import sys

from fontTools import subset
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

HERE = pathlib.Path(__file__).resolve().parent
WORDS = sorted((HERE.parent / "src" / "workbench").rglob("*.rs"))

LATIN = [chr(c) for c in range(0x20, 0x7F)] + [chr(c) for c in range(0xA0, 0x100)]
PUNCTUATION = list("–—‘’“”•…′″‹›€™−×÷≠≤≥≈∞")
SYMBOLS = list("←↑→↓↔↕⇄⇒⇔▲△▶▷▼▽◀◁◆◇○●◎◐■□✓")
BOXES = [chr(c) for c in range(0x2500, 0x2580)]
JAMO = [chr(c) for c in range(0x3131, 0x318F)]
CJK_PUNCTUATION = list("、。〈〉《》「」『』【】〔〕")


def ks_x_1001():
    """The Hangul syllables that the two-byte code of KS X 1001 has."""
    syllables = []
    for code in range(0xAC00, 0xD7A4):
        try:
            if len(chr(code).encode("euc_kr")) == 2:
                syllables.append(chr(code))
        except UnicodeEncodeError:
            pass
    assert len(syllables) == 2350, len(syllables)
    return syllables


def hangul_of_the_window():
    text = "".join(path.read_text(encoding="utf-8") for path in WORDS)
    return [c for c in set(text) if "가" <= c <= "힣"]


def put_glyph(font, character, name, pen, advance):
    """Adds a glyph, or draws one anew."""
    existing = font.getBestCmap().get(ord(character))
    if existing is None:
        existing = name
        font.setGlyphOrder([*font.getGlyphOrder(), existing])
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[ord(character)] = existing
        if "vmtx" in font:
            font["vmtx"][existing] = (1000, 0)
    font["glyf"][existing] = pen.glyph()
    font["hmtx"][existing] = (advance, 0)


def draw_ellipsis(font, advance=None):
    """Three full stops on the base line: in these fonts the ellipsis hangs in the middle, as Chinese and Japanese want it."""
    glyphs = font.getGlyphSet()
    stop = glyphs[font.getBestCmap()[ord(".")]]
    pen = TTGlyphPen(glyphs)
    step = advance / 3 if advance else stop.width
    scale = 1 if advance is None else 0.72
    for index in range(3):
        stop.draw(TransformPen(pen, (scale, 0, 0, scale, round(step * index + (step - stop.width * scale) / 2), 0)))
    put_glyph(font, "…", "ellipsis", pen, round(step * 3))


def draw_arrows(font, weight):
    """Arrows as wide as a letter: the text fonts have none, and those of the monospaced one are small."""
    for character, name, left, right in (("→", "arrowright", False, True), ("←", "arrowleft", True, False), ("↔", "arrowboth", True, True)):
        pen = TTGlyphPen(None)
        middle, half, head, begin, end = 370, weight / 2, 165, 60, 780
        shaft = (begin + (head if left else 0), end - (head if right else 0))
        outline = [(shaft[0], middle - half), (shaft[0], middle + half), (shaft[1], middle + half), (shaft[1], middle - half)]
        contours = [outline]
        if right:
            contours.append([(end - head - 20, middle - 140), (end - head - 20, middle + 140), (end, middle)])
        if left:
            contours.append([(begin + head + 20, middle + 140), (begin + head + 20, middle - 140), (begin, middle)])
        for points in contours:
            pen.moveTo(points[0])
            for point in points[1:]:
                pen.lineTo(point)
            pen.closePath()
        put_glyph(font, character, name, pen, 840)


def make(source, target, characters, family, style, arrows=None):
    font = TTFont(source)
    draw_ellipsis(font, advance=None if arrows else 500)
    if arrows:
        draw_arrows(font, arrows)
    options = subset.Options()
    options.layout_features = ["kern", "ccmp", "mark", "mkmk"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(characters))
    subsetter.subset(font)
    font.flavor = None
    # The sources are instances of a variable font, named after its thinnest weight; D2Coding's name may be reserved.
    names = font["name"]
    for record in list(names.names):
        if record.nameID in (1, 2, 3, 4, 6, 16, 17):
            names.removeNames(nameID=record.nameID)
    postscript = f"{family.replace(' ', '')}-{style.replace(' ', '')}"
    for name_id, value in ((1, family), (2, style), (3, f"{postscript} subset"), (4, f"{family} {style}"), (6, postscript)):
        names.setName(value, name_id, 3, 1, 0x409)
    font.save(HERE / target)
    print(target, (HERE / target).stat().st_size, "bytes,", len(font.getBestCmap()), "characters")


def main():
    noto, d2coding = (pathlib.Path(arg) for arg in sys.argv[1:3])
    everyday = LATIN + PUNCTUATION + SYMBOLS + JAMO + CJK_PUNCTUATION + ks_x_1001()
    make(noto / "files/noto-sans-kr-korean-400-normal.woff2", "NotoSansKR-Regular.subset.ttf", everyday, "Noto Sans KR", "Regular", arrows=62)
    window = LATIN + PUNCTUATION + SYMBOLS + hangul_of_the_window()
    make(noto / "files/noto-sans-kr-korean-600-normal.woff2", "NotoSansKR-SemiBold.subset.ttf", window, "Noto Sans KR", "SemiBold", arrows=92)
    make(d2coding / "src/d2coding.ttf", "RtclabMono-Regular.subset.ttf", everyday + BOXES, "Rtclab Mono", "Regular")


if __name__ == "__main__":
    main()
