# SPDX-License-Identifier: MIT
"""./course refuses what it cannot do before it builds anything: exit code 2, what is wrong, what to do."""
import pathlib
import subprocess
import sys

COURSE = pathlib.Path(__file__).resolve().parent.parent.parent / 'course'

REFUSED = [
    (['lesson', '2', 'name_pictures', '--watch'], 'only the lesson itself can be watched, not its program name_pictures',
     './course lesson 2 --watch'),
    (['lesson', 'all', '--quick', '--watch'], 'one lesson at a time can be watched', './course lesson 3 --watch'),
    (['lesson', 'quadratik'], "unknown lesson 'quadratik'; did you mean 'quadratic'?", 'there is: '),
    (['test', '--label'], '--label needs one of: cpu', ''),
    (['rums'], "unknown verb 'rums'; did you mean 'runs'?", 'there is: '),
]

for words, what, advice in REFUSED:
    done = subprocess.run([str(COURSE), *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, (words, done)
    assert f'error: {what}' in done.stderr and advice in done.stderr, (words, done.stderr)
print(f'{len(REFUSED)} ways to be wrong are refused')
sys.exit(0)
