# SPDX-License-Identifier: MIT
"""./course lesson NAME --watch: a save builds and runs anew, the page says how things stand, and only this machine
is answered. cmake and the lesson are stand-ins, so that nothing is compiled. Exit code 77: not built here."""
import fcntl
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

watcher = pathlib.Path(sys.argv[1]).resolve() / 'tool_watch'
if not watcher.exists():
    print('skipped: tool_watch is not built (it needs libcpp-httplib-dev)')
    sys.exit(77)

CMAKE = '''#!/bin/sh
echo "$@" >> builds
if grep -q WRONG lessons/00_test/main.cpp; then
  echo "[0/2] Re-checking globbed directories..."; echo "-- Configuring done"; echo "FAILED: main.o"; echo "/usr/bin/c++ -c main.cpp"
  echo "main.cpp:1: error: WRONG"; echo "ninja: build stopped: subcommand failed."; exit 1
fi
# As make and a compiler do: where the object is older, the source is read first, and the object written last.
if [ ! -e object ] || [ -n "$(find lessons/00_test/main.cpp -newer object)" ]; then
  cp lessons/00_test/main.cpp being_compiled
  if [ -e slow_build ]; then sleep 1; fi
  cp being_compiled object
fi
'''
LESSON = '''#!/bin/sh
trap 'echo "error: stopped by Ctrl-C"; exit 130' INT TERM
echo "$@" > options
if [ -e slow ]; then sleep 30 >/dev/null 2>&1 & wait; fi
while [ "$1" != --out ]; do shift; done
cp object "$2/report.html"
if grep -q FAILS object; then exit 1; fi
'''


def get(port, path, host=None):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
    connection.putrequest('GET', path, skip_host=True)
    connection.putheader('Host', host or f'127.0.0.1:{port}')
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def state(port):
    return json.loads(get(port, '/state')[1])


def until(what, port, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        now = state(port)
        if what(now):
            return now
        time.sleep(0.05)
    raise AssertionError(f'still {now} after {seconds} s')


def page(folder, port):
    """What the page has become in a browser."""
    return subprocess.run(['chromium', '--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=3000',
                           f'--user-data-dir={folder}/profile', '--dump-dom', f'http://127.0.0.1:{port}/'],
                          capture_output=True, text=True, timeout=120, check=True).stdout


def check(folder, port):
    source = folder / 'lessons/00_test/main.cpp'
    first = until(lambda s: s['state'] == 'done', port)
    assert get(port, '/report.html') == (200, 'one')
    assert '<iframe' in get(port, '/')[1]
    options = (folder / 'options').read_text().split()
    assert options[-2:] == ['--lr', '0.1'] and '--force' in options, options

    assert first['bad'] is False, first
    if shutil.which('chromium'):  # the page's own script has asked how things stand, and loaded the report
        dom = page(folder, port)
        assert '<div id="state" class="">done</div>' in dom and 'src="/report.html?1"' in dom, dom

    source.write_text('two')
    until(lambda s: s['version'] > first['version'] and s['state'] == 'done', port)
    assert get(port, '/report.html')[1] == 'two'

    source.write_text('WRONG')
    wrong = until(lambda s: s['state'] == 'does not build', port)
    assert wrong['messages'] == 'main.cpp:1: error: WRONG\n' and wrong['bad'] is True, wrong

    source.write_text('FAILS')
    failed = until(lambda s: s['state'] == 'ended with exit code 1: see the terminal', port)
    assert failed['bad'] is True, failed
    if shutil.which('chromium'):
        assert '<div id="state" class="bad">ended with exit code 1' in page(folder, port)

    # A save while the lesson runs ends that run and starts another.
    (folder / 'slow').touch()
    source.write_text('three')
    until(lambda s: s['state'] == 'running', port)
    (folder / 'slow').unlink()
    source.write_text('four')
    until(lambda s: s['state'] == 'done', port, seconds=15)
    assert get(port, '/report.html')[1] == 'four'

    # A save during the build: what comes out of that is newer, and of the text before.
    (folder / 'slow_build').touch()
    source.write_text('before')
    until(lambda s: (folder / 'being_compiled').read_text() == 'before', port)
    source.write_text('meanwhile')
    until(lambda s: s['state'] == 'done', port)
    assert get(port, '/report.html')[1] == 'meanwhile'
    (folder / 'slow_build').unlink()

    # A save that the system does not tell of: through a name of the file in a folder that nobody watches.
    elsewhere = folder / 'elsewhere.cpp'
    os.link(source, elsewhere)
    with open(elsewhere, 'r+', encoding='utf-8') as file:
        file.write('found by looking')
    until(lambda s: get(port, '/report.html')[1] == 'found by looking' and s['state'] == 'done', port)

    # What editors keep beside a file is no save.
    builds = (folder / 'builds').read_text().count('\n')
    (source.parent / '.main.cpp.swp').write_text('x')
    (source.parent / 'main.cpp~').write_text('x')
    time.sleep(1)
    assert (folder / 'builds').read_text().count('\n') == builds

    # While ./course builds in another terminal, the watcher waits.
    with open(folder / 'build/.lock', 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        source.write_text('five')
        until(lambda s: s['state'] == 'waiting for another build', port)
        time.sleep(0.5)
        assert state(port)['state'] == 'waiting for another build', state(port)
        assert (folder / 'builds').read_text().count('\n') == builds
    until(lambda s: s['state'] == 'done', port)
    assert get(port, '/report.html')[1] == 'five'

    assert get(port, '/state', 'evil.example')[0] == 403
    assert get(port, '/..%2f..%2foptions')[0] == 404
    assert get(port, '/nothing.html')[0] == 404


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    for part in ('lessons/00_test', 'fastcore', 'minitorch', 'datasets', 'build', 'bin'):
        (folder / part).mkdir(parents=True)
    (folder / 'lessons/00_test/main.cpp').write_text('one')
    for path, text in (('bin/cmake', CMAKE), ('build/lesson_00_test', LESSON)):
        (folder / path).write_text(text)
        (folder / path).chmod(0o755)
    environment = dict(os.environ, PATH=f'{folder}/bin:{os.environ["PATH"]}')
    command = [str(watcher), '--port', '0', str(folder), str(folder / 'build'), '00_test', '--lr', '0.1']
    refused = subprocess.run([*command, '--out=elsewhere'], env=environment, capture_output=True, text=True, timeout=20)
    assert refused.returncode == 2 and 'error: --out does not go with --watch' in refused.stderr, refused
    watch = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        port = int(re.search(r'127\.0\.0\.1:(\d+)', watch.stdout.readline()).group(1))
        check(folder, port)
        # Two watchers do not share a port: the second takes the next.
        other = subprocess.Popen([*command[:2], str(port), *command[3:]], cwd=folder, env=environment,
                                 stdout=subprocess.PIPE, text=True)
        line = other.stdout.readline()
        other.send_signal(signal.SIGINT)
        other.wait(timeout=20)
        assert f':{port},' not in line, line
    finally:
        watch.send_signal(signal.SIGINT)
    said = watch.communicate(timeout=20)[0]
    assert watch.returncode == 130
    assert 'stopped by' not in said, said  # a run that a save cuts short ends without a word
    assert said.count('this file system does not say when files change') == 1, said
print('saves, errors, cut runs, ports and strangers: as they should be')
