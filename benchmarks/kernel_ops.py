# SPDX-License-Identifier: MIT
"""Cases of kernels.py that call an op as a program does, output and graph included, and steps of optimisers."""
import ctypes

import torch
import torch.nn.functional as F

from kernel_case import LIB, Case, address, cases, longs


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
