#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains fastai and ours on the same data with the same options, and compares what comes out, the time and the memory.

    parity.py --library FILE [--case NAME[,NAME]] [--seeds N] [--fastai-seeds N] [--threads N] [--json FILE]

Ours trains from `--seeds` seeds (3), fastai from `--fastai-seeds` (1), every run in a process of its own, the sides in turn.
fastai's figures from five seeds were measured once and lie in docs/benchmarks/parity_fastai.json with their date; with
--fastai-seeds 5 they are measured anew and kept there. Ours may be worse than fastai's mean by two of its deviations (of
ours, where only one seed of fastai's is there) or by one item of the validation set, and must not be slower than the target
says; otherwise the command ends with 1.
"""
import argparse
import ctypes
import datetime
import json
import os
import pathlib
import re
import statistics
import sys
import time

from fastai_setup import install_fastai, install_timm
from process import in_own_process
from record import machine, seconds

STORED = pathlib.Path(__file__).resolve().parent.parent / 'docs' / 'benchmarks' / 'parity_fastai.json'
# name, data, what the figure is, +1 where more is better, items that validate (0: the figure counts none), least ratio of times
CASES = [('bird', 'PICTURES_SAMPLE', 'error rate', -1, 58, 2),
         ('kinds', 'PICTURES_SAMPLE', 'error rate', -1, 216, 2),
         ('mnist_sample', 'MNIST_SAMPLE', 'accuracy', 1, 420, 1),
         ('pictures', 'PICTURES_SAMPLE', 'accuracy of pixels not background', 1, 0, 1),
         ('street', 'CAMVID_TINY', 'accuracy of pixels not void', 1, 0, 1),
         ('adult3', 'ADULT_SAMPLE', 'accuracy', 1, 6512, 3),
         ('adult2', 'ADULT_SAMPLE', 'accuracy', 1, 6512, 3),
         ('ml_sample', 'ML_SAMPLE', 'squared error', -1, 0, 3),
         ('ml_sample_nn', 'ML_SAMPLE', 'squared error', -1, 0, 3),
         ('human_numbers', 'HUMAN_NUMBERS', 'accuracy', 1, 0, 1)]


def run_ours(library, name, folder, seed, threads):
    case = ctypes.CDLL(library).parity_case
    case.restype = ctypes.c_double
    figure = ctypes.c_double()
    spent = case(name.encode(), folder.encode(), seed, threads, ctypes.byref(figure))
    if spent < 0:
        raise SystemExit(f'{name}: training failed')
    return figure.value, spent


def run_fastai(name, folder, seed, threads):
    import torch
    torch.set_num_threads(threads)
    import parity_fastai
    from fastai.torch_core import set_seed
    set_seed(seed)
    learn, column, fit = getattr(parity_fastai, name)(pathlib.Path(folder))
    with learn.no_bar():
        start = time.perf_counter()
        fit()
        spent = time.perf_counter() - start
    names = learn.recorder.metric_names[1:]
    return float(learn.recorder.values[-1][names.index(column)]), spent


def peak_memory():
    """In bytes, of this program alone: the system's ru_maxrss counts what the process was before it became this program."""
    return int(re.search(r'VmHWM:\s*(\d+) kB', pathlib.Path('/proc/self/status').read_text()).group(1)) * 1024


def child(args, side, name, folder, seed):
    """One training in a fresh process: figure, seconds, peak memory in bytes."""
    return in_own_process(__file__, side, library=args.library, threads=args.threads, case=name, folder=folder, seed=seed)


def data_folder(library, name):
    find = ctypes.CDLL(library).parity_data
    find.restype = ctypes.c_char_p
    folder = find(name.encode()).decode()
    if not folder:
        raise SystemExit(f'the data {name} are not there')
    return folder


def stored_figures():
    return json.loads(STORED.read_text()) if STORED.exists() else {}


def keep_figures(stored, name, runs):
    stored[name] = {'date': datetime.date.today().isoformat(), 'machine': machine(), 'figures': [run[0] for run in runs],
                    'seconds': [round(run[1], 2) for run in runs]}
    STORED.write_text(json.dumps(stored, indent=1) + '\n')


def deviation(values):
    return statistics.stdev(values) if len(values) > 1 else 0.0


def judge(case, ours, theirs, ratio):
    """What is wrong with a case, in words; nothing when all is well. A figure that is no number is wrong. One seed of
    fastai's gives no deviation: that of ours stands for it."""
    _, _, what, sign, items, least = case
    allowed = max(2 * deviation(theirs if len(theirs) > 1 else ours), 1 / items if items else 0)
    faults = []
    behind = sign * (statistics.mean(theirs) - statistics.mean(ours))
    if not behind <= allowed + 1e-9:
        one = '' if len(theirs) > 1 else ' by our own deviation: one seed of fastai gives none, --fastai-seeds 5 does'
        faults.append(f'{what} is worse by {behind:.4f}, {allowed:.4f} is allowed{one}')
    if not ratio >= least:
        faults.append(f'{ratio:.2f} times as fast, {least} is wanted')
    return faults


def measure(args, case, stored):
    name, data = case[:2]
    folder = data_folder(args.library, data)
    ours, theirs = [], []
    for seed in range(max(args.seeds, args.fastai_seeds)):
        if seed < args.fastai_seeds:
            theirs.append(child(args, 'fastai', name, folder, seed))
        if seed < args.seeds:
            ours.append(child(args, 'ours', name, folder, seed))
    if args.fastai_seeds >= 5 or name not in stored:
        keep_figures(stored, name, theirs)
    figures = stored[name]['figures'] if len(stored[name]['figures']) > len(theirs) else [run[0] for run in theirs]
    ratio = statistics.median(r[1] for r in theirs) / statistics.median(r[1] for r in ours)
    mine = [run[0] for run in ours]
    return {'name': name, 'threads': args.threads, 'ours_s': statistics.median(r[1] for r in ours),
            'peer_s': statistics.median(r[1] for r in theirs), 'ratio': ratio, 'figure': case[2],
            'ours': mine, 'fastai': figures, 'fastai_measured': stored[name]['date'],
            'ours_mb': max(r[2] for r in ours) / 1e6, 'peer_mb': max(r[2] for r in theirs) / 1e6,
            'faults': judge(case, mine, figures, ratio), 'date': datetime.date.today().isoformat(), 'machine': machine()}


def spread(values):
    mean = f'{statistics.mean(values):.4f}'
    return f'{mean} ± {deviation(values):.4f} ({len(values)})' if len(values) > 1 else f'{mean} (one seed)'


def megabytes(row, key):
    return f'{row[key]:.0f} MB' if key in row else 'not measured'


def line(case, figure, ours, fastai, times, memory, ratio):
    return f'{case:13} {figure:13} {ours:>19} {fastai:>19} {times:>17} {memory:>9} {ratio:>5}'


def printed(row):
    """A line of 101 columns: ours / fastai where a column holds both."""
    memory = '/'.join(f'{row[key]:.0f}' if key in row else '?' for key in ('ours_mb', 'peer_mb'))
    times = f'{seconds(row["ours_s"])}/{seconds(row["peer_s"])}'
    short = row['figure'].removesuffix(' of pixels not background').removesuffix(' of pixels not void')
    return line(row['name'], short, spread(row['ours']), spread(row['fastai']), times, memory, f'{row["ratio"]:.1f}')


def markdown(rows):
    out = ['# Trained beside fastai', '',
           f'Measured {rows[-1]["date"]} on {rows[-1]["machine"]}, {rows[-1]["threads"]} threads on either side, by '
           '`./course bench parity`: the same data, the same options. Figures are means and deviations of as many trainings as '
           'stand in brackets; time and memory are those of a whole training.', '',
           '| case | figure | ours | fastai | ours | fastai | times as fast | ours, memory | fastai, memory | |', '|---' * 10 + '|']
    for r in rows:
        out.append(f'| {r["name"]} | {r["figure"]} | {spread(r["ours"])} | {spread(r["fastai"])} | {seconds(r["ours_s"])} | '
                   f'{seconds(r["peer_s"])} | {r["ratio"]:.1f} | {megabytes(r, "ours_mb")} | {megabytes(r, "peer_mb")} | '
                   f'{"; ".join(r["faults"])} |')
    return '\n'.join(out) + '\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--library', required=True, help='parity_abi of the build')
    parser.add_argument('--case', help='only these, with commas: ' + ' '.join(case[0] for case in CASES))
    parser.add_argument('--seeds', type=int, default=3, help='of ours')
    parser.add_argument('--fastai-seeds', type=int, default=1)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--json', metavar='FILE', help='keep the rows there, and a table beside it')
    for hidden, kind in (('--child', str), ('--folder', str), ('--seed', int)):
        parser.add_argument(hidden, type=kind, help=argparse.SUPPRESS)
    args = parser.parse_args()
    os.environ['COURSE_OFFLINE'] = '1'  # what is bundled, wherever this runs: stored figures are compared with new ones
    if args.child:
        run = (run_ours(args.library, args.case, args.folder, args.seed, args.threads) if args.child == 'ours' else
               run_fastai(args.case, args.folder, args.seed, args.threads))
        print(json.dumps([*run, peak_memory()]))
        return
    wanted = args.case.split(',') if args.case else [case[0] for case in CASES]
    unknown = [name for name in wanted if name not in [case[0] for case in CASES]]
    if unknown:
        parser.error(f'no case {unknown[0]}; there is {" ".join(case[0] for case in CASES)}')
    install_fastai()
    install_timm()
    path = args.json and pathlib.Path(args.json)
    kept = {row['name']: row for row in (json.loads(path.read_text()) if path and path.exists() else [])}
    stored = stored_figures()
    print(line('case', 'figure', 'ours', 'fastai', 'time, both', 'MB, both', 'ratio'))
    faults = 0
    for case in CASES:
        if case[0] not in wanted:
            continue
        row = kept[case[0]] = measure(args, case, stored)
        print(printed(row), flush=True)
        for fault in row['faults']:
            print(f'  {row["name"]}: {fault}', flush=True)
        faults += len(row['faults'])
        if path:
            rows = [kept[c[0]] for c in CASES if c[0] in kept]
            path.write_text(json.dumps(rows, indent=1) + '\n')
            path.with_suffix('.md').write_text(markdown(rows))
    print(f'{faults} figures are off' if faults else 'every figure holds')
    sys.exit(1 if faults else 0)


if __name__ == '__main__':
    main()
