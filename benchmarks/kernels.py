#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Our CPU kernels and ops beside PyTorch's, in one process, on the same numbers.

    kernels.py [--library FILE] [--threads 1,2] [--only PATTERN] [--rounds N] [--json FILE]

Every case first compares the values, then runs both sides in turn for a number of rounds; the medians count,
because the speed of a shared machine wanders but the ratio of two interleaved runs hardly does. Each number of
threads runs in a process of its own. ratio = PyTorch's time / ours: above 1, ours is faster.

Products and convolutions are called as kernels, on the buffers of PyTorch's tensors. Other ops are called as a
program calls them, output and graph included: "forward" alone, or with the walk backwards ("forward+backward").

To add cases, write a generator function under @cases that yields (name, function that builds its Case); in a Case
`ours` and `peer` are calls without arguments and `check` gives pairs (our result, PyTorch's result) to compare before
the timing. An op as a program calls it is a line in ops() and one in kernels_ops.h.
"""
import argparse
import ctypes
import fnmatch
import json
import os
import pathlib
import subprocess
import sys
import time

import torch
import torch.nn.functional as F

from record import Record

GROUPS = []


def cases(generator):
    """Registers a function that yields pairs (name, function that builds the Case of that name)."""
    GROUPS.append(generator)
    return generator


class Case:
    def __init__(self, ours, peer, check, flops=0, tolerance=3e-5, how=''):
        self.ours, self.peer, self.check = ours, peer, check
        self.flops, self.tolerance, self.how = flops, tolerance, how


def address(tensor):
    return ctypes.c_void_p(tensor.data_ptr() if tensor is not None else None)


def longs(*values):
    return (ctypes.c_int64 * len(values))(*values)


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


# --- ops as a program calls them ----------------------------------------------------------------------------------

class Blob(ctypes.Structure):
    _fields_ = [('data', ctypes.c_void_p), ('whole', ctypes.c_int64), ('dims', ctypes.c_int64), ('size', ctypes.c_int64 * 4)]


def op(name, inputs, function, grads=(0,), backward=True, setting='', tolerance=1e-4):
    """Cases of the op `name` of kernels_ops.h: `inputs()` makes the operands, of which those in `grads` get a gradient."""
    def build(backward):
        tensors = inputs()
        dy = torch.randn_like(function(*tensors))
        given = [*tensors, dy] if backward else tensors
        blobs = (Blob * len(given))()
        for blob, tensor in zip(blobs, given):
            blob.data, blob.whole, blob.dims = tensor.data_ptr(), not tensor.is_floating_point(), tensor.dim()
            blob.size[:tensor.dim()] = tensor.shape
        wanting = grads if backward else ()
        handle = ctypes.c_void_p(LIB.mt_op(name.split()[0].encode(), setting.encode(), blobs, len(given), sum(1 << i for i in wanting)))
        for i in wanting:
            tensors[i].requires_grad_()

        def peer():
            if not backward:
                return [function(*tensors)]
            with torch.enable_grad():
                function(*tensors).backward(dy)
            result = [tensors[i].grad for i in grads]
            for i in grads:
                tensors[i].grad = None
            return result
        LIB.mt_op_run(handle)
        results = []
        for i, p in zip(wanting or (-1,), peer()):
            results.append((torch.full(p.shape, 7.), p))
            LIB.mt_op_result(handle, i, address(results[-1][0]))
        return Case(lambda: LIB.mt_op_run(handle), peer, results, 0, tolerance)

    yield f'{name} forward', lambda: build(False)
    if backward:
        yield f'{name} forward+backward', lambda: build(True)


@cases
def ops():
    normal = lambda *shapes: lambda: [torch.randn(*shape) for shape in shapes]

    def norm(shape, act):
        fused = {'': lambda y: y, 'relu': F.relu, 'relu6': F.relu6}[act]
        name = ' '.join(filter(None, ['batch_norm', 'x'.join(map(str, shape)), act]))
        c = shape[1]
        yield from op(name, lambda: [torch.randn(*shape), torch.rand(c) + .5, torch.randn(c), torch.zeros(c), torch.ones(c)],
                      lambda x, w, b, m, v: fused(F.batch_norm(x, m, v, w, b, True, .1, 1e-5)), (0, 1, 2), setting=act,
                      tolerance=2e-3)
    for shape in ((32, 64, 32, 32), (32, 512, 4, 4), (512, 8, 14, 14), (512, 64, 2, 2), (32, 144, 48, 48)):
        for act in ('', 'relu', 'relu6'):
            yield from norm(shape, act)
    yield from norm((64, 200), '')
    yield from op('layer_norm 2048x512', normal((2048, 512), (512,), (512,)), lambda x, w, b: F.layer_norm(x, (512,), w, b), (0, 1, 2))

    for shape in ((32, 64, 32, 32), (32, 64, 64, 64)):
        size = 'x'.join(map(str, shape))
        yield from op(f'max_pool {size} k3s2', normal(shape), lambda x: F.max_pool2d(x, 3, 2, 1), setting='3 2 1')
        yield from op(f'max_pool {size} k2s2', normal(shape), lambda x: F.max_pool2d(x, 2), setting='2 2 0')
        yield from op(f'avg_pool {size} k2s2', normal(shape), lambda x: F.avg_pool2d(x, 2), setting='2 2 0')
    yield from op('global_pool 32x512x4x4', normal((32, 512, 4, 4)), lambda x: F.adaptive_avg_pool2d(x, 1))

    for n in (10_000, 1_000_000, 10_000_000):
        yield from op(f'add {n}', normal((n,), (n,)), torch.add, (0, 1), n <= 1_000_000)
    side = (1000, 1000)
    for name, other in (('row', (1, 1000)), ('column', (1000, 1))):
        yield from op(f'add {name} 1000x1000', normal(side, other), torch.add, (0, 1), tolerance=1e-3)
    yield from op('add channel 32x64x32x32', normal((32, 64, 32, 32), (1, 64, 1, 1)), torch.add, (0, 1), tolerance=1e-3)
    yield from op('add_transposed 1000x1000', normal(side), lambda x: x + x.t(), backward=False)
    yield from op('mul 1000x1000', normal(side, side), torch.mul, (0, 1))
    yield from op('where 1000x1000', normal(side, side), lambda a, b: torch.where(a > 0, a, b), (0, 1))
    for name in ('relu', 'exp', 'tanh', 'sigmoid'):
        yield from op(f'{name} 1000x1000', normal(side), getattr(torch, name))
    yield from op('gelu 1000x1000', normal(side), F.gelu)

    for name, axis in (('all', None), ('rows', 1), ('columns', 0)):
        args = () if axis is None else (axis,)
        yield from op(f'sum {name} 1000x1000', normal(side), lambda x: x.sum(*args), setting=name, tolerance=1e-3)
        yield from op(f'max {name} 1000x1000', normal(side), lambda x: x.amax(*args), setting=name)
    yield from op('sum channels 32x64x32x32', normal((32, 64, 32, 32)), lambda x: x.sum((0, 2, 3)), setting='channels', tolerance=1e-3)
    yield from op('var rows 1000x1000', normal(side), lambda x: x.var(1), setting='rows')
    yield from op('softmax 1000x1000', normal(side), lambda x: F.softmax(x, 1))
    yield from op('log_softmax 1000x1000', normal(side), lambda x: F.log_softmax(x, 1), tolerance=1e-3)
    for shape in ((64, 10), (64, 1000), (64, 10000), (8, 32, 96, 128)):
        labels = (shape[0], *shape[2:])
        yield from op(f'cross_entropy {"x".join(map(str, shape))}',
                      lambda: [torch.randn(*shape), torch.randint(0, shape[1], labels)], F.cross_entropy)

    for rows, width, n in ((1000, 50, 64), (10000, 400, 4608)):
        yield from op(f'embedding {rows}x{width} n{n}', lambda: [torch.randn(rows, width), torch.randint(0, rows, (n,))],
                      lambda w, i: F.embedding(i, w))
    for steps, n, inputs, hidden in ((20, 64, 64, 128), (72, 64, 400, 400)):
        def lstm(x, w_ih, w_hh, b_ih, b_hh):
            zero = torch.zeros(1, x.shape[1], w_hh.shape[1])
            return torch.lstm(x, (zero, zero), [w_ih, w_hh, b_ih, b_hh], True, 1, 0., True, False, False)[0]
        shapes = ((4 * hidden, inputs), (4 * hidden, hidden), (4 * hidden,), (4 * hidden,))
        yield from op(f'lstm {steps}x{n}x{inputs} h{hidden}',
                      lambda: [torch.randn(steps, n, inputs), *(torch.randn(*s) / hidden ** .5 for s in shapes)], lstm,
                      (0, 1, 2, 3, 4), tolerance=1e-3)


@cases
def optimisers():
    """A step over resnet18's 62 tensors."""
    def case(name):
        shapes, width = [(64, 3, 7, 7), (64,), (64,), (10, 512), (10,)], 64
        for stage in range(4):
            for block in range(2):
                shapes += [(64 << stage, width, 3, 3), (64 << stage, 64 << stage, 3, 3)] + [(64 << stage,)] * 4
                if block == 0 and stage:
                    shapes += [(64 << stage, width, 1, 1)] + [(64 << stage,)] * 2
                width = 64 << stage
        params = [torch.randn(*shape).requires_grad_() for shape in shapes]
        for p in params:
            p.grad = torch.randn_like(p)
        sizes = longs(*(p.numel() for p in params))
        peer = {'sgd': lambda: torch.optim.SGD(params, 1e-3), 'sgd_momentum': lambda: torch.optim.SGD(params, 1e-3, .9),
                'adam': lambda: torch.optim.AdamW(params, 1e-3, (.9, .99), 1e-5, .01)}[name]()
        numbers = torch.cat([p.detach().flatten() for p in params])
        grads = torch.cat([p.grad.flatten() for p in params])
        handle = ctypes.c_void_p(LIB.mt_optimiser(name.encode(), sizes, len(params), address(numbers), address(grads)))
        peer.step()
        LIB.mt_optimiser_step(handle)
        LIB.mt_optimiser_weights(handle, address(numbers))
        return Case(lambda: LIB.mt_optimiser_step(handle), peer.step,
                    [(numbers, torch.cat([p.detach().flatten() for p in params]))])
    for name in ('sgd', 'sgd_momentum', 'adam'):
        yield f'{name} resnet18', lambda name=name: case(name)


# --- the measurement ---------------------------------------------------------------------------------------------

def once(function, calls):
    """Seconds per call. The pause lets the threads of the other side go to sleep; the first call wakes ours."""
    time.sleep(0.01 if torch.get_num_threads() > 1 else 0)
    function()
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls


def measure(case, rounds):
    case.ours(), case.peer()
    for ours, peer in case.check:
        error = ((ours - peer).abs().max() / peer.abs().max().clamp(min=1e-30)).item()
        if not error <= case.tolerance:
            raise SystemExit(f'values differ: relative error {error:.1e}')
    single = max(once(case.peer, 1), once(case.ours, 1), 1e-6)
    calls = max(1, min(1000, int(0.01 / single)))
    times = [(once(case.peer, calls), once(case.ours, calls)) for _ in range(rounds)]
    peers, ours = (sorted(column) for column in zip(*times))
    ratios = sorted(p / o for p, o in times)
    middle = rounds // 2
    return ours[middle], peers[middle], peers[middle] / ours[middle], ratios[0], ratios[-1]


def run(threads, pattern, rounds):
    """All chosen cases with this number of threads, in this process; one JSON row a line."""
    for group in GROUPS:
        for name, build in group():
            if not any(fnmatch.fnmatch(name, f'*{p}*') for p in pattern.split(',')):
                continue
            torch.manual_seed(1)
            try:
                case = build()
                ours, peer, ratio, low, high = measure(case, rounds)
            except SystemExit as error:
                raise SystemExit(f'{name}: {error}')
            print(json.dumps({'name': name, 'threads': threads, 'ours_s': ours, 'peer_s': peer, 'ratio': ratio,
                              'low': low, 'high': high, 'gflops': round(case.flops / ours / 1e9, 1),
                              'how': case.how}),
                  flush=True)


def child_rows(options):
    """The rows of a process per number of threads, as they come."""
    for threads in options.threads.split(','):
        environment = {**os.environ, 'OMP_NUM_THREADS': threads, 'MKL_NUM_THREADS': threads}
        child = subprocess.Popen([sys.executable, __file__, '--child', threads, '--library', options.library,
                                  '--only', options.only, '--rounds', str(options.rounds)],
                                 env=environment, stdout=subprocess.PIPE, text=True)
        for line in child.stdout:
            yield json.loads(line)
        if child.wait():
            raise SystemExit(child.returncode)


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--library', default=str(here / 'build/cpu/libkernels_abi.so'))
    parser.add_argument('--threads', default='1,2')
    parser.add_argument('--only', default='*', metavar='PATTERN', help='parts of the names to run, with * and ?; several by commas')
    parser.add_argument('--rounds', type=int, default=11)
    parser.add_argument('--json', metavar='FILE', help='keep the rows there, and a table and a picture beside it')
    parser.add_argument('--child', type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is None:
        record = Record('Kernels beside PyTorch', [name for group in GROUPS for name, _ in group()], options.json)
        try:
            for row in child_rows(options):
                record.add(row)
        finally:
            record.save()
        return
    global LIB
    torch.set_num_threads(options.child)
    torch.set_grad_enabled(False)
    LIB = ctypes.CDLL(options.library)
    LIB.mt_conv2d_strategy.restype = ctypes.c_char_p
    LIB.mt_op.restype = LIB.mt_optimiser.restype = ctypes.c_void_p
    LIB.mt_set_threads(options.child)
    run(options.child, options.only, options.rounds)


if __name__ == '__main__':
    main()
