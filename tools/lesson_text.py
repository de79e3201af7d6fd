#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keeps what a lesson's text quotes equal to the program and to what the program printed.

    lesson_text.py check [LESSON...]             exit 1 where a text differs from its sources
    lesson_text.py write [LESSON...]             rewrite the quoted blocks
    lesson_text.py compare EXPECTED CPU PROGRAM ...   run PROGRAM, built for CPU, and compare what it prints with a stored run

In a lesson's README.md

    <!-- code: descend -->         is followed by the region //! [descend] of the lesson's program,
    <!-- output: A guess -->       by the section of that name of full.txt, the stored full run,
    <!-- cost -->                  by a table of the time and the memory that the two stored runs took.

The front page's README.md quotes programs of tests/snippets in the same way.

A comparison takes texts literally and numbers within a tolerance: 1 % or, where the stored file's first line says
"# tolerance: 0.05", that. Times (00:12, 3.4 s, 120 MB) may be anything, and so may the folder of the run, what it took, and
lines that begin with "> ": words that a model has drawn, which differ with the last digit of any of its weights.

Vectors of another length add numbers up in another order, and a net that is trained briefly from a random start, at high
rates, soon makes another training of that. Where a stored run says "# made for: x86-64-v3", its figures are compared only in
a build for that; in others the sections, the heads of tables and the pictures are, and nothing may be nan.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LESSONS = ROOT / 'lessons'
FRONT, SNIPPETS = ROOT / 'README.md', ROOT / 'tests' / 'snippets'  # what the front page quotes is tested there
BLOCK = re.compile(r'<!-- (code|output): (.+?) -->\n(?:```[a-z]*\n.*?^```\n)?', re.S | re.M)
COST = re.compile(r'<!-- cost -->\n(?:\|.*\n)*')
TOOK = re.compile(r'^took ([\d.]+) s on (\d+) threads? and (\d+) MB of memory$', re.M)
NUMBER = re.compile(r'[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?')
ANYTHING = re.compile(r'\b\d+:\d\d(?::\d\d)?\b|\b[\d.]+ (?:m?s|us|MB|GB|GFLOP/s|GB/s|images/s)\b|\b[\d.,]+x (?:as fast|faster)\b')


def region(lesson, name):
    """The lines between the two marks //! [name], without their common indent."""
    text = '\n'.join(p.read_text(encoding='utf-8') for p in sorted(p for e in ('*.cpp', '*.h', '*.cu') for p in lesson.glob(e)))
    parts = re.split(rf'^ *//! \[{re.escape(name)}\]\n', text, flags=re.M)
    if len(parts) != 3:
        raise SystemExit(f'{lesson.name}/README.md quotes //! [{name}], which main.cpp holds {len(parts) - 1} times, not twice')
    lines = parts[1].rstrip('\n').split('\n')
    indent = min((len(l) - len(l.lstrip()) for l in lines if l.strip()), default=0)
    return '\n'.join(l[indent:] for l in lines)


def section(lesson, name):
    """What full.txt holds below a heading, up to the next one."""
    lines = (lesson / 'full.txt').read_text(encoding='utf-8').split('\n')
    heads = [i for i in range(len(lines) - 1) if lines[i] and set(lines[i + 1]) == {'-'}]
    for place, head in enumerate(heads):
        if lines[head] == name:
            end = heads[place + 1] if place + 1 < len(heads) else len(lines)
            body = [l for l in lines[head + 2:end] if not l.startswith(('picture: ', 'report: ', 'took '))]
            return '\n'.join(body).strip('\n')
    raise SystemExit(f'{lesson.name}/README.md quotes the output "{name}", which full.txt does not hold')


def spoken_time(seconds):
    if seconds < 60:
        return f'{seconds:.1f} s' if seconds < 9.95 else f'{seconds:.0f} s'
    return f'{round(seconds) // 60} min {round(seconds) % 60} s'


def cost(lesson):
    """A table of what the stored runs took, by their last lines."""
    rows = ['| run | time | threads | memory at most |', '| --- | --- | --- | --- |']
    for name, file in (('in full', 'full.txt'), ('`--quick`', 'quick.txt')):
        took = TOOK.search((lesson / file).read_text(encoding='utf-8'))
        if not took:
            raise SystemExit(f'{lesson.name}/{file} does not end in what the run took\ntry: ./course refresh {lesson.name}')
        seconds, threads, memory = float(took.group(1)), took.group(2), int(took.group(3))
        rows.append(f'| {name} | {spoken_time(seconds)} | {threads} | ' +
                    (f'{memory / 1000:.1f} GB |' if memory >= 1000 else f'{memory} MB |'))
    return '<!-- cost -->\n' + '\n'.join(rows) + '\n'


def renewed(lesson, text):
    def block(match):
        kind, name = match.group(1), match.group(2)
        body = region(lesson, name) if kind == 'code' else section(lesson, name)
        return f'<!-- {kind}: {name} -->\n```{"cpp" if kind == "code" else "text"}\n{body}\n```\n'
    text = COST.sub(lambda match: cost(lesson), text)
    return BLOCK.sub(block, text)


def missing_pictures(lesson, text):
    return [name for name in re.findall(r'!\[[^\]]*\]\(([^)]+)\)', text)
            if not name.startswith('http') and not (lesson / name).exists()]


def texts(action, names):
    faults = 0
    for readme in [FRONT, *sorted(LESSONS.glob('*/README.md'))]:
        lesson = SNIPPETS if readme == FRONT else readme.parent
        if names and lesson.name not in names:
            continue
        text, where = readme.read_text(encoding='utf-8'), readme.relative_to(ROOT)
        new = renewed(lesson, text)
        for picture in missing_pictures(readme.parent, text):
            print(f'{where} shows {picture}, which is not there')
            faults += 1
        if new == text:
            continue
        if action == 'write':
            readme.write_text(new, encoding='utf-8')
            print(f'{where}: quoted blocks renewed')
        else:
            print(f'{where} differs from main.cpp or full.txt\ntry: tools/lesson_text.py write {lesson.name}')
            faults += 1
    return 1 if faults else 0


def stable(text):
    """The lines that two runs share: no notes, paths cut off the names of pictures."""
    lines = [re.sub(r'^(picture|report): .*/', r'\1: ', l.rstrip()) for l in text.split('\n') if not l.startswith('# ')]
    lines = [l for l in lines if not l.startswith(('data: ', 'took '))]
    drawn = [l.startswith('> ') for l in lines]
    lines = ['> drawn' if d else l for l, d, before in zip(lines, drawn, [False, *drawn]) if not (d and before)]
    return [ANYTHING.sub('<time>', re.sub(r'/[\w./-]+/', '', l)) for l in lines]


def same(expected, got, tolerance):
    if ' '.join(NUMBER.sub('#', expected).split()) != ' '.join(NUMBER.sub('#', got).split()):
        return False
    for a, b in zip(NUMBER.findall(expected), NUMBER.findall(got)):
        if a != b and abs(float(a) - float(b)) > tolerance * max(abs(float(a)), abs(float(b)), 0.05) + 1e-12:
            return False
    return True


def said(text, what):
    """What a stored run's line "# what: ..." says, if it has one."""
    found = re.search(rf'^# {what}: (.+)$', text, re.M)
    return found and found.group(1)


def outline(text):
    """What any build prints alike: the sections, the heads of tables, the pictures."""
    lines = stable(text)
    return [l for l, below in zip(lines, [*lines[1:], ''])
            if (below and set(below) == {'-'}) or l.startswith(('epoch ', 'picture: ', 'report: '))]


def compare_outline(expected, wanted, got):
    missing = [l for l in outline(wanted) if l not in outline(got)]
    if outline(wanted) != outline(got) or re.search(r'\bnan\b', got):
        print(f'another outline than {expected} has, or nan; missing: {missing}; all of it:\n{got}')
        return 1
    print(f'sections, tables and pictures as in {expected}; its figures were made for {said(wanted, "made for")}')
    return 0


def compare(expected, cpu, command):
    wanted = pathlib.Path(expected).read_text(encoding='utf-8')
    tolerance = float(said(wanted, 'tolerance') or 0.01)
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode:
        print(f'{command[0]} ended with {run.returncode}')
        return 1
    if said(wanted, 'made for') not in (None, cpu):
        return compare_outline(expected, wanted, run.stdout)
    a, b = stable(wanted), stable(run.stdout)
    for number, (left, right) in enumerate(zip(a, b), 1):
        if not same(left, right, tolerance):
            print(f'line {number} differs from {expected} (tolerance {tolerance})\n  expected: {left}\n  got:      {right}')
            return 1
    if len(a) != len(b):
        print(f'{len(b)} lines instead of the {len(a)} of {expected}; all of it:\n{run.stdout}')
        return 1
    print(f'{len(a)} lines as in {expected}')
    return 0


if __name__ == '__main__':
    words = sys.argv[1:]
    if words and words[0] in ('check', 'write'):
        sys.exit(texts(words[0], words[1:]))
    if len(words) > 3 and words[0] == 'compare':
        sys.exit(compare(words[1], words[2], words[3:]))
    raise SystemExit(__doc__)
