# SPDX-License-Identifier: MIT
"""./course refuses what it cannot do before it builds anything: exit code 2, what is wrong, what to do."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

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

# A clone that cannot be written, for root either: one line, not what mkdir, flock and CMake say of it.
with tempfile.TemporaryDirectory() as name:
    clone = pathlib.Path(name)
    shutil.copy(COURSE, clone)
    for part in ('tools', 'lessons', 'tests', 'docs'):
        (clone / part).symlink_to(COURSE.parent / part)
    (clone / 'build').write_text('a file where the folder should be')
    for words in (['lesson', '3', '--quick'], ['test', 'core:'], ['runs'], ['docs']):
        done = subprocess.run([str(clone / 'course'), *words], capture_output=True, text=True, timeout=60, check=False)
        lines = [line for line in done.stderr.splitlines() if line.startswith(('error:', 'try:')) or 'build' in line]
        assert done.returncode == 3 and len(lines) == 2, (words, done)
        assert 'cannot be written: this clone is read-only' in lines[0], (words, done.stderr)
    doctor = subprocess.run([str(clone / 'course'), 'doctor'], capture_output=True, text=True, timeout=60, check=False)
    assert doctor.returncode == 3 and 'cannot be written: nothing can be built' in ' '.join(doctor.stdout.split()), doctor
print(f'{len(REFUSED)} ways to be wrong are refused')
sys.exit(0)
