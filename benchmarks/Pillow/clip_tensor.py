"""The yardstick of `-- images`: Pillow and numpy make a CLIP tensor of the same file, on one thread. Prints least and median milliseconds.

    python3 benchmarks/Pillow/clip_tensor.py

Needs Pillow and numpy (Debian: python3-pil, python3-numpy).
"""
import io
import os
import time

import numpy
from PIL import Image, features
import PIL

MEAN = numpy.array([0.48145466, 0.4578275, 0.40821073], numpy.float32)
STD = numpy.array([0.26862954, 0.26130258, 0.27577711], numpy.float32)
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
with open(os.path.join(ROOT, "tests", "Fixtures", "reference", "media", "images", "photo-china-640x480.jpg"), "rb") as file:
    DATA = file.read()


def decode():
    return Image.open(io.BytesIO(DATA)).convert("RGB")


def whole():
    small = decode().resize((298, 224), Image.Resampling.BICUBIC).crop((37, 0, 261, 224))
    return ((numpy.asarray(small).astype(numpy.float32) / 255 - MEAN) / STD).transpose(2, 0, 1).copy()


def clock(function, calls=400):
    function()
    times = []
    for _ in range(calls):
        began = time.perf_counter()
        function()
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return f"least {times[0]:.2f} ms, median {times[len(times) // 2]:.2f} ms"


print(f"Pillow {PIL.__version__}, libjpeg-turbo {features.version('libjpeg_turbo')}, numpy {numpy.__version__}")
print("decode:", clock(decode))
print("decode, resize, crop, normalise:", clock(whole))
