# SPDX-License-Identifier: MIT
"""gdb prints tensors, shapes, lists and modules as tools/gdb/course.py has it. Exit code 77: no gdb here."""
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXPECTED = {
    'matrix': 'Tensor (2, 2) float32 [[1, 2.5], [-3, 4]]',
    'columns': 'Tensor (2, 2) float32 [[1, -3], [2.5, 4]]',
    'whole': 'Tensor (100) int64 [0, 1, 2, ..., 97, 98, 99]',
    'half': 'Tensor (2, 2) bfloat16 [[1, 2.5], [-3, 4]]',
    'weight': 'Tensor (2) float32, in the graph [1, 1]',
    'nothing': 'Tensor, undefined',
    'shape': '(2, 3, 4)',
    'list': '(#3) = {3, 1, 2}',
    'flags': '(#70) = {true, false, true, ',
    'last_flag': '(#1) = {true}',
    'no_flags': '(#0)',
    'words': '(#2) = {"a", "b"}',
    'net': 'Sequential(\n  (0): Linear(weight (2, 3), bias (2))\n  (1): ReLU()\n  (2): Conv2d(weight (4, 1, 3, 3), bias (4))\n)',
    'held': 'Sequential(\n  (0): Linear(weight (2, 3), bias (2))',
    'no_net': 'no module',
    '*net.module_._M_ptr': 'Sequential(\n  (0): Linear(weight (2, 3), bias (2))',
    'reference': 'Tensor (2, 2) float32 [[1, 2.5], [-3, 4]]',
}

build = pathlib.Path(sys.argv[1]).resolve()
if not shutil.which('gdb') or not (build / 'gdb_probe').exists():
    print('skipped: gdb is not installed, or gdb_probe is not built')
    sys.exit(77)
command = ['gdb', '-q', '-nx', '-batch', '-x', str(ROOT / 'tools/gdb/course.py'),
           '-ex', 'break stop_here', '-ex', 'run', '-ex', 'up']
for name in EXPECTED:
    command += ['-ex', f'echo \\n<{name}>', '-ex', f'print {name}']
run = subprocess.run([*command, str(build / 'gdb_probe')], capture_output=True, text=True, check=False)
if 'ptrace' in run.stderr and 'not permitted' in run.stderr:
    print('skipped: this system does not let gdb run a program')
    sys.exit(77)
faults = 0
for name, wanted in EXPECTED.items():
    got = run.stdout.split(f'\n<{name}>', 1)[-1].split('\n<', 1)[0].strip()
    got = got.split(' = ', 1)[-1]
    if not got.startswith(wanted):
        print(f'print {name}\n  expected: {wanted}\n  got:      {got}')
        faults += 1
if faults:
    print(run.stdout, run.stderr)
sys.exit(1 if faults else 0)
