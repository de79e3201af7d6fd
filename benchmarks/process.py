# SPDX-License-Identifier: MIT
"""Runs one side of a benchmark in a process of its own, so that neither side's threads and memory disturb the other's."""
import json
import os
import subprocess
import sys


def in_own_process(script, side, env=None, **options):
    """What `script --child SIDE --name value ...` prints as JSON on its last line; its error ends the benchmark.

    env: variables beside those that are set here.
    """
    words = [word for name, value in options.items() for word in (f'--{name}', str(value))]
    out = subprocess.run([sys.executable, script, '--child', side, *words], capture_output=True, text=True,
                         env={**os.environ, **(env or {})})
    if out.returncode:
        told = ', '.join(f'{name} {value}' for name, value in options.items() if name not in ('library', 'folder'))
        raise SystemExit(f'{side} ({told}) failed:\n{out.stderr}')
    return json.loads(out.stdout.splitlines()[-1])
