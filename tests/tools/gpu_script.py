# SPDX-License-Identifier: MIT
"""benchmarks/gpu.sh ends with 1 whenever something failed, crashed or was cut, and its table says what; 0 is for what is
done and right. Without a GPU here: the tools and the two programs that it builds are stand-ins."""
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ROW = r'printf "add 16x33\t1e-6\t0\t1000\t-\n"'
SANITIZER = 'while [[ $1 == --* ]]; do shift 2; done; exec "$@"'
OPS = 'echo "9 cases, 99 checks, 0 cases failed"'

RIGHT = {  # every program ends well
    'cmake': 'exit 0', 'g++': 'exit 0', 'nvcc': 'echo "release 13.0,"', 'nvidia-smi': 'echo "Some GPU, 9.0, 580"',
    'compute-sanitizer': SANITIZER, 'python3': 'exit 1', 'gpu_ops': OPS, 'gpu_bench': ROW}


def under_tool(command):
    """gpu_ops that does something else under compute-sanitizer, which alone turns the cache of memory off."""
    return f'if [[ ${{MT_CUDA_REUSE-1}} == 0 ]]; then {command}; else {OPS}; fi'


CASES = [  # what is different, exit code, what the table says
    ({}, 0, 'nothing found in 9 cases'),
    ({'python3': f'[[ $1 == -c ]] || {ROW}'}, 0, 'all of it'),
    ({'gpu_ops': 'echo "FAILED: op table: sort" >&2; exit 1'}, 1, 'FAILED (code 1): FAILED: op table: sort'),
    ({'gpu_ops': under_tool('kill -SEGV $$')}, 1, 'FAILED (code 139)'),
    ({'gpu_ops': under_tool('exit 9')}, 1, 'FAILED: '),
    ({'gpu_ops': under_tool('exit 124')}, 1, 'FAILED: it took longer than 50 s'),
    ({'gpu_ops': under_tool('echo Error: no device; exit 2')}, 1, 'FAILED (code 2): Error: no device'),
    ({'gpu_bench': f'{ROW}; echo "FAILED: matmul 64: cuBLAS differs by 2" >&2; echo "1 cases failed" >&2; exit 1'}, 1,
     'FAILED (code 1): FAILED: matmul 64: cuBLAS differs by 2'),
    ({'gpu_bench': f'{ROW}; exit 124'}, 1, 'incomplete: the time is up'),
    ({'python3': '[[ $1 == -c ]] || { echo "no such thing" >&2; exit 5; }'}, 1, 'FAILED (code 5): no such thing'),
    ({'nvidia-smi': 'exit 1'}, 3, 'there is no GPU'),
    ({'nvidia-smi': 'exit 1', 'gpu_bench': f'{ROW}; echo "FAILED: step mlp: no" >&2; exit 1'}, 1, 'FAILED: FAILED: step mlp: no'),
]

for different, code, said in CASES:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**RIGHT, **different}.items():
            program = pathlib.Path(folder, name)
            program.write_text(f'#!/bin/bash\n{text}\n', encoding='utf-8')
            program.chmod(0o755)
        out = pathlib.Path(folder, 'out.txt')
        done = subprocess.run([str(ROOT / 'benchmarks/gpu.sh'), '--build', folder, '--out', str(out)], text=True, timeout=60,
                              capture_output=True, check=False, env={**os.environ, 'PATH': f'{folder}:{os.environ["PATH"]}'})
        assert done.returncode == code, (different, code, done)
        assert said in out.read_text(encoding='utf-8'), (different, said, out.read_text(encoding='utf-8'))
print(f'{len(CASES)} outcomes have their exit codes')
sys.exit(0)
