# SPDX-License-Identifier: MIT
"""./course models: a line for each model, and the same numbers as a table, as plots and as a page. Two small nets and small
pictures, measured as briefly as can be. Exit code 77: not built here."""
import csv
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(sys.argv[1]).resolve() / 'tool_image_models'
if not PROGRAM.exists():
    print('skipped: tool_image_models is not built')
    sys.exit(77)


def run(*words):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True)


with tempfile.TemporaryDirectory() as folder:
    out = pathlib.Path(folder) / 'models'
    done = run('--models', '*resnet18', '--size', '64', '--bs', '2', '--seconds', '0', '--out', str(out))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ['model', 'resnet18', 'xresnet18'], lines
    assert lines[1].split()[1:3] == ['69.8', '11.69'], lines[1]  # published accuracy, million weights
    assert lines[2].split()[1] == '-', lines[2]  # nobody published one
    assert lines[3] == f'{out}/image_models.html', lines[3]

    rows = list(csv.DictReader((out / 'image_models.csv').open()))
    assert [row['model'] for row in rows] == ['resnet18', 'xresnet18'], rows
    for row in rows:
        assert float(row['predicts_per_second']) > 0 and float(row['trains_per_second']) > 0, row
        assert float(row['train_bytes']) > float(row['predict_bytes']) > 4 * float(row['parameters']), row
    assert (out / 'image_models.png').read_bytes()[:8] == b'\x89PNG\r\n\x1a\n'
    page = (out / 'image_models.html').read_text()
    for text in ('Which image models are best?', '<svg', 'Speed of training', 'Speed of prediction', 'Memory of training',
                 'Operations', 'million multiply-adds', 'Parameters', 'million parameters', 'xresnet18'):
        assert text in page, f'the page has no {text}'

    none = run('--models', 'resnut*', '--out', str(out))
    assert none.returncode == 2, none.returncode
    assert "no model matches 'resnut*'" in none.stderr, none.stderr
    assert run('--size', '8').returncode == 2
    for seconds in ('nan', 'inf', '61'):
        refused = run('--seconds', seconds, '--out', str(out))
        assert refused.returncode == 2 and refused.stdout == '', (seconds, refused)
        assert f'--seconds: Value {seconds} ' in refused.stderr, refused.stderr

    # A folder that cannot be written to is told before anything is measured: no line has been printed.
    there = pathlib.Path(folder) / 'a_file'
    there.touch()
    for bad, advice in ((there, f'{there} is a file: take another folder'), ('/proc/models', 'nothing can be made in /proc'),
                        ('/proc', 'check that the folder exists, may be written to')):
        refused = run('--models', 'resnet18', '--out', str(bad))
        assert refused.returncode == 4 and refused.stdout == '', (bad, refused)
        assert advice in refused.stderr, (bad, refused.stderr)

    small = run('--models', 'vit*', '--size', '128', '--out', str(out))
    assert small.returncode == 2, small.returncode
    assert "every model that matches 'vit*' is left out" in small.stderr, small.stderr
    assert 'vit_tiny_patch16_224: takes pictures of 224 px only: --size 224' in small.stderr, small.stderr

    some = run('--models', 'convnext_[ab]*', '--size', '32', '--bs', '2', '--seconds', '0', '--out', str(out))
    assert some.returncode == 0, some.stderr
    assert some.stdout.splitlines()[1].startswith('convnext_atto'), some.stdout
    assert 'left out: convnext_base: large: measured with --all' in some.stdout, some.stdout
    assert 'left out: convnext_base_in22k: the same net' in some.stdout, some.stdout
