#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Deletes each barrier of the kernels in turn, and shows that the tests notice.

For every __syncthreads(), __syncwarp() and async_wait() of minitorch's kernels, the file is compiled without it and linked
into the op tests, which then run on the simulator until one fails: threads in their natural order, in reverse order, and
at last under the checker, as CI runs them; the tests of the kernel's own folder come first, and all others only when those
notice nothing. A lesson's kernels have its stored run as their test, which the checker watches. A mutant that no run
notices is a failure of the tests.

    tools/course/mutants.py BUILD_FOLDER [--only PATH] [--out FILE]

Run by `./course test mutants`, which builds the tests first.
"""
import argparse
import datetime
import functools
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BARRIER = re.compile(r'\b(?:__syncthreads|__syncwarp|async_wait<[^>]*>)\(\s*\);')
KERNELS = ['*.cu', '*_cuda.h']
TIME_LIMIT = 600
# Where else than in tests/ops/FOLDER*_test.cpp the kernels of a folder are tested.
TESTS_ELSEWHERE = {'index': ['gather'], 'matmul': ['gemm'], 'reduce': ['softmax', 'loss']}


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def find_barriers(only):
    """(path, line number from 1, text of the barrier, the file without it) of every barrier."""
    files = sorted({path for pattern in KERNELS for path in (ROOT / 'minitorch').rglob(pattern)
                    if path.parent.name != 'simt'})
    files += sorted(path for path in (ROOT / 'lessons').glob('*/*.cu') if path.name != 'bugs.cu')  # theirs lack some
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        if only and only not in name:
            continue
        lines = path.read_text(encoding='utf-8').splitlines(keepends=True)
        for number, line in enumerate(lines, 1):
            code = line.split('//')[0]
            for match in BARRIER.finditer(code):
                without = lines[:number - 1] + [line[:match.start()] + ';' + line[match.end():]] + lines[number:]
                yield name, number, match.group(0), ''.join(without)


class Build:
    """How the build folder compiles a kernel file, and links the tests."""

    def __init__(self, folder):
        self.folder = folder
        commands = json.loads((folder / 'compile_commands.json').read_text(encoding='utf-8'))
        self.compile = {}
        for entry in commands:
            path = pathlib.Path(entry['file'])
            if path.suffix == '.cu' and ROOT in path.parents and 'cmake/cuda' not in entry['command']:
                flavour = 'checked' if '-fsanitize=thread' in entry['command'] else 'plain'
                self.compile[path.relative_to(ROOT).as_posix(), flavour] = entry
    @functools.cache
    def link_command(self, target):
        steps = run(['ninja', '-C', str(self.folder), '-t', 'commands', '-s', target]).stdout.splitlines()
        # CMake may wrap it as ": && g++ ... && :"
        return next(step for step in reversed(steps) if f'-o {target}' in step)

    def users_of(self, name):
        """Kernel files that a mutated file is part of: itself, or those that include the header."""
        if name.endswith('.cu'):
            return [name]
        users, headers = [], {name}
        texts = {p.relative_to(ROOT).as_posix(): p.read_text(encoding='utf-8')
                 for pattern in KERNELS for p in (ROOT / 'minitorch').rglob(pattern)}
        grown = True
        while grown:
            grown = False
            for path, text in texts.items():
                if path in headers or not any(f'#include "{h}"' in text for h in headers):
                    continue
                if path.endswith('.cu'):
                    if path not in users:
                        users.append(path)
                else:
                    headers.add(path)
                    grown = True
        return sorted(users)

    def compile_mutant(self, user, flavour, scratch):
        entry = self.compile[user, flavour]
        words = shlex.split(entry['command'])
        source = scratch / user if (scratch / user).exists() else ROOT / user
        out = scratch / f'{flavour}_{pathlib.Path(user).stem}.o'
        words[words.index('-o') + 1] = str(out)
        words[-1] = str(source)
        for option in ('-MF', '-MT'):
            if option in words:
                words[words.index(option) + 1] = str(out) + '.d'
        compiler = next(i for i, word in enumerate(words) if re.search(r'(c\+\+|g\+\+|clang\+\+)[-\d]*$', word))
        words.insert(compiler + 1, f'-I{scratch}')  # the mutated header is found first
        result = run(words, cwd=entry['directory'])
        if result.returncode:
            sys.exit(f'error: {user} does not compile without the barrier\n{result.stderr[-2000:]}')
        return out

    def link_mutant(self, objects, target, scratch, instead=None):
        """The program with the objects before all libraries, or in place of one that it has."""
        program = scratch / target
        command = self.link_command(target)
        if instead:
            assert instead in command, f'{target} has no {instead}'
            command = command.replace(instead, '', 1)
        command = command.replace(f'-o {target}', f'-o {program} ' + ' '.join(map(str, objects)), 1)
        command = re.sub(r'&& cd .*$', '', command)  # no discovery of tests
        result = run(['bash', '-c', command], cwd=self.folder)
        if result.returncode:
            sys.exit(f'error: the mutant does not link\n{result.stderr[-2000:]}')
        return program


def own_cases(name):
    """A test specification that selects the op table's cases of the kernel's folder; None if it has none."""
    folder = pathlib.PurePath(name).parent.name
    cases = []
    for stem in [folder, *TESTS_ELSEWHERE.get(folder, [])]:
        for path in sorted((ROOT / 'tests/ops').glob(f'{stem}*_test.cpp')):
            cases += re.findall(r'TEST_CASE\(\s*"(op table: [^"]*)"', path.read_text(encoding='utf-8'))
    return ','.join(case.replace(',', r'\,') for case in cases) or None


def fails(program, order, cases):
    """Why the op tests fail on the simulator, or None."""
    environment = dict(os.environ, MT_TEST_DEVICE='sim', MT_SIM_ORDER=order, MT_SIM_TIMEOUT='20')
    try:
        result = run([str(program), cases, '--abort'], env=environment, timeout=TIME_LIMIT, cwd=program.parent)
    except subprocess.TimeoutExpired:
        return 'does not end'
    if result.returncode == 0:
        return None
    text = result.stdout + result.stderr
    report = re.search(r'(race: [^,\n]*|uninitialised: [^,\n]*|deadlock[^,\n]*|barrier divergence[^,\n]*)', text)
    return report.group(1).strip() if report else 'wrong numbers'


@functools.cache
def require_passing(program, order, cases):
    """Ends everything if the tests fail without a mutant, too: they would then seem to notice each one."""
    reason = fails(program, order, cases)
    if reason:
        sys.exit(f'error: {program.name} fails without any mutant ({order} order, {cases}): {reason}')


def judge(build, name, mutated, scratch):
    """Which run of the tests notices the mutant, and how."""
    copy = scratch / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(mutated, encoding='utf-8')
    users = build.users_of(name)  # all of them: which one has the kernel that the tests run is not known
    programs = {}
    try:
        for cases in filter(None, (own_cases(name), 'op table: *')):
            for flavour, order in (('plain', 'forward'), ('plain', 'reverse'), ('checked', 'forward')):
                if flavour not in programs:
                    objects = [build.compile_mutant(user, flavour, scratch) for user in users]
                    target = 'test_ops' if flavour == 'plain' else 'test_ops_checked'
                    programs[flavour] = build.link_mutant(objects, target, scratch)
                reason = fails(programs[flavour], order, cases)
                if reason:
                    require_passing(build.folder / programs[flavour].name, order, cases)
                    return f'{order} order: {reason}' if flavour == 'plain' else f'checker: {reason}'
        return None
    finally:
        copy.unlink()


def judge_lesson(build, name, mutated, scratch):
    """What the lesson's quick run says of the mutant, or None if it prints what is stored."""
    copy = scratch / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(mutated, encoding='utf-8')
    lesson = pathlib.PurePath(name).parent.name
    try:
        entry = build.compile[name, 'checked']
        words = shlex.split(entry['command'])
        mutant = build.compile_mutant(name, 'checked', scratch)
        program = build.link_mutant([mutant], f'lesson_{lesson}', scratch, instead=words[words.index('-o') + 1])
        compare = [sys.executable, str(ROOT / 'tools/lesson_text.py'), 'compare', str(ROOT / 'lessons' / lesson / 'quick.txt'), 'any']
        result = run([*compare, str(program), '--quick', '--data', 'bundled', '--out', str(scratch / 'out')], timeout=TIME_LIMIT)
    finally:
        copy.unlink()
    if result.returncode == 0:
        return None
    report = re.search(r'(race: [^,\n]*|uninitialised: [^,\n]*|deadlock[^,\n]*)', result.stdout + result.stderr)
    return f'stored run: {report.group(1) if report else "other numbers"}'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('--only', help='barriers of files whose path contains this')
    parser.add_argument('--out', type=pathlib.Path, help='also write the result there')
    arguments = parser.parse_args()
    build = Build(arguments.build.resolve())
    scratch = arguments.build.resolve() / 'mutants'
    scratch.mkdir(exist_ok=True)

    lines, survivors, start = [], 0, time.time()

    def say(line):
        print(line, flush=True)
        lines.append(line)

    say(f'# {datetime.date.today()}: each barrier deleted in turn; which run of the op tests fails, and why')
    for name, number, barrier, mutated in find_barriers(arguments.only):
        noticed = (judge_lesson if name.startswith('lessons/') else judge)(build, name, mutated, scratch)
        survivors += noticed is None
        say(f'{name}:{number} {barrier[:-1]}: {noticed or "NOT NOTICED"}')
    count = len(lines) - 1
    say(f'{count} barriers deleted, {count - survivors} noticed, {survivors} not; {time.time() - start:.0f} s')
    if arguments.out:
        arguments.out.write_text('\n'.join(lines) + '\n', encoding='utf-8')
    return 1 if survivors or not count else 0


if __name__ == '__main__':
    sys.exit(main())
