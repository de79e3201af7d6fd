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
the timing. An op as a program calls it is a line in kernel_ops.py and one in kernels_ops.h.
"""
import argparse
import fnmatch
import json
import os
import pathlib
import subprocess
import sys
import time

import torch

import kernel_products  # noqa: F401, registers its cases
import kernel_ops  # noqa: F401
from kernel_case import GROUPS, LIB
from record import Record


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
    torch.set_num_threads(options.child)
    torch.set_grad_enabled(False)
    LIB.load(options.library)
    LIB.mt_set_threads(options.child)
    run(options.child, options.only, options.rounds)


if __name__ == '__main__':
    main()
