# SPDX-License-Identifier: MIT
"""Weights and pictures that the tests draw too, by formula.h: from the name and the position of each number."""
import numpy as np
import torch


def fnv(raw):
    value = 0xCBF29CE484222325
    for byte in raw:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def noise(name, shape):
    """Numbers in [-1, 1) from the name and the position."""
    n = int(np.prod(shape))
    with np.errstate(over="ignore"):
        x = np.uint32(fnv(name.encode()) & 0xFFFFFFFF) + np.arange(n, dtype=np.uint32) * np.uint32(0x9E3779B9)
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x85EBCA6B)
        x ^= x >> np.uint32(13)
        x *= np.uint32(0xC2B2AE35)
        x ^= x >> np.uint32(16)
    return torch.tensor(x.astype(np.float64) / 2**31 - 1).reshape(shape)


def fill(net, named=lambda name: name):
    """Weights that keep signals of one size: see formula.h. `named` gives a weight's name in our net."""
    with torch.no_grad():
        for name, t in net.state_dict().items():
            if t.dim() == 0: continue
            u = noise(named(name), tuple(t.shape))
            if t.dim() > 1 and name.endswith("weight"): u *= (3 * t.shape[0] / t.numel()) ** .5
            elif name.endswith(("weight", "running_var", "gamma")): u = 1 + u / 4
            else: u = u / 10
            t.copy_(u.float())
    return net.eval()
