# SPDX-License-Identifier: MIT
# The longer test suites: ./course test nvcc|asan|aarch64|fuzz|mutants. Sourced by ../../course.

# asan [NAME | --quick]: all tests under the address and undefined-behaviour sanitizers. --quick leaves out what takes
# long to compile: it is the folders that every other one stands on.
suite_asan() {
  local quick=(core tensor autograd nn optim io basics frame) folders
  (($# <= 1)) || fail 2 "asan takes at most one test name" "./course test asan core:"
  [[ ${1-} != -* || $1 == --quick ]] || unknown 'option of test asan' "$1" --quick
  ensure build test
  configure asan asan
  export ASAN_OPTIONS=${ASAN_OPTIONS-detect_leaks=1:strict_string_checks=1}
  export UBSAN_OPTIONS=${UBSAN_OPTIONS-print_stacktrace=1}
  if [[ ${1-} != --quick ]]; then
    run_tests "${1-}" ''
    return
  fi
  say "building"
  build_targets "${quick[@]/#/test_}"
  folders=$(IFS='|' && echo "${quick[*]}")
  ctest --test-dir "$build" -j "$(job_count)" --output-on-failure --no-tests=error -R "^($folders): " </dev/null || exit 1
}

# nvcc: every kernel for every architecture that is promised, the library's linked into the op table; its tests too where
# a GPU can run them.
suite_nvcc() {
  local lessons
  (($# == 0)) || fail 2 "nvcc takes no arguments" "./course test nvcc"
  [[ -n $(find_nvcc) ]] || fail 3 "there is no nvcc on this machine" "install NVIDIA's CUDA toolkit, then ./course doctor"
  ensure build test
  configure nvcc cuda '-DCMAKE_CUDA_ARCHITECTURES=75-real;80-real;90a-real;90-virtual'
  say "compiling every kernel for sm_75, sm_80, sm_90a, and as PTX for what comes after"
  lessons=$(sed -n 's|.*/\(gpu_[^/]*\)\.dir$|\1|p' "$build/CMakeFiles/TargetDirectories.txt")  # with kernels of their own
  # shellcheck disable=SC2086
  build_targets minitorch_cuda test_ops $lessons
  if gpu_architecture >/dev/null; then
    run_tests '' cuda
  else
    say "all of it compiles and links; no GPU here, so no kernel was run (./course test runs them in the simulator)"
  fi
}

# aarch64 [NAME]: the library and its tests cross-compiled for 64-bit ARM and run by an emulator.
suite_aarch64() {
  (($# <= 1)) || fail 2 "aarch64 takes at most one test name" "./course test aarch64 core:"
  [[ -x /usr/bin/aarch64-linux-gnu-g++ ]] || [[ $(system_family) == debian ]] ||
    fail 3 "the cross build is made for Debian and Ubuntu"
  ensure build test aarch64
  "$root/tools/course/aarch64_sysroot.sh" "$root/build/aarch64-sysroot" ||
    fail 3 "the ARM builds of zlib and Catch2 cannot be fetched from the package index" "./course doctor"
  configure aarch64 cpu "-DCMAKE_TOOLCHAIN_FILE=$root/cmake/aarch64.cmake"
  run_tests "${1-}" ''
}

# fuzz [NAME] [--seconds N]: each tests/fuzz/NAME.cpp under libFuzzer, from its seeds in tests/fuzz/seeds/NAME/.
suite_fuzz() {
  local seconds=60 only='' source name found=() seeds
  while (($#)); do
    case $1 in
      --seconds) seconds=${2-}; shift ;;
      -*) unknown 'option of test fuzz' "$1" --seconds ;;
      *) only=$1 ;;
    esac
    shift
  done
  [[ $seconds =~ ^[1-9][0-9]{0,4}$ ]] || fail 2 "--seconds needs a whole number from 1 to 99999" "./course test fuzz --seconds 60"
  for source in "$root"/tests/fuzz/*.cpp; do
    [[ -e $source ]] && found+=("$(basename "$source" .cpp)")
  done
  ((${#found[@]})) || fail 2 "there is no fuzz target in this version yet (tests/fuzz/*.cpp)"
  [[ -z $only || " ${found[*]} " == *" $only "* ]] || unknown 'fuzz target' "$only" "${found[@]}"
  [[ -n $only ]] && found=("$only")
  ensure build fuzz
  configure fuzz cpu -DMT_FUZZ=ON -DMT_TESTS=OFF -DMT_WERROR=OFF -DCMAKE_CXX_COMPILER=clang++-14
  build_targets "${found[@]/#/fuzz_}"
  for name in "${found[@]}"; do
    fuzz_one "$name" "$seconds"
  done
  say "${#found[@]} fuzz target(s), $seconds s each: nothing found"
}

# fuzz_one NAME SECONDS: new inputs go to build/fuzz/corpus, so that the next run goes on from there.
fuzz_one() {
  local corpus=$build/corpus/$1 seeds=("$root/tests/fuzz/seeds/$1") log=$build/$1.log
  [[ -d ${seeds[0]} ]] || seeds=()
  mkdir -p "$corpus" "$build/crashes"
  say "fuzzing $1 for $2 s"
  "$build/fuzz_$1" -max_total_time="$2" -rss_limit_mb=1500 -timeout=10 -artifact_prefix="$build/crashes/$1-" \
    "$corpus" "${seeds[@]}" >"$log" 2>&1 </dev/null && return
  grep -vE '^#[0-9]+\s' "$log" | tail -n 40 >&2
  fail 1 "the fuzz target $1 found an input that breaks it (it is in build/fuzz/crashes)" \
    "build/fuzz/fuzz_$1 build/fuzz/crashes/$1-*"
}

# mutants [FILE]: each barrier of the kernels deleted in turn; the op tests, or a lesson's stored run, must notice every one.
suite_mutants() {
  (($# <= 1)) || fail 2 "mutants takes at most one kernel file" "./course test mutants softmax"
  ensure build test
  configure cpu cpu
  say "building"
  local lessons
  lessons=$(cd "$root/lessons" && ls ./*/*.cu | grep -F -- "${1-}" | cut -d / -f 2 | sort -u | sed 's/^/lesson_/')
  build_targets test_ops test_ops_checked $lessons
  python3 "$root/tools/course/mutants.py" "$build" ${1:+--only "$1"} || exit 1
}
