# SPDX-License-Identifier: MIT
"""Keeps the rows of a benchmark: a JSON file, and beside it the same as a Markdown table and as a picture.

A row is {"name", "threads", "ours_s", "peer_s", "ratio", "low", "high", "date", "machine"}; ratio = peer / ours, so
above 1 ours is faster, and low and high are its range over the rounds. Rows measured anew replace older ones of the
same name and threads, so that a long benchmark can be run in pieces.
"""
import datetime
import importlib.metadata as metadata
import json
import pathlib
import platform

from targets import limit_of, target_of

PACKAGES = {'PyTorch': 'torch', 'scikit-learn': 'scikit-learn', 'fastai': 'fastai'}


def machine():
    """Processor and cores, as the table names them."""
    model, cores, flags = platform.machine(), 0, ''
    for line in pathlib.Path('/proc/cpuinfo').read_text().splitlines():
        key, _, value = (part.strip() for part in line.partition(':'))
        cores += key == 'processor'
        model, flags = (value, flags) if key == 'model name' else (model, value if key == 'flags' else flags)
    widest = 'AVX-512' if 'avx512f' in flags else 'AVX2' if 'avx2' in flags else 'no AVX2'
    return f'{model}, {cores} cores, {widest}'


class Record:
    """Prints rows as they come and, when a file is given, keeps them there."""

    def __init__(self, title, order, path, peer='PyTorch'):
        self.title, self.order, self.path, self.peer = title, order, path and pathlib.Path(path), peer
        self.rows = json.loads(self.path.read_text()) if self.path and self.path.exists() else []
        print(f'{"case":46} {"threads":>7} {"ours":>10} {peer:>12}  ratio  range')

    def add(self, row):
        note = ''.join(f'  {row[key]}' for key in ('gflops', 'how') if row.get(key))
        print(f'{row["name"]:46} {row["threads"]:7} {seconds(row["ours_s"]):>10} {seconds(row["peer_s"]):>12} '
              f'{row["ratio"]:6.2f}  {row["low"]:.2f}-{row["high"]:.2f}{note}', flush=True)
        key = (row['name'], row['threads'])
        self.rows = [r for r in self.rows if (r['name'], r['threads']) != key]
        self.rows.append({**row, 'date': datetime.date.today().isoformat(), 'machine': machine()})

    def save(self):
        if not self.path or not self.rows:
            return
        place = {name: i for i, name in enumerate(self.order)}
        self.rows = sorted((r for r in self.rows if r['name'] in place), key=lambda r: (place[r['name']], r['threads']))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = ',\n '.join(json.dumps(row) for row in self.rows)
        self.path.write_text(f'[{lines}]\n')
        self.path.with_suffix('.md').write_text(markdown(self.title, self.rows, self.path.stem, self.peer))
        chart(self.title, self.rows, self.peer, self.path.with_suffix('.png'))


def seconds(s):
    return f'{s:.2f} s' if s >= 1 else f'{s * 1e3:.2f} ms' if s >= 1e-3 else f'{s * 1e6:.1f} us'


def by_name(rows):
    cases = {}
    for row in rows:
        cases.setdefault(row['name'], {})[row['threads']] = row
    return cases


def markdown(title, rows, stem, peer):
    cases, threads = by_name(rows), sorted({row['threads'] for row in rows})
    dates, places = sorted({row['date'] for row in rows}), sorted({row['machine'] for row in rows})
    when = dates[0] if len(dates) == 1 else f'{dates[0]} to {dates[-1]}'
    out = [f'# {title}', '',
           f'Measured {when} on {"; ".join(places)}, beside {peer} {metadata.version(PACKAGES[peer])} as installed, by '
           f'`./course bench {stem}`. The ratio is {peer}\'s time divided by ours, so above 1 ours is faster; its range '
           'over the rounds stands in brackets.', '', f'![{title}]({stem}.png)', '']
    heads = ['case'] + [f'{what}, {n} thread{"s" * (n > 1)}' for n in threads for what in ('ours', 'ratio')] + ['target']
    out += ['| ' + ' | '.join(heads) + ' |', '|---' * len(heads) + '|']
    short = []
    for name, found in cases.items():
        cells, missed = [name], False
        for n in threads:
            row = found.get(n)
            cells += [seconds(row['ours_s']), f'{row["ratio"]:.2f} [{row["low"]:.2f}-{row["high"]:.2f}]'] if row else ['', '']
            missed = missed or (row is not None and row['ratio'] < target_of(name, n))
        goals = sorted({target_of(name, n) for n in found}, reverse=True)
        out.append('| ' + ' | '.join(cells + [' / '.join(f'{g:g}' for g in goals)]) + ' |')
        if missed:
            short.append(f'- **{name}**: {limit_of(name)}')
    if short:
        out += ['', 'What limits the cases that fall short of their target:', ''] + short
    return '\n'.join(out) + '\n'


def chart(title, rows, peer, path):
    import matplotlib
    matplotlib.use('Agg')
    import matplotlib.pyplot as plt
    from PIL import Image
    cases, threads = by_name(rows), sorted({row['threads'] for row in rows})
    height = 0.8 / len(threads)
    figure, axes = plt.subplots(figsize=(9, 1.5 + 0.16 * len(cases) * (1 + len(threads))))
    for k, n in enumerate(threads):
        bars = [(i, found[n]) for i, found in enumerate(cases.values()) if n in found]
        axes.barh([i + (k - (len(threads) - 1) / 2) * height for i, _ in bars], [r['ratio'] for _, r in bars], height,
                  xerr=[[max(0, r['ratio'] - r['low']) for _, r in bars], [max(0, r['high'] - r['ratio']) for _, r in bars]],
                  error_kw={'elinewidth': 0.7, 'ecolor': '#444444'}, color=('#4c72b0', '#dd8452', '#55a868')[k % 3],
                  label=f'{n} thread{"s" * (n > 1)}')
    axes.axvline(1, color='black', linewidth=1)
    axes.set_xscale('log', base=2)
    axes.xaxis.set_major_formatter(lambda value, _: f'{value:g}')
    axes.tick_params(top=len(cases) > 30, labeltop=len(cases) > 30)  # of a tall picture the foot is out of sight
    axes.set_yticks(range(len(cases)), list(cases), fontsize=8)
    axes.set_ylim(len(cases) - 0.4, -0.6)
    axes.set_xlabel(f"{peer}'s time / ours (right of 1: ours is faster)")
    axes.set_title(title, pad=12)
    axes.legend(loc='best')
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    plt.close(figure)
    Image.open(path).quantize(16).save(path, optimize=True)
