#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Loads files that the library wrote by PyTorch, numpy and safetensors, and compares them with what went in.

    check_written.py [FOLDER]      FOLDER holds ours.pth, ours.safetensors, ours.npy and ours.npz;
                                   without it, the committed files, which writers_test.cpp compares byte for byte

To change what is written: MT_WRITTEN=FOLDER build/cpu/test_io, check FOLDER by this program, then commit its files.
"""
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "golden"
matrix = torch.arange(12.0).reshape(3, 4)
expected = {
    "layer.weight": matrix,
    "flags": torch.tensor([True, False, True]),
    "turned": matrix.t(),
    "tied.a": torch.tensor([0.5, -2.0]),
    "tied.b": torch.tensor([0.5, -2.0]),
    "nothing": torch.zeros(0, 3),
    "scalar": torch.tensor(7),
    "half": torch.tensor([1.0, -0.5], dtype=torch.float16),
    "brain": torch.tensor([1.0, -0.5], dtype=torch.bfloat16),
    "pixels": torch.tensor([1, 255], dtype=torch.uint8),
    "größe": torch.tensor([2**40, -1]),
}


def check(got, name):
    want = expected[name]
    assert got.dtype == want.dtype and got.shape == want.shape and torch.equal(got, want), (name, got)


for weights_only in (True, False):
    loaded = torch.load(folder / "ours.pth", weights_only=weights_only)
    assert list(loaded) == list(expected)
    for name in expected:
        check(loaded[name], name)
    assert loaded["tied.a"].data_ptr() == loaded["tied.b"].data_ptr()
torch.load(folder / "ours.pth", mmap=True, weights_only=True)
assert zipfile.ZipFile(folder / "ours.pth").testzip() is None

with safe_open(folder / "ours.safetensors", "pt") as file:
    assert file.metadata() == {"format": "pt", "epochs": '3 "full" ones'}
    assert set(file.keys()) == set(expected)
    for name in expected:
        check(file.get_tensor(name), name)

check(torch.from_numpy(np.load(folder / "ours.npy")), "turned")
arrays = np.load(folder / "ours.npz")
assert list(arrays) == [name for name in expected if name != "brain"]
for name in arrays:
    check(torch.from_numpy(arrays[name].copy()), name)
print("PyTorch, numpy and safetensors read all that the library wrote")
