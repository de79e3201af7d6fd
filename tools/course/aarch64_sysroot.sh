#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# aarch64_sysroot.sh FOLDER: unpacks the ARM builds of zlib and Catch2 into FOLDER: what the tests link beside
# the compiler's own. Uses apt with state of its own, so the system neither gains an architecture nor a package.
set -euo pipefail
target=$(realpath -m "$1")
[[ -e $target/.complete ]] && exit
apt=$target/apt
rm -rf "$target"
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/packages"
touch "$apt/status"
options=(-o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o Dir::State="$apt" -o Dir::State::Lists="$apt/lists"
  -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o Debug::NoLocking=1 -o APT::Sandbox::User=root
  -o Dir::Etc::SourceParts=/etc/apt/sources.list.d)
apt-get "${options[@]}" -qq update >"$apt/log" 2>&1 || { cat "$apt/log" >&2; exit 1; }
(cd "$apt/packages" && apt-get "${options[@]}" -qq download zlib1g-dev:arm64 catch2:arm64) >>"$apt/log" 2>&1 ||
  { cat "$apt/log" >&2; exit 1; }
for package in "$apt"/packages/*.deb; do dpkg-deb -x "$package" "$target"; done
find "$target" -xtype l -delete  # libz.so, whose library is not among them: Doxygen trips over it
rm -rf "$apt"
touch "$target/.complete"
