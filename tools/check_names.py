#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Types that must not share a name, and tests that cannot be run by theirs. Prints each, and exits with 1 if there is one.

Two types of one qualified name in different files are one type to the linker, which keeps the functions of either: the
program then reads and frees objects of the wrong size. And a name that both minitorch and fastcore give to a type is
ambiguous in a lesson, which uses both namespaces. Types in unnamed namespaces are a file's own and may be called anything.
A test called "--out ..." is an option to Catch2: ctest, which runs each test by its name, would run all the others instead.
"""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIBRARIES = ('minitorch', 'datasets', 'fastcore')
TOKEN = re.compile(r'''//[^\n]* | /\*.*?\*/ | ^[ \t]*\#(?:\\\n|[^\n])* | R"(?P<end>\w*)\(.*?\)(?P=end)"
                       | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])' | [A-Za-z_]\w* | :: | \S''', re.VERBOSE | re.DOTALL | re.MULTILINE)
OPTION_LIKE = re.compile(r'TEST_CASE(?:_\w+)?\((?:\w+,\s*)?"([-~\[*][^"]*)"')
SKIPPED = ('//', '/*', '#', '"', "'", 'R"')


def without_template(words):
    """The statement behind its `template <...>`."""
    while words[:1] == ['template']:
        depth = 0
        for at, word in enumerate(words):
            depth += (word == '<') - (word == '>')
            if word == '>' and depth == 0:
                break
        words = words[at + 1:]
    return words


def opened(words):
    """What `{` after these words opens: ('namespace' or 'type', its name), or ('code', '')."""
    words = without_template(words[1:] if words[:2] == ['inline', 'namespace'] else words)
    if words[:1] == ['namespace']:
        return 'namespace', ''.join(words[1:])
    if words[:1] and words[0] in ('struct', 'class', 'union', 'enum') and '(' not in words:
        name = [word for word in words[1:] if word not in ('class', 'struct', 'final')]
        return 'type', ''.join(name[:name.index(':')] if ':' in name else name)
    return 'code', ''


def types_of(text):
    """Yields (qualified name, line) of every named type that is defined outside functions and unnamed namespaces."""
    scopes, words = [], []
    for match in TOKEN.finditer(text):
        word = match[0]
        if word.startswith(SKIPPED):
            continue
        if word == '{':
            scopes.append(opened(words))
            names = [name for _, name in scopes]
            if scopes[-1][0] == 'type' and all(names) and all(kind != 'code' for kind, _ in scopes):
                yield '::'.join(names), text.count('\n', 0, match.start()) + 1
            words = []
        elif word == '}':
            if scopes:
                scopes.pop()
            words = []
        elif word == ';' or (word == ':' and words in (['public'], ['protected'], ['private'])):
            words = []
        else:
            words.append(word)


def main():
    places = collections.defaultdict(dict)  # of each name: the first line in each file
    for library in LIBRARIES:
        for path in sorted((ROOT / library).rglob('*')):
            if path.suffix in ('.h', '.cpp', '.cu'):
                for name, line in types_of(path.read_text(encoding='utf-8')):
                    places[name].setdefault(path.relative_to(ROOT), line)
    faults = [f'{name} is defined in ' + ' and in '.join(f'{path}:{line}' for path, line in files.items())
              for name, files in places.items() if len(files) > 1]
    for name in places:
        twin = 'fastcore' + name.removeprefix('minitorch')
        if name.startswith('minitorch::') and twin in places:
            faults.append(f'{name} and {twin} are ambiguous where both namespaces are used')
    for path in sorted((ROOT / 'tests').rglob('*_test.cpp')):
        for match in OPTION_LIKE.finditer(path.read_text(encoding='utf-8')):
            faults.append(f'{path.relative_to(ROOT)}: the test "{match[1]}" is no name to Catch2, for how it begins')
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f'names: {len(places)} types, {len(faults)} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
