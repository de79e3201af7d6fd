# SPDX-License-Identifier: MIT
"""Cases of kernels.py that call a kernel on the buffers of PyTorch's tensors: matrix products and convolutions."""
import ctypes

import torch
import torch.nn.functional as F

from kernel_case import LIB, Case, address, cases, longs


# --- matrix products ---------------------------------------------------------------------------------------------

@cases
def gemm():
    shapes = [(64, 64, 64), (128, 128, 128), (256, 256, 256), (512, 512, 512), (1024, 1024, 1024),
              (64, 784, 30), (256, 784, 50), (64, 512, 1000), (50, 256, 784), (256, 50, 784), (512, 4608, 16),
              (64, 200, 100), (1, 1024, 1024), (1024, 1024, 1), (4, 1024, 1024), (64, 3, 5)]
    for m, k, n in shapes:
        for form in ('nn', 'nt', 'tn'):
            yield f'matmul {m}x{k}x{n} {form}', lambda m=m, k=k, n=n, form=form: matmul_case(m, k, n, form)
    for batch, m, k, n in [(64, 32, 64, 32), (8, 128, 64, 128)]:
        yield f'matmul {batch}x{m}x{k}x{n} nn', lambda b=batch, m=m, k=k, n=n: matmul_case(m, k, n, 'nn', b)


def matmul_case(m, k, n, form, batch=1):
    a, b = torch.randn(batch, m, k), torch.randn(batch, k, n)
    if form[0] == 't':
        a = a.mT.contiguous().mT
    if form[1] == 't':
        b = b.mT.contiguous().mT
    c, out = torch.full((batch, m, n), 7.), torch.empty(batch, m, n)
    arguments = [ctypes.c_int64(v) for v in (batch, m, k, n)] + [address(a)] + \
        [ctypes.c_int64(v) for v in a.stride()[1:]] + [address(b)] + \
        [ctypes.c_int64(v) for v in b.stride()[1:]] + [address(c)]
    if batch == 1:
        a2, b2, out2 = a[0], b[0], out[0]
        peer = lambda: torch.mm(a2, b2, out=out2)
    else:
        peer = lambda: torch.bmm(a, b, out=out)
    return Case(lambda: LIB.mt_matmul(*arguments), peer, [(c, out)], 2 * batch * m * k * n)


@cases
def linear():
    for m, k, n in [(64, 784, 30), (256, 784, 50), (64, 512, 1000), (64, 200, 100), (256, 50, 10), (1, 512, 1000)]:
        for relu in (False, True):
            name = f'linear {m}x{k}x{n}' + (' relu' if relu else '')
            yield name, lambda m=m, k=k, n=n, relu=relu: linear_case(m, k, n, relu)


def linear_case(m, k, n, relu):
    x, w, bias, y = torch.randn(m, k), torch.randn(n, k), torch.randn(n), torch.full((m, n), 7.)
    out = torch.empty(m, n)
    arguments = [ctypes.c_int64(v) for v in (m, k, n)] + [address(v) for v in (x, w, bias)] + \
        [ctypes.c_int(relu), address(y)]

    def peer():
        result = F.linear(x, w, bias)
        return F.relu(result) if relu else result
    return Case(lambda: LIB.mt_linear(*arguments), peer, [(y, peer())], 2 * m * k * n)


# --- convolutions -------------------------------------------------------------------------------------------------

@cases
def conv():
    """Every layer shape three times: forward, gradient of the data (dx), gradient of the weights (dw)."""
    def layer(group, n, ci, px, co, k, stride, groups=1, same=False, first=False):
        name = f'{group} {ci}->{co} {px}px k{k}s{stride} b{n}'
        for what in ('forward', 'dw') if first else ('forward', 'dx', 'dw'):
            yield f'{name} {what}', lambda: conv_case(what, n, ci, px, co, k, stride, groups, same)

    for px in (64, 128):  # resnet18
        q = px // 4
        yield from layer('resnet18 conv', 32, 3, px, 64, 7, 2, first=True)
        for i in range(4):
            yield from layer('resnet18 conv', 32, 64 << i, q >> i, 64 << i, 3, 1)
        for i in range(3):
            yield from layer('resnet18 conv', 32, 64 << i, q >> i, 128 << i, 3, 2)
        yield from layer('resnet18 conv', 32, 64, q, 128, 1, 2)
    for n in (64, 512):  # the course's MNIST network
        yield from layer('mnist conv', n, 1, 28, 8, 5, 2, first=True)
        for ci, px, co in ((8, 14, 16), (16, 7, 32), (32, 4, 64), (64, 2, 10)):
            yield from layer('mnist conv', n, ci, px, co, 3, 2)
    for ci, px, co in ((16, 14, 16), (3, 28, 16), (8, 28, 8)):
        yield from layer('small conv', 512, ci, px, co, 3, 1)
    yield from layer('efficientnet conv', 32, 3, 192, 32, 3, 2, same=True, first=True)
    for c, px, k, stride in ((32, 96, 3, 1), (96, 96, 3, 2), (144, 48, 3, 1), (144, 48, 5, 2), (240, 24, 5, 1),
                             (240, 24, 3, 2), (480, 12, 3, 1), (480, 12, 5, 1), (672, 12, 5, 1), (672, 12, 5, 2),
                             (1152, 6, 5, 1), (1152, 6, 3, 1)):  # EfficientNet-Lite0 at 192 px
        yield from layer('efficientnet depthwise', 32, c, px, c, k, stride, groups=c, same=True)
    for ci, co, px in ((32, 16, 96), (16, 96, 96), (96, 24, 48), (24, 144, 48), (240, 40, 24), (80, 480, 12),
                       (480, 112, 12), (192, 1152, 6), (1152, 192, 6), (320, 1280, 6)):
        yield from layer('efficientnet conv', 32, ci, px, co, 1, 1)
    for ci, px, co in ((64, 24, 64), (96, 48, 96), (256, 12, 256), (384, 96, 100)):  # U-Net 96x128
        yield from layer('unet conv', 8, ci, px, co, 3, 1)
    yield from layer('grouped conv', 32, 128, 14, 128, 3, 1, groups=32)
    yield from layer('single conv', 1, 64, 56, 64, 3, 1)


def conv_case(what, n, ci, px, co, k, stride, groups, same):
    before = behind = k // 2
    if same:  # TensorFlow's padding: the odd pixel goes behind
        total = max((-(-px // stride) - 1) * stride + k - px, 0)
        before, behind = total // 2, total - total // 2
    x, w = torch.randn(n, ci, px, px), torch.randn(co, ci // groups, k, k) * 0.1
    padding = before if before == behind else 0
    pad = (before, behind, before, behind)
    padded = x if before == behind else F.pad(x, pad)
    y = F.conv2d(padded, w, None, stride, padding, 1, groups)
    dy = torch.randn_like(y)
    shape = longs(n, ci, px, px, co, k, k, stride, stride, before, before, behind, behind, 1, 1, groups)

    def gradient(mask):
        dx, dw, _ = torch.ops.aten.convolution_backward(dy, padded, w, None, [stride] * 2, [padding] * 2, [1, 1],
                                                        False, [0, 0], groups, mask)
        return F.pad(dx, [-p for p in pad]) if dx is not None and before != behind else (dx, dw)[mask[1]]

    result = torch.full_like({'forward': y, 'dx': x, 'dw': w}[what], 7.)
    if what == 'forward':
        ours = lambda: LIB.mt_conv2d_forward(shape, address(x), address(w), None, address(result))
        peer = lambda: F.conv2d(x if before == behind else F.pad(x, pad), w, None, stride, padding, 1, groups)
    elif what == 'dx':
        ours = lambda: LIB.mt_conv2d_backward_data(shape, address(dy), address(w), address(result))
        peer = lambda: gradient([True, False, False])
    else:
        ours = lambda: LIB.mt_conv2d_backward_weights(shape, address(x), address(dy), address(result))
        peer = lambda: gradient([False, True, False])
    how = LIB.mt_conv2d_strategy(shape, ('forward', 'dx', 'dw').index(what)).decode()
    return Case(ours, peer, [(result, peer())], 2 * y.numel() * (ci // groups) * k * k, 2e-4, how)
