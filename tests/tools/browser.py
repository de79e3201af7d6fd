# SPDX-License-Identifier: MIT
"""The report of a lesson in a real browser: it has its sections and figures, says nothing on the console and asks for
nothing from outside. (Its colours, light and dark, are looked at in tests/report.) Exit code 77: no Chromium here."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

program = pathlib.Path(sys.argv[1]).resolve() / 'lesson_03_quadratic'
if not shutil.which('chromium') or not program.exists():
    print('skipped: Chromium is not installed, or lesson 3 is not built')
    sys.exit(77)

with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    subprocess.run([program, '--quick', '--quiet', '--data', 'bundled', '--out', folder / 'run'], check=True,
                   env=dict(os.environ, COURSE_OFFLINE='1'))
    report = folder / 'run' / 'report.html'
    page = subprocess.run(['chromium', '--headless', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr',
                           f'--user-data-dir={folder}/profile', '--dump-dom', report.as_uri()],
                          capture_output=True, text=True, timeout=120, check=True)
    sections = re.findall(r'<h2[^>]*>([^<]+)</h2>', page.stdout)
    figures = len(re.findall(r'<svg|<img', page.stdout))
    print(f'{figures} figures in {len(sections)} sections: {", ".join(sections)}')
    assert sections[-1] == 'This run', 'the report ends with the facts of the run'
    assert figures >= 3, 'guess, fit and descent are shown'
    said = [line for line in page.stderr.split('\n') if 'CONSOLE' in line]
    assert not said, said
    outside = re.findall(r'(?:src|href)="(https?:[^"]*)"', page.stdout)
    assert not outside, outside
