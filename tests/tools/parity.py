# SPDX-License-Identifier: MIT
"""./course bench parity: what its judge lets pass, and that a line has mean and deviation, time and memory of both."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / 'benchmarks'))
from parity import judge, line, printed  # noqa: E402

NAN = float('nan')
MORE, LESS = ('a', 'DATA', 'accuracy', 1, 0, 2), ('a', 'DATA', 'error rate', -1, 100, 2)
SEEDS = [.80, .82, .81]

assert judge(MORE, [.80], SEEDS, 2) == []
assert judge(LESS, [.80], [.80], 2) == [] and judge(LESS, [.81], [.80], 2) == []
for case in (MORE, LESS):
    for ours in ([NAN] * 3, [NAN, .81], [.81, NAN]):
        assert len(judge(case, ours, SEEDS, 3)) == 1, ours
    assert judge(case, [.81], SEEDS, NAN) == ['nan times as fast, 2 is wanted']
assert judge(MORE, [.70], SEEDS, 1) == ['accuracy is worse by 0.1100, 0.0200 is allowed', '1.00 times as fast, 2 is wanted']
assert judge(MORE, [.79, .81], [.81], 2) == []  # within two of our own deviations
assert 'one seed of fastai gives none' in judge(MORE, [.70, .71], [.81], 2)[0]

row = {'name': 'mnist_sample', 'figure': 'accuracy of pixels not background', 'ours': SEEDS, 'fastai': [.5], 'ours_s': 12.5,
       'peer_s': 134.25, 'ours_mb': 1234.4, 'peer_mb': 2345.6, 'ratio': 10.74}
shown = printed(row)
for part in ('0.8100 ± 0.0100 (3)', '0.5000 (one seed)', '12.50 s/134.25 s', '1234/2346', '10.7'):
    assert part in shown, (part, shown)
assert len(shown) == len(line('', '', '', '', '', '', '')) == 101, shown
assert '?/?' in printed({key: row[key] for key in row if not key.endswith('_mb')})
