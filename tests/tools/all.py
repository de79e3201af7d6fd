# SPDX-License-Identifier: MIT
"""./course lesson all: every lesson runs, also those behind one that fails or is killed; the page out/index.html leads to
their reports, the exit code tells. All but lesson 3 are stand-ins. Exit code 77: not built here."""
import html.parser
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILT = pathlib.Path(sys.argv[1]).resolve()
for program in ('lesson_03_quadratic', 'tool_runs'):
    if not (BUILT / program).exists():
        print(f'skipped: {program} is not built')
        sys.exit(77)

FAILS = '''#!/bin/sh
mkdir -p "$2"; echo "options: $*" >&2; cat > "$2/run.json" <<'END'
{"lesson": "04_fails", "title": "Lesson 4: <fails>", "status": "failed", "problem": "no such file\\nat line 3", "seconds": 61.5,
 "peak_memory_mb": 45.5, "metrics": {"accuracy": 0.25}}
END
echo hello > "$2/report.html"; exit 4
'''
KILLED = '''#!/bin/sh
mkdir -p "$2"; echo '{"lesson": "05_killed", "title": "Lesson 5", "status": "running"}' > "$2/run.json"; kill -KILL $$
'''
STOPPED = '#!/bin/sh\nmkdir -p "$2"; echo "{\\"lesson\\": \\"06_stopped\\", \\"status\\": \\"interrupted\\"}" > "$2/run.json"; exit 130\n'
WRONG = '#!/bin/sh\necho "error: unknown option" >&2; exit 2\n'
LAST = '#!/bin/sh\nmkdir -p "$2"; exit 1\n'
SCRIPTS = {'04_fails': FAILS, '05_killed': KILLED, '06_stopped': STOPPED, '00_wrong': WRONG, '07_last': LAST}


class Links(html.parser.HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.links = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == 'a':
            self.links.append(dict(attributes)['href'])


def cells(line):
    return re.split('  +', line)


def run_all(folder, names, *options):
    """What run_all_lessons says and writes for these lessons, out of `folder`."""
    script = f'''. {ROOT}/tools/course/all.sh
say() {{ printf '%s\\n' "$*" >&2; }}
fail() {{ say "error: $2"; exit "$1"; }}
lesson_names() {{ printf '%s\\n' {' '.join(names)}; }}
build={folder} COURSE_OUT={folder}/out
export COURSE_OUT
run_all_lessons "$@"'''
    return subprocess.run(['bash', '-uo', 'pipefail', '-c', script, 'course', *options], capture_output=True, text=True,
                          check=False, timeout=120, env=dict(os.environ, COURSE_OFFLINE='1'))


with tempfile.TemporaryDirectory() as name:
    here = pathlib.Path(name)
    for lesson, text in SCRIPTS.items():
        program = here / f'lesson_{lesson}'
        program.write_text(text)
        program.chmod(0o755)
    for program in ('lesson_03_quadratic', 'tool_runs'):
        (here / program).symlink_to(BUILT / program)
    index = here / 'out' / 'index.html'

    well = run_all(here, ['03_quadratic'], '--quick', '--seed', '7')
    assert well.returncode == 0, well
    title, status, _, memory, figures = cells(well.stdout.splitlines()[-3])
    assert title.startswith('Lesson 3: ') and status == 'done' and memory.endswith(' MB'), well.stdout
    assert figures.startswith('loss after ten steps '), figures
    assert 'seed 7' in index.read_text(), 'the page does not name the options'
    index.unlink()

    all_of_them = run_all(here, ['04_fails', '05_killed', '07_last', '03_quadratic'], '--quick')
    assert all_of_them.returncode == 1, all_of_them
    assert '04_fails ended with exit code 4' in all_of_them.stderr and '05_killed ended with exit code 137' in all_of_them.stderr
    assert 'options: --out ' in all_of_them.stderr and '--quick' in all_of_them.stderr
    table = [cells(line) for line in all_of_them.stdout.splitlines()[-7:-2]]
    assert table[:4] == [['lesson', 'status', 'time', 'memory', 'figures'],
                         ['Lesson 4: <fails>', 'failed', '01:01', '46 MB', 'no such file'],
                         ['Lesson 5', 'killed', '-', '-', '-'],
                         ['07_last', 'killed', '-', '-', '-']], table
    assert table[4][1] == 'done', table
    page = index.read_text()
    links = Links(page).links
    assert '&lt;fails&gt;' in page and '<td>killed</td>' in page
    assert [link.split('/')[0] for link in links] == ['04_fails', '03_quadratic'], links
    assert all((index.parent / link).is_file() for link in links), links
    report = json.loads((index.parent / links[1]).with_name('run.json').read_text())
    assert report['title'].startswith('Lesson 3: ') and report['options']['quick'] is True

    stopped = run_all(here, ['06_stopped', '03_quadratic'])
    assert stopped.returncode == 130 and '--- 03_quadratic' not in stopped.stderr and 'interrupted' in stopped.stdout, stopped

    index.unlink()
    wrong = run_all(here, ['00_wrong', '03_quadratic'], '--wrong')
    assert wrong.returncode == 2 and '--- 03_quadratic' not in wrong.stderr and not index.exists(), wrong
    own = run_all(here, ['03_quadratic'], '--out', 'somewhere')
    assert own.returncode == 2 and '--out is for one lesson' in own.stderr, own
    quiet = run_all(here, ['03_quadratic'], '--quick', '--quiet')
    assert (quiet.returncode, quiet.stdout) == (0, '') and index.exists(), quiet
    print(f'one page, {len(links)} links; failed, killed and interrupted lessons are told apart')
