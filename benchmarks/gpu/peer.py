#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PyTorch's times for the cases of gpu_bench: reads its lines, prints "name<TAB>seconds" for each case it knows.

    peer.py [--device cuda|cpu] [--seconds S] < lines

Convolutions are cuDNN's, by the algorithm that it finds fastest; products are cuBLAS's.
"""
import argparse
import pathlib
import re
import statistics
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from steps import torch_job  # noqa: E402

DTYPES = {'float32': torch.float32, 'tf32': torch.float32, 'float16': torch.float16, 'bfloat16': torch.bfloat16}
PASSES = {'add': lambda x: x + x, 'relu': torch.relu, 'softmax': lambda x: F.softmax(x, 1),
          'layer_norm': lambda x: F.layer_norm(x, x.shape[1:], torch.ones_like(x[0]), torch.ones_like(x[0])), 'sum': torch.sum}


def allow_tf32(on):
    torch.backends.cuda.matmul.allow_tf32 = on
    torch.backends.cudnn.allow_tf32 = on


def matmul(n, precision):
    a, b = (torch.randn(int(n), int(n), device=DEVICE).to(DTYPES[precision]) for _ in range(2))
    return lambda: a @ b


def conv(batch, inputs, size, out, kernel, stride, precision, what):
    batch, inputs, size, out, kernel, stride = map(int, (batch, inputs, size, out, kernel, stride))
    x = torch.randn(batch, inputs, size, size, device=DEVICE).to(DTYPES[precision])
    w = torch.randn(out, inputs, kernel, kernel, device=DEVICE).to(DTYPES[precision])
    if what == 'forward':
        return lambda: F.conv2d(x, w, None, stride, kernel // 2)
    x.requires_grad_()
    w.requires_grad_()
    dy = torch.ones_like(F.conv2d(x, w, None, stride, kernel // 2))
    return lambda: torch.autograd.grad(F.conv2d(x, w, None, stride, kernel // 2), (x, w), dy)


def one_pass(name, rows, columns):
    x = torch.randn(int(rows), int(columns), device=DEVICE)
    return lambda: PASSES[name](x)


def step(name):
    net, inputs, target, loss_func, make_opt = torch_job(name)
    net, inputs, target = net.to(DEVICE), [x.to(DEVICE) for x in inputs], target.to(DEVICE)
    opt = make_opt(net)

    def run():
        loss_func(net(*inputs), target).backward()
        opt.step()
        opt.zero_grad()
    return run


CASES = [(r'matmul (\d+) (\w+)', matmul), (r'conv b(\d+) (\d+)x(\d+) to (\d+) k(\d+) s(\d+) (\w+) ([\w+]+)', conv),
         (r'(add|relu|softmax|layer_norm|sum) (\d+)x(\d+)', one_pass), (r'step (.+)', step)]


def time_of(run, seconds):
    """Seconds of one run: median of five series, each long enough for the clock."""
    def series(count):
        before = time.perf_counter()
        for _ in range(count):
            run()
        if DEVICE == 'cuda':
            torch.cuda.synchronize()
        return (time.perf_counter() - before) / count
    series(4)
    count = int(min(max(seconds / 5 / max(series(2), 1e-7), 1), 1e5))
    return statistics.median(series(count) for _ in range(5))


def main():
    global DEVICE
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--device', default='cuda')
    parser.add_argument('--seconds', type=float, default=.3, help='of measuring for each case')
    args = parser.parse_args()
    DEVICE = args.device
    torch.backends.cudnn.benchmark = True
    for line in sys.stdin:
        name = line.split('\t')[0].strip()
        for pattern, make in CASES:
            found = re.fullmatch(pattern, name)
            if not found:
                continue
            allow_tf32(' tf32' in name)
            try:
                with torch.set_grad_enabled(name.startswith('step') or 'backward' in name):
                    print(f'{name}\t{time_of(make(*found.groups()), args.seconds):.4g}', flush=True)
            except RuntimeError as error:  # a type that this GPU does not have must not end the other cases
                print(f'{name}: {error}', file=sys.stderr)


if __name__ == '__main__':
    main()
