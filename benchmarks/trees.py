#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trees, forests and boosting on Adult beside scikit-learn's, with the same options.

    trees.py --library FILE [--rounds N] [--threads 1,2] [--json FILE]

Adult is the table that comes with the course: categories as numbers, gaps as -1. Both sides get the same numbers, learn
from the same four fifths of the rows and predict all. They take turns, each in fresh processes; printed are medians over
the rounds, and how right both are on the last fifth, which may not differ by more than a hundredth.
"""
import argparse
import ctypes
import json
import pathlib
import statistics
import tarfile
import time

from fastai_setup import install_sklearn
from process import in_own_process
from record import Record

KINDS = ['tree', 'forest', 'forest oob', 'boosting']
ADULT = pathlib.Path(__file__).parent.parent / 'datasets/bundled/adult_sample.tgz'


def adult():
    """(rows, 14) numbers, whether each earns 50k or more, and how many rows are to learn from."""
    import numpy as np
    import pandas as pd
    with tarfile.open(ADULT) as archive:
        name = next(n for n in archive.getnames() if n.endswith('adult.csv'))
        table = pd.read_csv(archive.extractfile(name), skipinitialspace=True)
    y = table.pop('salary').str.startswith('>').to_numpy(np.float64)
    for column in table:
        if not pd.api.types.is_numeric_dtype(table[column]):
            table[column] = table[column].astype('category').cat.codes
    x = table.fillna(-1).to_numpy(np.float64)
    order = np.random.RandomState(42).permutation(len(y))
    return x[order], y[order], len(y) * 4 // 5


class Ours:
    def __init__(self, library, x, y, n, threads):
        import numpy as np
        self.library, self.threads, self.found = ctypes.CDLL(library), threads, np.empty(len(y))
        self.library.trees_fit.restype = self.library.trees_predict.restype = ctypes.c_double
        columns = np.ascontiguousarray(x.T)
        self.library.trees_data(self.pointer(columns), self.pointer(y), *map(ctypes.c_int64, (len(y), x.shape[1], n)))

    @staticmethod
    def pointer(array):
        return array.ctypes.data_as(ctypes.c_void_p)

    def fit(self, kind):
        return self.library.trees_fit(kind.encode(), self.threads)

    def predict(self):
        return self.library.trees_predict(self.threads, self.pointer(self.found)), self.found


class Theirs:
    def __init__(self, _, x, y, n, threads):
        import numpy as np
        from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
        from sklearn.tree import DecisionTreeClassifier
        from threadpoolctl import threadpool_limits
        threadpool_limits(threads)
        self.x, self.y, self.n = x.astype(np.float32), y, n
        self.make = {  # options as in trees_abi.cpp; what ours has not is switched off
            'tree': lambda: DecisionTreeClassifier(min_samples_leaf=25, random_state=42),
            'forest': lambda: RandomForestClassifier(100, min_samples_leaf=5, n_jobs=threads, random_state=42),
            'forest oob': lambda: RandomForestRegressor(40, max_features=0.5, min_samples_leaf=5, oob_score=True, n_jobs=threads,
                                                        random_state=42),
            'boosting': lambda: HistGradientBoostingClassifier(max_iter=100, early_stopping=False),
        }

    def fit(self, kind):
        self.model = self.make[kind]()
        start = time.perf_counter()
        self.model.fit(self.x[:self.n], self.y[:self.n])
        return time.perf_counter() - start

    def predict(self):
        start = time.perf_counter()
        found = self.model.predict(self.x)
        return time.perf_counter() - start, found


def measure(side, library, threads):
    """For every kind: seconds to fit, seconds to predict, accuracy on the rows that were not learned from."""
    x, y, n = adult()
    runner = side(library, x, y, n, threads)
    runner.fit('tree')  # what only the first call costs
    results = {}
    for kind in KINDS:
        fit = runner.fit(kind)
        predict, found = runner.predict()
        if min(fit, predict) < 0:
            raise SystemExit(1)  # said on standard error
        results[kind] = fit, predict, float(((found[n:] > 0.5) == (y[n:] > 0.5)).mean())
    return results


def child(side, args, threads):
    return in_own_process(__file__, side, library=args.library, threads=threads)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--library', required=True, help='trees_abi of the build')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--threads', default='1,2', help='numbers of threads, with commas between')
    parser.add_argument('--json', metavar='FILE', help='keep the rows there, and a table and a picture beside it')
    parser.add_argument('--child', help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(measure(Ours if args.child == 'ours' else Theirs, args.library, int(args.threads))))
        return
    install_sklearn()
    names = [f'{kind} {what}' for kind in KINDS for what in ('fit', 'predict')]
    record = Record('Trees beside scikit-learn', names, args.json, peer='scikit-learn')
    far_off = []
    for threads in map(int, args.threads.split(',')):
        rounds = [(child('ours', args, threads), child('theirs', args, threads)) for _ in range(args.rounds)]
        for kind in KINDS:
            right = [statistics.median(side[kind][2] for side in sides) for sides in zip(*rounds)]
            for i, what in enumerate(('fit', 'predict')):
                ours, theirs = ([side[kind][i] for side in sides] for sides in zip(*rounds))
                ratios = sorted(p / o for o, p in zip(ours, theirs))
                record.add({'name': f'{kind} {what}', 'threads': threads, 'ours_s': statistics.median(ours),
                            'peer_s': statistics.median(theirs), 'ratio': statistics.median(ratios), 'low': ratios[0],
                            'high': ratios[-1], 'how': f'{right[0]:.4f} right, theirs {right[1]:.4f}'})
            if abs(right[0] - right[1]) > 0.01:
                far_off.append(kind)
    record.save()
    if far_off:
        raise SystemExit(f'not as right as scikit-learn, or righter: {", ".join(far_off)}')


if __name__ == '__main__':
    main()
