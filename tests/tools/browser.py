# SPDX-License-Identifier: MIT
"""The reports of a lesson that draws and of one that trains in a real browser: they have their sections and figures, say
nothing on the console and ask for nothing from outside. (Colours, light and dark, are looked at in tests/report.) Exit
code 77: no Chromium here, or neither lesson."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

build = pathlib.Path(sys.argv[1]).resolve()
# What must stand in a report beside the facts of the run: figures, and words.
EXPECTED = {
    'lesson_03_quadratic': (3, ['The fit, from the guess to the end.']),
    'lesson_06_cnn_resnet': (30, ['Training set: what the model was given', 'After training', 'moved by',
                                  'Validation set, 421 items: rows are what was', 'Sequential (Input shape: 64 x 1 x 28 x 28)',
                                  'conv2d backward', 'files of MNIST_SAMPLE', 'commit']),
}


def check(program, figures_wanted, words, folder):
    subprocess.run([program, '--quick', '--quiet', '--data', 'bundled', '--out', folder / 'run'], check=True,
                   env=dict(os.environ, COURSE_OFFLINE='1'))
    report = folder / 'run' / 'report.html'
    page = subprocess.run(['chromium', '--headless', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr',
                           f'--user-data-dir={folder}/profile', '--dump-dom', report.as_uri()],
                          capture_output=True, text=True, timeout=120, check=True)
    sections = re.findall(r'<h2[^>]*>([^<]+)</h2>', page.stdout)
    figures = len(re.findall(r'<svg|<img', page.stdout))
    print(f'{program.name}: {figures} figures in {len(sections)} sections: {", ".join(sections)}')
    assert sections[-1] == 'This run', 'the report ends with the facts of the run'
    assert figures >= figures_wanted, figures
    missing = [text for text in words if text not in page.stdout]
    assert not missing, missing
    said = [line for line in page.stderr.split('\n') if 'CONSOLE' in line]
    assert not said, said
    outside = re.findall(r'(?:src|href)="(https?:[^"]*)"', page.stdout)
    assert not outside, outside


programs = [build / name for name in EXPECTED if (build / name).exists()]
if not shutil.which('chromium') or not programs:
    print('skipped: Chromium is not installed, or no lesson is built')
    sys.exit(77)
for program in programs:
    with tempfile.TemporaryDirectory() as name:
        check(program, *EXPECTED[program.name], pathlib.Path(name))
