#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the training loop itself costs: Learner with its callbacks, schedule and table, beside fastai's.

    loop.py --library FILE [--batches N] [--rounds N] [--json FILE]

Both sides train the same net of ten weights on the same batches, once in a bare loop (forward, loss, backward, step,
zero_grad) and once by fit_one_cycle. The difference, divided by the batches, is what the loop costs; the net costs the
same in both. Sides take turns, each in fresh processes; printed are medians over the rounds.
"""
import argparse
import ctypes
import json
import statistics
import sys
import time

from fastai_setup import install_fastai
from process import in_own_process
from record import Record


def run_ours(library, learner, batches):
    run = ctypes.CDLL(library).loop_run
    run.restype, run.argtypes = ctypes.c_double, [ctypes.c_int, ctypes.c_int, ctypes.c_int64]
    return run(learner, 1, batches)


def run_fastai(learner, batches):
    import warnings
    warnings.simplefilter('ignore')
    import torch
    from torch import nn
    torch.set_num_threads(1)
    torch.manual_seed(42)
    data = [(torch.randn(8, 4), torch.randint(0, 2, (8,))) for _ in range(batches)]
    model = nn.Linear(4, 2)
    if not learner:
        opt, loss_func, total = torch.optim.Adam(model.parameters()), nn.CrossEntropyLoss(), 0
        start = time.perf_counter()
        for x, y in data:
            loss = loss_func(model(x), y)
            loss.backward()
            opt.step()
            opt.zero_grad()
            total += loss.item()
        return (time.perf_counter() - start) / batches
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner
    from fastai.losses import CrossEntropyLossFlat
    from fastai.metrics import accuracy
    import fastai.callback.all  # noqa: F401

    class Batches(list):
        bs, n, device = 8, 8 * batches, torch.device('cpu')

    learn = Learner(DataLoaders(Batches(data), Batches(data[:1]), device=torch.device('cpu')), model,
                    loss_func=CrossEntropyLossFlat(), metrics=accuracy)
    start = time.perf_counter()
    with learn.no_bar(), learn.no_logging():
        learn.fit_one_cycle(1, 1e-3)
    return (time.perf_counter() - start) / batches


def child(side, learner, args, batches):
    return in_own_process(__file__, side, library=args.library, learner=int(learner), batches=batches)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--library', required=True, help='loop_abi of the build')
    parser.add_argument('--batches', type=int, default=2000, help='of a pass; ours takes ten times as many')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--json', metavar='FILE', help='keep the row there, and a table and a picture beside it')
    parser.add_argument('--child', help=argparse.SUPPRESS)
    parser.add_argument('--learner', type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        run = run_ours if args.child == 'ours' else None
        print(json.dumps(run(args.library, args.learner, args.batches) if run else run_fastai(args.learner, args.batches)))
        return
    install_fastai()
    names = {'loop overhead a batch': None, 'a batch under the loop': None}
    record = Record('The training loop beside fastai', list(names), args.json, peer='fastai')
    times = {key: [] for key in ('ours', 'ours bare', 'fastai', 'fastai bare')}
    for _ in range(args.rounds):
        for side, batches in (('fastai', args.batches), ('ours', 10 * args.batches)):
            for learner in (False, True):
                times[side + ('' if learner else ' bare')].append(child(side, learner, args, batches))
    overhead = {side: [whole - bare for whole, bare in zip(times[side], times[side + ' bare'])] for side in ('ours', 'fastai')}
    for name, rows in (('loop overhead a batch', overhead), ('a batch under the loop', times)):
        ratios = sorted(p / o for p, o in zip(rows['fastai'], rows['ours']))
        record.add({'name': name, 'threads': 1, 'ours_s': statistics.median(rows['ours']),
                    'peer_s': statistics.median(rows['fastai']), 'ratio': statistics.median(ratios), 'low': ratios[0],
                    'high': ratios[-1]})
    record.save()
    mine = statistics.median(overhead['ours'])
    print(f'the loop costs {mine * 1e6:.1f} us a batch; the target is below 20 us')
    sys.exit(mine > 20e-6)


if __name__ == '__main__':
    main()
