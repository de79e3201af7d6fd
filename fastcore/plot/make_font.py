#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes font_data.cpp: the glyphs of DejaVu Sans that plots need, as an array that is compiled in.

    python fastcore/plot/make_font.py /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf     (needs fonttools)
"""
import io
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

LATIN = list(range(0x20, 0x7F)) + list(range(0xA0, 0x100))
SYMBOLS = [ord(c) for c in "–—‘’“”…•−×·√∞≈≠≤≥→←↑↓✓✗ŒœŠšŽžα βγδεηθλμπρστφωΔΣ⁰⁴⁵⁶⁷⁸⁹⁻"]

NOTICE = """// SPDX-License-Identifier: Bitstream-Vera
// Made by fastcore/plot/make_font.py from DejaVu Sans 2.37; do not edit.
//
// Copyright (c) 2003 by Bitstream, Inc. All Rights Reserved. Bitstream Vera is a trademark of Bitstream, Inc.
// DejaVu changes are in public domain. The full licence is in fastcore/plot/FONT_LICENSE.
"""

font = TTFont(sys.argv[1])
options = subset.Options(hinting=False, layout_features=[], name_IDs=[0, 1, 2, 4, 5, 6, 13], notdef_outline=True,
                         glyph_names=False, legacy_kern=False)
options.drop_tables += ["GSUB", "GPOS", "GDEF", "kern", "FFTM", "gasp", "post"]
subsetter = subset.Subsetter(options)
subsetter.populate(unicodes=set(LATIN + SYMBOLS))
subsetter.subset(font)
raw = io.BytesIO()
font.save(raw)
data = raw.getvalue()

lines, line = [], "   "
for byte in data:
    if len(line) + len(str(byte)) + 2 > 110:
        lines.append(line)
        line = "   "
    line += f" {byte},"
lines.append(line)
text = NOTICE + '#include "fastcore/plot/font.h"\n\n// clang-format off\nnamespace fastcore {\n\n'
text += f"const uint8_t kFontData[{len(data)}] = {{\n" + "\n".join(lines) + "\n};\n\n}  // namespace fastcore\n"
Path(__file__).with_name("font_data.cpp").write_text(text)
print(len(data), "bytes,", len(lines), "lines")
