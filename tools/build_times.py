#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the build costs, against its budget: a laptop with 2 cores and 4 GB of memory must not suffer.

    build_times.py [FOLDER]       the slowest jobs of the last builds in FOLDER (build/current), from Ninja's log
    build_times.py --measure      builds everything in build/budget without ccache, and shows time and peak memory
                                  of each compile job; exit code 1 when one is over its budget

The budget: 1.5 GB for any compile job, 2 s for a lesson's main.cpp on an idle machine (1.5 times that is refused), and
10 minutes for the whole build on 2 cores.
"""
import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUDGET_FOLDER = ROOT / 'build/budget'
JOB_LOG = BUDGET_FOLDER / 'jobs.jsonl'
MEMORY_MB = 1500
LESSON_SECONDS = 2.0 * 1.5
BUILD_SECONDS = 600


def run_job(command):
    """Runs one compile command and writes what it took; stands in for ccache as the compiler's launcher."""
    start = time.monotonic()
    code = subprocess.call(command)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)  # of the driver and of the compiler that it started
    output = command[command.index('-o') + 1] if '-o' in command else command[-1]
    row = {'output': output, 'seconds': time.monotonic() - start, 'mb': usage.ru_maxrss / 1024}
    with open(JOB_LOG, 'a', encoding='utf-8') as log:
        log.write(json.dumps(row) + '\n')
    return code


def read_ninja_log(folder):
    """The newest entry of each output as rows like run_job's. Columns: start and end in ms, mtime, output, hash."""
    rows = {}
    for line in (folder / '.ninja_log').read_text(encoding='utf-8').splitlines():
        if not line.startswith('#'):
            start, end, _, output, _ = line.split('\t')
            rows[output] = {'output': output, 'seconds': (int(end) - int(start)) / 1000}
    return list(rows.values())


def show(rows, count):
    rows = sorted(rows, key=lambda row: -row['seconds'])
    print(f'{"seconds":>8} {"MB":>6}  job')
    for row in rows[:count]:
        memory = f'{row["mb"]:.0f}' if 'mb' in row else ''
        print(f'{row["seconds"]:8.1f} {memory:>6}  {short(row["output"])}')
    print(f'{len(rows)} jobs, {sum(row["seconds"] for row in rows):.0f} s of work')


def short(output):
    """minitorch/core/shape.cpp of CMakeFiles/minitorch.dir/minitorch/core/shape.cpp.o; kernels say for whom."""
    target, _, source = output.rpartition('.dir/')
    name = (source or output).removesuffix('.o').replace('__/', '').removeprefix(str(ROOT) + '/')
    side = {'minitorch_sim': ' (simulator)', 'minitorch_cuda': ' (nvcc)'}
    return name + (side.get(target.split('/')[-1], '') if name.endswith('.cu') else '')


def measure(jobs):
    subprocess.run(['rm', '-rf', str(BUDGET_FOLDER)], check=True)
    BUDGET_FOLDER.mkdir(parents=True)
    launcher = f'{sys.executable};{pathlib.Path(__file__).resolve()};--job'
    configure = ['cmake', '--preset', 'cpu', '-B', str(BUDGET_FOLDER), '-DCCACHE=OFF',
                 f'-DCMAKE_CXX_COMPILER_LAUNCHER={launcher}']
    subprocess.run(configure, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    start = time.monotonic()
    subprocess.run(['cmake', '--build', str(BUDGET_FOLDER), '-j', str(jobs)], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def over_budget(rows, seconds):
    """One line for each thing that costs more than it may."""
    for row in rows:
        name = short(row['output'])
        if row['mb'] > MEMORY_MB:
            yield f'{name}: {row["mb"]:.0f} MB, {MEMORY_MB} are allowed'
        if name.startswith('lessons/') and row['seconds'] > LESSON_SECONDS:
            yield f'{name}: {row["seconds"]:.1f} s, {LESSON_SECONDS:.1f} are allowed'
    if seconds > BUILD_SECONDS:
        yield f'the whole build: {seconds:.0f} s, {BUILD_SECONDS} are allowed'


def main():
    if sys.argv[1:2] == ['--job']:
        return run_job(sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('folder', nargs='?', type=pathlib.Path, default=ROOT / 'build/current')
    parser.add_argument('--measure', action='store_true', help='build everything afresh, with time and memory')
    parser.add_argument('--jobs', type=int, default=os.cpu_count(), help='compile jobs at once')
    parser.add_argument('--top', type=int, default=20, help='how many jobs to show')
    options = parser.parse_args()
    if not options.measure:
        if not (options.folder / '.ninja_log').exists():
            parser.error(f'{options.folder} holds no build by Ninja; try ./course setup')
        show(read_ninja_log(options.folder), options.top)
        return 0
    seconds = measure(options.jobs)
    rows = [json.loads(line) for line in JOB_LOG.read_text(encoding='utf-8').splitlines()]
    show(rows, options.top)
    print(f'whole build: {seconds:.0f} s with {options.jobs} jobs; '
          f'most memory: {max(row["mb"] for row in rows):.0f} MB')
    faults = list(over_budget(rows, seconds))
    for fault in faults:
        print('over budget:', fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
