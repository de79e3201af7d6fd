#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# docs.sh [FOLDER]: builds the API reference into FOLDER/html (build/docs/html), complete without a network. Exit
# code 1 on any warning.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
place=${1:-build/docs}
output=$place.new  # what is there stays until the new one is whole
theme=/usr/share/doxygen-awesome-css
mathjax=/usr/share/javascript/mathjax
rm -rf "$output"
mkdir -p "$output/html"

settings() {
  cat docs/Doxyfile
  echo "OUTPUT_DIRECTORY = $output"
  local folder
  for folder in minitorch datasets fastcore; do  # naming one that is not there would be a warning
    if [[ -d $folder ]]; then echo "INPUT += $folder"; fi
  done
  # A missing dot would be a warning too.
  echo "HAVE_DOT = $(command -v dot >/dev/null && echo YES || echo NO)"
  if [[ -d $theme ]]; then
    echo "HTML_EXTRA_STYLESHEET = $theme/doxygen-awesome.css $theme/doxygen-awesome-sidebar-only.css"
  fi
  if [[ -d $mathjax ]]; then echo "MATHJAX_RELPATH = mathjax"; fi
}

# Debian's MathJax is 28 MB; the pages need TeX input, HTML output and one family of fonts.
copy_mathjax() {
  local part
  for part in MathJax.js config extensions jax/element jax/input/TeX jax/output/HTML-CSS/{jax,config}.js \
      jax/output/HTML-CSS/autoload jax/output/HTML-CSS/fonts/TeX fonts/HTML-CSS/TeX/woff; do
    [[ -e $mathjax/$part ]] || continue
    mkdir -p "$output/html/mathjax/$(dirname "$part")"
    cp -rL "$mathjax/$part" "$output/html/mathjax/$part"
  done
}

[[ -d $mathjax ]] && copy_mathjax
settings | doxygen - >"$output/doxygen.log" 2>&1 || { cat "$output/doxygen.log" >&2; exit 1; }
rm -rf "$place"
mv "$output" "$place"
