#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_format.sh [--fix]: names the C++ and CUDA files that clang-format 14 would change; with --fix changes them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mapfile -d '' files < <(git ls-files -z -- '*.h' '*.cpp' '*.cu')
if [[ ${1-} == --fix ]]; then
  clang-format-14 -i "${files[@]}"
  exit
fi
bad=0
for file in "${files[@]}"; do
  if ! clang-format-14 "$file" | cmp -s - "$file"; then
    echo "not formatted: $file" >&2
    bad=1
  fi
done
if ((bad)); then
  echo "try: tools/check_format.sh --fix" >&2
  exit 1
fi
echo "format: ${#files[@]} files"
