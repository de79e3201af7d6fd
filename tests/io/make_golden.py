#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/io/golden: files as PyTorch, numpy and safetensors write them, for readers_test.cpp.

Made with PyTorch 2.15, numpy 2.4 and safetensors 0.8. Run it only to add a file: the committed ones are the proof.
The tar file is put together by hand, as PyTorch before 0.1.10 did: no version that still writes it can be installed.
"""
import collections
import io
import pickle
import struct
import sys
import tarfile
import types
from pathlib import Path

import numpy as np
import torch

OUT = Path(__file__).parent / "golden"


def weights():
    """One of everything that a state dict may hold."""
    matrix = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 8
    tied = torch.tensor([1.5, -2.5])
    return collections.OrderedDict(
        plain=matrix,
        transposed=matrix.t(),
        row=matrix[1],
        column=matrix[:, 2],
        tied_a=tied,
        tied_b=tied,
        scalar=torch.tensor(3.25),
        nothing=torch.zeros(0, 3),
        parameter=torch.nn.Parameter(torch.tensor([7.0])),
        bf16=torch.tensor([1.0, -0.5], dtype=torch.bfloat16),
        f16=torch.tensor([65504.0, 2**-24], dtype=torch.float16),
        f64=torch.tensor([0.1, 1e300], dtype=torch.float64),
        i64=torch.tensor([2**62, -1]),
        i32=torch.tensor([2**31 - 1, -(2**31)], dtype=torch.int32),
        i16=torch.tensor([-300, 300], dtype=torch.int16),
        i8=torch.tensor([-128, 127], dtype=torch.int8),
        u8=torch.tensor([0, 255], dtype=torch.uint8),
        flags=torch.tensor([True, False, True]),
    )


class L:
    """Stands in for fastcore's list class, which is pickled by name."""

    def __init__(self, items):
        self.items = items


class TensorImage(torch.Tensor):
    """Stands in for a tensor subclass of fastai."""


def pretend_module(name, **members):
    module = types.ModuleType(name)
    for key, value in members.items():
        value.__module__, value.__qualname__ = name, key
        setattr(module, key, value)
    sys.modules[name] = module


def make_pth():
    torch.save(weights(), OUT / "zip.pth")
    torch.save(weights(), OUT / "stream.pth", _use_new_zipfile_serialization=False)
    torch.save({"u16": torch.tensor([1, 65535], dtype=torch.uint16),
                "f8": torch.tensor([1.5, -0.375, 448.0], dtype=torch.float8_e4m3fn),
                "f8b": torch.tensor([1.5, -0.375, 57344.0], dtype=torch.float8_e5m2)}, OUT / "untyped.pth")
    sparse = torch.tensor([[0.0, 2.0]]).to_sparse()
    torch.save({"dense": torch.ones(2), "w": sparse}, OUT / "sparse.pth")
    quantised = torch.quantize_per_tensor(torch.ones(2), 0.5, 0, torch.qint8)
    torch.save({"model": {"dense": torch.ones(2), "q": quantised}}, OUT / "quantised.pth")
    pretend_module("fastcore", )
    pretend_module("fastcore.foundation", L=L)
    pretend_module("fastai", )
    pretend_module("fastai.torch_core", TensorImage=TensorImage)
    torch.save({"model": {"0.weight": torch.ones(2, 2)},
                "opt": {"state": [{"mom": 0.95, "step": 3, "grad_avg": torch.full((2,), 0.5)}],
                        "hypers": L([{"lr": np.float64(0.01), "wd": 0.1, "flag": np.bool_(True), "n": np.int64(-7)}])},
                "image": torch.arange(3.0).as_subclass(TensorImage),
                "array": np.arange(6, dtype=">i2").reshape(2, 3, order="F"),
                "mixed": [None, True, (1, "two", 2**40, -(2**33)), torch.Size([4, 5])]}, OUT / "fastai.pth")


def make_tar():
    """Storage 1 of 6 floats, 3 a view of its second half; tensors 10 (2, 3), 11 its transpose, 12 over the view."""
    dump = lambda value: pickle.dumps(value, protocol=2)
    storage = lambda key, kind: dump((key, "cpu", kind))
    tensor = lambda key, storage_key, sizes, strides, offset: (
        dump((key, storage_key, torch.FloatTensor)) + struct.pack("<ii", len(sizes), 0)
        + struct.pack(f"<{len(sizes)}q", *sizes) + struct.pack(f"<{len(sizes)}q", *strides) + struct.pack("<q", offset))

    class WithIds(pickle.Pickler):
        def persistent_id(self, value):
            return value.id if isinstance(value, Id) else None

    class Id:
        def __init__(self, id):
            self.id = id

    stream = io.BytesIO()
    WithIds(stream, protocol=2).dump(collections.OrderedDict(a=Id(10), b=Id(11), c=Id(12), d=Id(13)))
    members = {
        "sys_info": dump({"protocol_version": 1000, "little_endian": True}),
        "pickle": stream.getvalue(),
        "storages": dump(2) + storage(1, torch.FloatStorage) + struct.pack("<q6f", 6, *range(6))
                    + storage(2, torch.LongStorage) + struct.pack("<q2q", 2, -1, 2**40) + dump([(3, 1, 3, 3)]),
        "tensors": dump(4) + tensor(10, 1, (2, 3), (3, 1), 0) + tensor(11, 1, (3, 2), (1, 3), 0)
                   + tensor(12, 3, (2,), (1,), 1) + tensor(13, 2, (2,), (1,), 0),
    }
    with tarfile.open(OUT / "tar.pth", "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    loaded = torch.load(OUT / "tar.pth", weights_only=False)
    assert loaded["b"].tolist() == [[0, 3], [1, 4], [2, 5]] and loaded["c"].tolist() == [4, 5]


def make_npy():
    np.save(OUT / "f4.npy", np.arange(6, dtype="<f4").reshape(2, 3) / 4)
    np.save(OUT / "fortran_f8.npy", np.asfortranarray(np.arange(6, dtype="<f8").reshape(2, 3)))
    np.save(OUT / "big_i4.npy", np.array([1, -2, 2**30], dtype=">i4"))
    np.save(OUT / "scalar_u8.npy", np.array(200, dtype="u1"))
    np.save(OUT / "empty.npy", np.zeros((0, 3), dtype="f2"))
    np.savez(OUT / "stored.npz", x=np.arange(3), flags=np.array([True, False]))
    np.savez_compressed(OUT / "deflated.npz", x=np.zeros((10, 10), dtype="f4"), y=np.arange(3, dtype="u4"))
    with open(OUT / "version3.npy", "wb") as file:
        np.lib.format.write_array(file, np.arange(2.0), version=(3, 0))


def make_safetensors():
    from safetensors.torch import save_file

    tensors = {name: value.detach().clone().contiguous() for name, value in weights().items()}
    save_file(tensors, OUT / "all.safetensors", metadata={"format": "pt", "note": "é"})


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    make_pth()
    make_tar()
    make_npy()
    make_safetensors()
