#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the expectations of the picture tests from Pillow: *_goldens.inc and the files in data/.

    python tests/image/make_goldens.py        (needs Pillow; the committed ones are from Pillow 13.0.0)

Resampling is compared by a hash of all output bytes, for pictures that both sides draw from one formula.
"""
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageOps, __version__

here = Path(__file__).parent
data = here / "data"


def noise(height, width, channels):
    """Pixels that tests/image/pictures.h draws too: the high byte of a linear congruence, smoothed a little."""
    state, out = 12345, bytearray()
    for i in range(height * width * channels):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out.append((3 * (state >> 24) + (i * 7 & 255)) // 4)
    return Image.frombytes({1: "L", 3: "RGB", 4: "RGBA"}[channels], (width, height), bytes(out))


def fnv(raw):
    value = 0xCBF29CE484222325
    for byte in raw:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def resize_rows():
    filters = {"nearest": Image.NEAREST, "box": Image.BOX, "bilinear": Image.BILINEAR,
               "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
    shapes = [((28, 28), (64, 64)), ((97, 131), (32, 32)), ((131, 97), (40, 17)), ((40, 60), (40, 20)),
              ((33, 50), (11, 50)), ((1, 1), (5, 3)), ((7, 300), (1, 1)), ((60, 90), (59, 89)),
              ((240, 320), (64, 48))]
    for name, method in filters.items():
        for channels in (1, 3, 4):
            for (h, w), (th, tw) in shapes:
                out = noise(h, w, channels).resize((tw, th), method)
                yield f"    {{Filter::{name}, {channels}, {{{h}, {w}}}, {{{th}, {tw}}}, 0x{fnv(out.tobytes()):016x}}},"


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def interlaced_png(image):
    """Pillow reads Adam7 but does not write it."""
    w, h = image.size
    rows = bytearray()
    passes = (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)
    for x0, y0, dx, dy in passes:
        for y in range(y0, h, dy):
            row = b"".join(bytes(image.getpixel((x, y))) for x in range(x0, w, dx))
            if row:
                rows += b"\0" + row
    head = struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 1)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def picture(height, width):
    """A smooth picture with an arrow-like asymmetry, so that JPEG keeps it and turning it shows."""
    image = Image.new("RGB", (width, height))
    image.putdata([(255 * x // width, 255 * y // height, 200 if x + 2 * y < width else 40)
                   for y in range(height) for x in range(width)])
    return image


def files():
    rgb, grey, rgba = noise(13, 19, 3), noise(13, 19, 1), noise(13, 19, 4)
    palette = rgb.quantize(13)
    rgb.save(data / "rgb.png")
    grey.save(data / "grey.png")
    rgba.save(data / "rgba.png")
    palette.save(data / "palette.png", bits=4)
    grey.point(lambda v: 255 * (v > 128)).convert("1").save(data / "bits.png")
    Image.merge("LA", (grey, rgba.getchannel("A"))).save(data / "grey_alpha.png")
    deep = b"".join(struct.pack("<H", v * 256 + 7) for v in grey.tobytes())
    Image.frombytes("I;16", (19, 13), deep).save(data / "deep.png")
    (data / "interlaced.png").write_bytes(interlaced_png(rgb))
    rgb.save(data / "rgb.bmp")
    rgb.save(data / "rgb.ppm")
    grey.save(data / "grey.pgm")
    palette.save(data / "palette.gif")
    smooth = picture(40, 56)
    smooth.save(data / "plain.jpg", quality=90)
    smooth.save(data / "progressive.jpg", quality=90, progressive=True)
    smooth.convert("L").save(data / "grey.jpg", quality=90)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        picture(16, 24).save(data / f"turned{orientation}.jpg", quality=95, subsampling=0, exif=exif)


def decode_rows():
    for name in ("rgb.png", "grey.png", "rgba.png", "palette.png", "bits.png", "grey_alpha.png", "interlaced.png",
                 "rgb.bmp", "rgb.ppm", "grey.pgm", "palette.gif"):
        image = Image.open(data / name)
        rgb, grey = fnv(image.convert("RGB").tobytes()), fnv(image.convert("RGB").convert("L").tobytes())
        yield f'    {{"{name}", 0x{rgb:016x}, 0x{grey:016x}}},'


def jpeg_rows():
    """JPEG decoders may differ by a few steps, so these are compared by samples: every 41st pixel."""
    for name in ["plain.jpg", "progressive.jpg", "grey.jpg"] + [f"turned{i}.jpg" for i in range(1, 9)]:
        image = ImageOps.exif_transpose(Image.open(data / name)).convert("RGB")
        samples = [v for i, p in enumerate(image.get_flattened_data()) if i % 41 == 0 for v in p]
        yield f'    {{"{name}", {{{image.height}, {image.width}}}, {{{", ".join(map(str, samples))}}}}},'


data.mkdir(exist_ok=True)
files()
head = ["// SPDX-License-Identifier: MIT", f"// Made by tests/image/make_goldens.py with Pillow {__version__}.",
        "// clang-format off"]
for name, parts in {"resize_goldens.inc": ["const ResizeGolden kResizeGoldens[] = {", *resize_rows(), "};"],
                    "decode_goldens.inc": ["const DecodeGolden kDecodeGoldens[] = {", *decode_rows(), "};",
                                           "const JpegGolden kJpegGoldens[] = {", *jpeg_rows(), "};"]}.items():
    (here / name).write_text("\n".join(head + parts) + "\n")
