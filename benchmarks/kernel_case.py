# SPDX-License-Identifier: MIT
"""What the cases of kernels.py are made of."""
import ctypes

GROUPS = []  # functions that yield pairs (name, function that builds the Case of that name)


def cases(generator):
    """Registers such a function."""
    GROUPS.append(generator)
    return generator


class Case:
    def __init__(self, ours, peer, check, flops=0, tolerance=3e-5, how=''):
        self.ours, self.peer, self.check = ours, peer, check
        self.flops, self.tolerance, self.how = flops, tolerance, how


class Library:
    """kernels_abi, once it is loaded."""

    def load(self, path):
        self.abi = ctypes.CDLL(path)
        self.abi.mt_conv2d_strategy.restype = ctypes.c_char_p
        self.abi.mt_op.restype = self.abi.mt_optimiser.restype = ctypes.c_void_p

    def __getattr__(self, name):  # found once: at small sizes the way to the function would be measured too
        function = getattr(self.abi, name)
        setattr(self, name, function)
        return function


LIB = Library()


def address(tensor):
    return ctypes.c_void_p(tensor.data_ptr() if tensor is not None else None)


def longs(*values):
    return (ctypes.c_int64 * len(values))(*values)
