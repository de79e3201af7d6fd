# SPDX-License-Identifier: MIT
"""What the tests here look for on a machine, `./course setup lint` installs on Debian; where it cannot, it goes on."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PACKAGES = ROOT / 'tools/course/packages.sh'
GATE = {'build', 'test', 'docs', 'lint', 'debug', 'browser'}  # `./course test` and `setup lint` ask for these

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
root={ROOT}; say() {{ echo "$*"; }}; fail() {{ exit "$1"; }}
. {PACKAGES}
is_there() {{ return 1; }}; apt_install() {{ fail 3; }}; system_family() {{ echo debian; }}
wish debug browser; echo "and on"
'''
run = subprocess.run(['bash', '-c', SCRIPT], capture_output=True, text=True, check=False)
lines = run.stdout.strip().split('\n')
assert lines[-2:] == ['going on without: gdb,Chromium; tests of it are skipped', 'and on'], run.stdout + run.stderr
print(f'packages are listed for {", ".join(sorted(wanted))}')
sys.exit(0)
