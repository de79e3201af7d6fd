# SPDX-License-Identifier: MIT
"""What the tests here look for on a machine, `./course setup lint` installs on Debian; where it cannot, it goes on."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PACKAGES = ROOT / 'tools/course/packages.sh'
GATE = {'build', 'test', 'docs', 'theme', 'lint', 'debug', 'browser'}  # `./course test` and `setup lint` ask for these

listed = set()
for line in PACKAGES.read_text(encoding='utf-8').split('\n'):
    cells = [cell.strip() for cell in line.split('|')]
    if len(cells) == 6 and cells[0] in GATE and cells[3] != '-':
        listed.add(cells[2])
wanted = set()
for test in pathlib.Path(__file__).parent.glob('*.py'):
    wanted |= set(re.findall(r"shutil\.which\('([^']+)'\)", test.read_text(encoding='utf-8')))
missing = sorted(name for name in wanted if f'command:{name}' not in listed)
assert not missing, f'no package is listed for {missing}'

# Nothing is there, and nothing can be installed.
SCRIPT = f'''
root={ROOT}; say() {{ echo "$*"; }}; fail() {{ echo "error: $2"; exit "$1"; }}
. {PACKAGES}
is_there() {{ return 1; }}; apt_install() {{ fail 3; }}; system_family() {{ echo FAMILY; }}
'''


def on(family, words, is_there='return 1'):
    script = SCRIPT.replace('FAMILY', family).replace('return 1', is_there)
    run = subprocess.run(['bash', '-c', script + words + '; echo "and on"'], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout.strip().split('\n'), run.stdout + run.stderr


_, lines, all_of_it = on('debian', "wish 'tests of it are skipped' debug browser")
assert lines[-2:] == ['going on without: gdb,Chromium; tests of it are skipped', 'and on'], all_of_it
# What no package brings is not wished for, and what is needed all the same is refused without an empty remedy.
for family in ('debian', 'fedora', 'macos'):
    _, lines, all_of_it = on(family, 'wish plainer theme', '[[ $1 == *mathjax* ]]')
    asked = family == 'debian'
    assert (lines[-2:] == ['going on without: Doxygen theme; plainer', 'and on']) if asked else lines == ['and on'], all_of_it
    code, lines, all_of_it = on(family, 'ensure docs', '[[ $1 != */usr/share/* ]]')
    assert (code, lines) == (0, ['and on']), all_of_it
for family, need in (('fedora', 'lint'), ('macos', 'test')):
    code, lines, all_of_it = on(family, f'ensure {need}', '[[ $1 != command:clang* && $1 != header:* ]]')
    assert code == 3 and lines[-1].startswith('error: this system has no package of what is missing'), all_of_it
print(f'packages are listed for {", ".join(sorted(wanted))}')
sys.exit(0)
