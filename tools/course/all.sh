# SPDX-License-Identifier: MIT
# lesson all [OPTION...]: every lesson with these options, one after the other, and a page that leads to their reports.
# A lesson that fails does not keep the others from running. Sourced by ../../course.

run_all_lessons() {
  local lesson folder folders=() status=0 code word stamp
  stamp=$(date +%Y-%m-%d_%H-%M-%S)
  for word in "$@"; do
    [[ $word =~ ^--(out|resume)(=|$) ]] && fail 2 "each lesson writes into a folder of its own: ${word%%=*} is for one lesson" \
      "COURSE_OUT=FOLDER ./course lesson all"
  done
  for lesson in $(lesson_names); do
    say "--- $lesson"
    folder=$COURSE_OUT/$lesson/$stamp
    "$build/lesson_$lesson" --out "$folder" "$@" </dev/null
    code=$?
    [[ -e $folder/run.json ]] || ((code && code != 2)) || exit "$code"  # --help, or a wrong option: the same for all
    folders+=("$folder")
    ((code)) && status=1 && say "$lesson ended with exit code $code"
    ((code == 130)) && status=130 && break
  done
  say "--- all"
  if [[ " $* " =~ ' '--(quiet|json)' ' ]]; then
    "$build/tool_runs" --index "${folders[@]}" >/dev/null || status=1
  else
    "$build/tool_runs" --index "${folders[@]}" || status=1
  fi
  exit "$status"
}
