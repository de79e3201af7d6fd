# SPDX-License-Identifier: MIT
# refresh [LESSON...]: runs lessons in full and --quick, stores what they print and the pictures their texts show, and
# renews the blocks that the texts quote. Sourced by ../../course.

refresh_lesson() {
  local folder=$root/lessons/$1 run=$root/build/refresh/$1 picture first built_for
  say "--- $1: the full run"
  rm -rf "$run"
  mkdir -p "$run"
  built_for=$(sed -n 's/^MT_BUILT_FOR:INTERNAL=//p' "$build/CMakeCache.txt")
  first=$(sed -nE "s/^# made for: .*/# made for: $built_for/; /^# (tolerance|made for):/p" "$folder/quick.txt" 2>/dev/null)
  COURSE_OFFLINE=1 "$build/lesson_$1" --data bundled --out "$run/full" >"$run.txt" </dev/null ||
    fail 1 "the full run of $1 ended with an error" "build/${build##*/}/lesson_$1"
  sed -E "s|$run/full|out|" "$run.txt" >"$folder/full.txt"
  say "--- $1: the quick run"
  COURSE_OFFLINE=1 "$build/lesson_$1" --quick --data bundled --out "$run/quick" >"$run.txt" </dev/null ||
    fail 1 "the quick run of $1 ended with an error" "build/${build##*/}/lesson_$1 --quick"
  { [[ -n $first ]] && echo "$first"; sed -E "s|$run/quick|out|" "$run.txt"; } >"$folder/quick.txt"
  grep -oE '\(figures/[^)]+\)' "$folder/README.md" 2>/dev/null | tr -d '()' | sort -u | while read -r picture; do
    [[ -e $run/full/${picture#figures/} ]] && mkdir -p "$folder/figures" && cp "$run/full/${picture#figures/}" "$folder/$picture"
  done
  python3 "$root/tools/lesson_text.py" write "$1"
}

verb_refresh() {
  local names=() word lesson
  for word in "$@"; do
    find_lesson "$word"
    names+=("$lesson")
  done
  # shellcheck disable=SC2207
  ((${#names[@]})) || names=($(lesson_names))
  ensure build
  configure_chosen run
  build_targets "${names[@]/#/lesson_}"
  for lesson in "${names[@]}"; do refresh_lesson "$lesson"; done
}
