# SPDX-License-Identifier: MIT
"""benchmarks/gpu.sh builds the op table and the benchmark on a machine that has a compiler, CMake and nvcc alone: what it
compiles includes the standard library, the system and CUDA, and its stand-in for Catch2 has what the tests use."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
STAND_IN = ROOT / 'benchmarks/gpu/catch2/catch.hpp'
SYSTEM = re.compile(r'[a-z_]+|sys/\w+\.h|sanitizer/\w+\.h|cooperative_groups(/\w+)?\.h|cuda_\w+\.h|mma\.h|catch2/catch\.hpp|'
                    r'(cxxabi|dlfcn|elf|execinfo|fcntl|immintrin|link|math|pthread|sched|signal|stdint|stdio|stdlib|ucontext|unistd|unwind)\.h')


def own_includes(path):
    return [ROOT / name for name in re.findall(r'^#include "([^"]+)"', path.read_text(encoding='utf-8'), re.M)]


def compiled():
    """What cmake/bare.cmake and the library's lists name, and what that includes."""
    sources = [p for e in ('*.cpp', '*.cu') for p in (ROOT / 'minitorch').rglob(e) if ROOT / 'minitorch/io' not in p.parents]
    sources += [*(ROOT / 'tests/ops').glob('*_test.cpp'), *(ROOT / 'benchmarks/gpu').glob('*.cpp')]
    found = set()
    while sources:
        path = sources.pop()
        if path not in found:
            found.add(path)
            sources += own_includes(path)
    return sorted(found)


def main():
    texts = {p.relative_to(ROOT).as_posix(): p.read_text(encoding='utf-8') for p in [*compiled(), STAND_IN]}
    stand_in, defined = texts[STAND_IN.relative_to(ROOT).as_posix()], set(re.findall(r'#define (\w+)', ''.join(texts.values())))
    wrong = []
    for name, text in texts.items():
        wrong += [f'{name}: <{header}> belongs to a library' for header in re.findall(r'^#include <([^>]+)>', text, re.M)
                  if not SYSTEM.fullmatch(header)]
        if name.startswith('tests/'):
            macros = set(re.findall(r'\b((?:CHECK|REQUIRE|TEST_CASE|SECTION|INFO|CAPTURE|FAIL|GENERATE)(?:_[A-Z_]+)?)\(', text))
            wrong += [f'{name}: the stand-in for Catch2 has no {macro}' for macro in sorted(macros - defined)]
            wrong += [f'{name}: the stand-in for Catch2 has no Catch::{part}'
                      for part in sorted(set(re.findall(r'Catch::(\w+)', text))) if not re.search(rf'\b{part}\b', stand_in)]
    print('\n'.join(wrong) or f'{len(texts)} files need no library')
    return 1 if wrong else 0


sys.exit(main())
