# SPDX-License-Identifier: MIT
"""A lesson that is killed in a later training, and then another that is interrupted there, go on with --resume and end
with the figures of one that ran through, bit for bit. Exit code 77: the lesson is not built here."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

program = pathlib.Path(sys.argv[1]).resolve() / 'lesson_08_tabular'
if not program.exists():
    print('skipped: lesson 8 is not built')
    sys.exit(77)
ENVIRONMENT = dict(os.environ, COURSE_OFFLINE='1')
LAST = 'training_10_checkpoint.safetensors'
COMMAND = [program, '--quick', '--quiet', '--data', 'bundled', '--epochs', '2']


def figures(folder):
    return json.loads((folder / 'run.json').read_text())['metrics'], (folder / 'metrics.csv').read_text()


def stop_in_a_later_training(folder, how):
    """Ends the lesson with a signal once its last training, that of a net on Adult, has a checkpoint."""
    lesson = subprocess.Popen([*COMMAND, '--out', folder], env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
    while not (folder / 'checkpoints' / LAST).exists():
        assert lesson.poll() is None, 'the lesson ended before its last training'
        time.sleep(0.005)
    lesson.send_signal(how)
    said = lesson.communicate(timeout=120)[1]
    status = json.loads((folder / 'run.json').read_text())['status']
    if how == signal.SIGKILL:
        assert (lesson.returncode, status) == (-signal.SIGKILL, 'running'), (lesson.returncode, status)
    else:
        assert (lesson.returncode, status) == (130, 'interrupted'), (lesson.returncode, status)
        assert f'--resume {folder}' in said, said
        assert (folder / 'report.html').exists()


with tempfile.TemporaryDirectory() as name:
    whole = pathlib.Path(name) / 'whole'
    start = time.monotonic()
    subprocess.run([*COMMAND, '--out', whole], check=True, env=ENVIRONMENT)
    seconds = time.monotonic() - start
    for how in (signal.SIGKILL, signal.SIGINT):
        folder = pathlib.Path(name) / how.name
        stop_in_a_later_training(folder, how)
        subprocess.run([*COMMAND, '--resume', folder], check=True, env=ENVIRONMENT)
        assert figures(folder) == figures(whole), f'{how.name}: {figures(folder)} instead of {figures(whole)}'
        record = json.loads((folder / 'run.json').read_text())
        assert record['status'] == 'done' and record['resumed']
    print(f'{len(figures(whole)[0])} figures and metrics.csv, the same to the last bit; one run: {seconds:.0f} s')
