# SPDX-License-Identifier: MIT
# What the course needs from the system: how each piece is recognised, what the packages are called, and how they
# are installed. Sourced by ../../course, which supplies $root, say, fail and check_writable.

# need | name | test | Debian, Ubuntu | Fedora | Homebrew
# The need is the kind of work that asks for the piece; a theme only makes the reference's pages nicer. A test is
# command:NAME, header:PATH, file:PATH or python:MODULE; a dash means that the system has no such package.
kPieces='
build   | CMake 3.25          | command:cmake                  | cmake                | cmake                | cmake
build   | C++20 compiler      | command:c++                    | g++                  | gcc-c++              | gcc
build   | Ninja               | command:ninja                  | ninja-build          | ninja-build          | ninja
build   | ccache              | command:ccache                 | ccache               | ccache               | ccache
build   | addr2line           | command:addr2line              | binutils             | binutils             | binutils
build   | zlib                | header:zlib.h                  | zlib1g-dev           | zlib-devel           | zlib
build   | libcurl             | header:curl/curl.h             | libcurl4-openssl-dev | libcurl-devel        | curl
build   | libarchive          | header:archive.h               | libarchive-dev       | libarchive-devel     | libarchive
build   | stb                 | header:stb/stb_image.h         | libstb-dev           | stb-devel            | -
build   | JSON for C++        | header:nlohmann/json.hpp       | nlohmann-json3-dev   | json-devel           | nlohmann-json
build   | CLI11               | header:CLI/CLI.hpp             | libcli11-dev         | cli11-devel          | cli11
test    | Catch2 2.13         | header:catch2/catch.hpp        | catch2               | catch2-devel         | -
watch   | pkg-config          | command:pkg-config             | pkg-config           | pkgconf-pkg-config   | pkgconf
watch   | cpp-httplib         | header:httplib.h               | libcpp-httplib-dev   | cpp-httplib-devel    | cpp-httplib
debug   | gdb                 | command:gdb                    | gdb                  | gdb                  | gdb
docs    | Doxygen             | command:doxygen                | doxygen              | doxygen              | doxygen
docs    | Graphviz            | command:dot                    | graphviz             | graphviz             | graphviz
theme   | Doxygen theme       | file:/usr/share/doxygen-awesome-css/doxygen-awesome.css | doxygen-awesome-css | - | -
theme   | MathJax 2           | file:/usr/share/javascript/mathjax/MathJax.js           | libjs-mathjax       | mathjax | -
bench   | Python              | command:python3                | python3              | python3              | python
bench   | Python environments | python:ensurepip               | python3-venv         | python3              | python
lint    | Python              | command:python3                | python3              | python3              | python
lint    | clang-format 14     | command:clang-format-14        | clang-format-14      | -                    | -
lint    | git                 | command:git                    | git                  | git                  | git
browser | Chromium            | command:chromium               | chromium             | chromium             | -
fuzz    | clang++ 14          | command:clang++-14             | clang-14             | clang                | llvm
fuzz    | libFuzzer           | file:/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.fuzzer-x86_64.a | libclang-rt-14-dev | compiler-rt | llvm
aarch64 | AArch64 compiler    | command:aarch64-linux-gnu-g++  | g++-aarch64-linux-gnu | gcc-c++-aarch64-linux-gnu | -
aarch64 | AArch64 emulator    | command:qemu-aarch64           | qemu-user            | qemu-user            | -
'

# debian, fedora, macos or other: whose package names to use.
system_family() {
  if [[ $(uname -s) == Darwin ]]; then echo macos; return; fi
  local ID='' ID_LIKE=''
  [[ -r /etc/os-release ]] && . /etc/os-release
  case " $ID $ID_LIKE " in
    *" debian "* | *" ubuntu "*) echo debian ;;
    *" fedora "* | *" rhel "*) echo fedora ;;
    *) echo other ;;
  esac
}

# "Debian GNU/Linux 12 (bookworm)", with WSL2 said where it is.
system_name() {
  local PRETTY_NAME=''
  [[ -r /etc/os-release ]] && . /etc/os-release
  [[ $(uname -s) == Darwin ]] && PRETTY_NAME="macOS $(sw_vers -productVersion 2>/dev/null)"
  grep -qi microsoft /proc/sys/kernel/osrelease 2>/dev/null && PRETTY_NAME+=' under WSL2'
  echo "${PRETTY_NAME:-$(uname -s)}"
}

# is_there TEST: whether a piece is installed.
is_there() {
  local what=${1#*:} folder
  case $1 in
    command:*) command -v "$what" >/dev/null ;;
    file:*) [[ -e $what ]] ;;
    python:*) command -v python3 >/dev/null && python3 -c "import $what" 2>/dev/null ;;
    header:*)
      local places=${CPATH-}:${CMAKE_PREFIX_PATH-}
      for folder in ${places//[:;]/ } /usr /usr/local /opt/homebrew /usr/include/*-linux-gnu; do
        [[ -e $folder/$what || -e $folder/include/$what ]] && return
      done
      return 1 ;;
  esac
}

# missing_pieces NEED...: one line "name|package" for each piece that is not there.
missing_pieces() {
  local need name test debian fedora brew package family
  family=$(system_family)
  while IFS='|' read -r need name test debian fedora brew; do
    need=${need// /} test=${test// /}
    [[ -n $need && " $* " == *" $need "* ]] || continue
    is_there "$test" && continue
    case $family in fedora) package=$fedora ;; macos) package=$brew ;; *) package=$debian ;; esac
    name=${name# }
    echo "${name%"${name##*[! ]}"}|${package// /}"
  done <<<"$kPieces" | awk '!seen[$0]++'
}

# ensure NEED...: lists all that is missing in one block, installs it, or prints the one line to run (exit 3).
ensure() {
  local missing packages install as
  missing=$(missing_pieces "$@")
  [[ -z $missing ]] && return
  packages=$(cut -d'|' -f2 <<<"$missing" | grep -vx -e - | sort -u | tr '\n' ' ')
  say "$(system_name) lacks $(wc -l <<<"$missing" | tr -d ' ') piece(s) that this needs:"
  awk -F'|' '{ printf "  %-20s %s\n", $1, $2 == "-" ? "(no package of this system)" : "package " $2 }' <<<"$missing" >&2
  [[ -n $packages ]] || fail 3 "this system has no package of what is missing" \
    "use Debian 12, Ubuntu 24.04 or WSL2, which have all of it, or install it by hand"
  case $(system_family) in
    debian) install='apt-get install -y --no-install-recommends' ;;
    fedora) fail 3 "packages are missing" "sudo dnf install ${packages% }" ;;
    macos) fail 3 "packages are missing; macOS is not tested: Debian 12 or WSL2 is" "brew install ${packages% }" ;;
    *) fail 3 "packages are missing (their Debian names are above)" "install them with this system's own tool" ;;
  esac
  if [[ $(id -u) == 0 ]]; then as=''
  elif command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then as='sudo '
  else fail 3 "packages are missing, and only root can install them" "su -c 'apt-get update && $install ${packages% }'"
  fi
  apt_install "$as" "$install ${packages% }"
  missing=$(missing_pieces "$@")
  [[ -z $missing ]] && return
  if grep -q Catch2 <<<"$missing"; then
    fail 3 "this system's catch2 is not version 2.13, which the tests are written for" \
      "lessons run without it: ./course lesson; for the tests use Debian 12"
  fi
  fail 3 "still missing after the installation: $(cut -d'|' -f1 <<<"$missing" | paste -sd,)" "./course doctor"
}

# wish LOSS NEED...: asks for those of which this system has a package, but the work goes on without; LOSS says how.
wish() {
  local loss=$1
  shift
  missing_pieces "$@" | grep -qv '|-$' || return 0
  (ensure "$@") || say "going on without: $(missing_pieces "$@" | cut -d'|' -f1 | paste -sd,); $loss"
}

# apt_install SUDO COMMAND: quiet, with a log that is shown only when it fails.
apt_install() {
  local log=$root/build/install.log
  check_writable "$root/build"
  say "installing: $1$2"
  if ! { $1 env DEBIAN_FRONTEND=noninteractive apt-get update &&
         $1 env DEBIAN_FRONTEND=noninteractive $2; } >"$log" 2>&1 </dev/null; then
    tail -n 15 "$log" >&2
    fail 3 "the installation failed (all of it is in build/install.log)" "$1apt-get update && $1$2"
  fi
}
