#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who may include whom. Prints each include that points the wrong way, and exits with 1 if there is one.

    core < tensor < autograd < ops < nn < optim < io      minitorch/
    datasets                                              files only: of minitorch it may use core
    basics < image < plot < frame < report < data < learn < tabular < vision collab text   fastcore/
    lessons, exercises, tools, tests, benchmarks          use everything, are used by nothing

The simulator, minitorch/simt, uses core; kernel files (.cu) of every layer use the simulator, and so do headers that
only kernel files include. Headers of the library stay light: what they must not include is listed here as well.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MINITORCH = ['core', 'tensor', 'autograd', 'ops', 'nn', 'optim', 'io']
FASTCORE = ['basics', 'image', 'plot', 'frame', 'report', 'data', 'learn', 'tabular', ('vision', 'collab', 'text')]
LIBRARIES = ('minitorch', 'datasets', 'fastcore')
USED_BY_NOTHING = ('lessons', 'exercises', 'tools', 'tests', 'benchmarks')

HEAVY_IN_HEADERS = {'iostream', 'regex', 'format', 'ranges', 'filesystem'}
ONLY_IN_SOURCES = re.compile(r'(CLI|nlohmann|curl|stb|google)/|(archive|archive_entry|zlib|httplib|mpi|nccl)\.h$')
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[>"]')


def place(path):
    """('minitorch', 'ops') of minitorch/ops/relu/relu.h; the second is '' for a file such as minitorch/minitorch.h."""
    parts = path.split('/')
    return parts[0], parts[1] if len(parts) > 2 else ''


def rank(order, layer):
    """The position of a layer in its order; an umbrella header stands behind them all."""
    for position, entry in enumerate(order):
        if layer == entry or (isinstance(entry, tuple) and layer in entry):
            return position
    return len(order) if layer == '' else None


def device_headers(files):
    """Headers outside the simulator that include it: they hold device code, and are for kernel files."""
    return {path.relative_to(ROOT).as_posix() for path in files
            if path.suffix == '.h' and path.parent.name != 'simt'
            and '#include "minitorch/simt/cuda.h"' in path.read_text(encoding='utf-8')}


def fault(source, target, device):
    """Why `source` may not include `target`, or None. All are paths from the root of the project."""
    if target in device and not source.endswith('.cu') and source not in device:
        return 'it holds device code, which is for kernel files (.cu)'
    (library, layer), (used, used_layer) = place(source), place(target)
    if used in USED_BY_NOTHING:
        return f'{used}/ is used by nothing'
    if library == 'minitorch':
        return fault_in_minitorch(source, layer, used, used_layer)
    if library == 'datasets':
        allowed = used == 'datasets' or (used, used_layer) == ('minitorch', 'core')
        return None if allowed else 'datasets/ knows files only: of minitorch it uses core'
    if used == 'fastcore':
        return in_order('fastcore', FASTCORE, layer, used_layer)
    return None


def fault_in_minitorch(source, layer, used, used_layer):
    if used != 'minitorch':
        return f'minitorch/ stands on its own and does not know {used}/'
    if used_layer == 'simt':
        return 'only kernel files (.cu) include the simulator' if source.endswith('.cpp') and layer != 'simt' else None
    if layer == 'simt':
        return None if used_layer == 'core' else 'the simulator uses only core'
    return in_order('minitorch', MINITORCH, layer, used_layer)


def in_order(library, order, layer, used_layer):
    here, there = rank(order, layer), rank(order, used_layer)
    if here is None or there is None:
        return f'{library}/{layer if here is None else used_layer} has no place in the order of layers'
    if there > here or (there == here and layer != used_layer):
        return f'{used_layer or "the umbrella header"} does not stand before {layer} in {library}/'
    return None


def faults_of(path, device):
    """Yields (line number, include, reason) for one file."""
    source = path.relative_to(ROOT).as_posix()
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        target = match[2]
        if target.split('/')[0] in LIBRARIES + USED_BY_NOTHING:
            reason = fault(source, target, device)
        elif match[1] == '"':
            reason = 'includes are written from the root of the project'
        elif path.suffix == '.h' and target in HEAVY_IN_HEADERS:
            reason = f'<{target}> is too heavy for a header'
        elif path.suffix == '.h' and ONLY_IN_SOURCES.search(target):
            reason = 'other libraries are included in .cpp files only'
        else:
            reason = None
        if reason:
            yield number, target, reason


def main():
    files = [path for library in LIBRARIES for path in sorted((ROOT / library).rglob('*'))
             if path.suffix in ('.h', '.cpp', '.cu')]
    device = device_headers(files)
    count = 0
    for path in files:
        for number, target, reason in faults_of(path, device):
            print(f'{path.relative_to(ROOT)}:{number}: includes {target}: {reason}', file=sys.stderr)
            count += 1
    print(f'layers: {len(files)} files, {count} includes that point the wrong way')
    return 1 if count else 0


if __name__ == '__main__':
    sys.exit(main())
