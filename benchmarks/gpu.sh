#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# All that needs a GPU, in one go of less than eight minutes and one table: builds the kernels for this GPU, runs the op
# table and the tests of streams, memory, graphs and optimisers on it, runs part of them under compute-sanitizer, and times
# products, convolutions, reductions and training steps beside cuBLAS and PyTorch (and by it cuDNN), each where it is there.
# Needs nvcc, CMake and g++; no network.
#
#     benchmarks/gpu.sh [--out FILE] [--build FOLDER] [--minutes N]
#
# Without a GPU everything is built all the same, the op table runs on the simulator, and the exit code is 3.
# Exit codes: 0 all of it done and right, but for what is not installed (compute-sanitizer, PyTorch; the table says so);
# 1 something failed, crashed or took too long; 2 bad usage; 3 there is no GPU or compiler.
set -uo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd) || exit 3
build=$root/build/gpu out='' minutes=8
kOldestGpu=75
# For compute-sanitizer, under which kernels run some ten times slower: one case for each kind of kernel.
kQuickSuite=('op table: softmax*' 'op table: matmul of matrices' 'op table: attention in one kernel' 'op table: layer_norm*'
  'op table: gather*' 'op table: batch_norm in evaluation' 'op table: sort*' 'op table: cross_entropy*' 'gpu: *')
# For racecheck besides: it watches shared memory, which the kernels of tensor cores use most.
kRaceSuite=('op table: products on tensor cores*' 'op table: convolutions on tensor cores*')

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "error: $2"
  [[ -n ${3-} ]] && say "try:   $3"
  exit "$1"
}
while (($#)); do
  case $1 in
    --out) out=${2-}; shift ;;
    --build) build=$(realpath -m "${2-}"); shift ;;
    --minutes) minutes=${2-}; shift ;;
    *) fail 2 "unknown option '$1'" "benchmarks/gpu.sh [--out FILE] [--build FOLDER] [--minutes N]" ;;
  esac
  shift
done
[[ $minutes =~ ^[1-9][0-9]{0,2}$ ]] || fail 2 "--minutes needs a whole number from 1 to 999"
left() { echo $((minutes * 60 - SECONDS > 1 ? minutes * 60 - SECONDS : 1)); }

# --- what is here ---
nvcc=$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null)
for tool in cmake g++; do command -v "$tool" >/dev/null || fail 3 "there is no $tool" "install $tool"; done
gpu=$(timeout 20 nvidia-smi --query-gpu=name,compute_cap,driver_version --format=csv,noheader 2>/dev/null | head -n 1)
arch=$(cut -d, -f2 <<<"$gpu" | tr -cd 0-9)
if [[ -z $nvcc ]]; then device=sim why='there is no nvcc'
elif [[ -z $gpu ]]; then device=sim why='there is no GPU'
elif ((${arch:-0} < kOldestGpu)); then device=sim why="this GPU ($gpu) is older than sm_$kOldestGpu"
else device=cuda why=''; fi
mkdir -p "$build" || fail 3 "cannot write $build"
table=$build/table.txt
: >"$table"
status=0
# row WHAT RESULT: a line of the first part of the table.
row() {
  printf '%-24s %s\n' "$1" "$2" | tee -a "$table" >&2
}
bad() {
  status=1
  row "$1" "$2"
}
# first_failure LOG: the line to show of a program that failed or crashed.
first_failure() {
  { grep -m 1 -h '^FAILED: ' "$1" || tail -n 1 "$1"; } | cut -c1-90
}

# --- build ---
job_count() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/MemAvailable/ { print int($2 / 1500000) }' /proc/meminfo)
  ((memory < cores)) && cores=$((memory > 0 ? memory : 1))
  echo "${COURSE_JOBS:-$cores}"
}
build_all() {
  local options=(-S "$root" -B "$build" -DMT_BARE=ON -DMT_WERROR=OFF -DMT_CUDA=OFF) generator
  command -v ninja >/dev/null && generator=Ninja || generator='Unix Makefiles'
  [[ -e $build/CMakeCache.txt ]] || options+=(-G "$generator")
  [[ -n $nvcc ]] && options+=(-DMT_CUDA=ON "-DCMAKE_CUDA_COMPILER=$nvcc"
    "-DCMAKE_CUDA_ARCHITECTURES=$([[ $device == cuda ]] && echo "${arch/#90/90a}-real" || echo 75-virtual)")
  cmake "${options[@]}" && timeout "$(left)" cmake --build "$build" -j "$(job_count)" --target gpu_ops gpu_bench
}
printf '# %s: %s%s, commit %s\n' "$(date +%F)" "${gpu:-no GPU}" "${nvcc:+, nvcc $("$nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')}" \
  "$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)" | tee -a "$table" >&2
say "building in $build"
began=$SECONDS
if ! build_all >"$build/build.log" 2>&1; then
  tail -n 30 "$build/build.log" >&2
  fail 1 "it does not build, or not in time ($((SECONDS - began)) s)" "all of it is in $build/build.log"
fi
row build "kernels ${nvcc:+for $([[ $device == cuda ]] && echo "sm_$arch" || echo 'compute_75, ')and }for the simulator, op table, benchmark: $((SECONDS - began)) s"

# --- the op table ---
began=$SECONDS
if MT_TEST_DEVICE=$device timeout "$(left)" "$build/gpu_ops" >"$build/ops.log" 2>&1; then
  row "op table on $device" "$(tail -n 1 "$build/ops.log"), $((SECONDS - began)) s"
else
  bad "op table on $device" "FAILED (code $?): $(grep -m 1 -h FAILED "$build/ops.log" || tail -n 1 "$build/ops.log"); see $build/ops.log"
fi
if [[ $device == sim ]]; then
  "$build/gpu_bench" sim 0.02 >"$build/bench.tsv" 2>"$build/bench.log" && [[ -s $build/bench.tsv ]] ||
    bad 'benchmark on sim' "FAILED: $(first_failure "$build/bench.log"); see $build/bench.log"
  row 'not done' "$why: nothing ran on one, and nothing was timed"
  [[ -n $out ]] && cp "$table" "$out"
  ((status)) && exit 1
  exit 3
fi

# --- compute-sanitizer ---
sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer /usr/local/cuda/compute-sanitizer/compute-sanitizer 2>/dev/null | head -n 1)
# sanitize LABEL TOOL CASE...: numbers that come out wrong under the tool are a failure as well as what it finds, and so is a
# run that did not come to its end: nothing is known then.
sanitize() {
  local label=$1 tool=$2 log="$build/${1// /_}.log" began=$SECONDS patience code
  patience=$(left)
  ((patience < 50)) || patience=50
  shift 2
  if [[ -z $sanitizer ]]; then
    row "$label" 'not done: there is no compute-sanitizer'
    return
  fi
  MT_TEST_DEVICE=cuda MT_CUDA_REUSE=0 timeout "$patience" "$sanitizer" --tool "$tool" --error-exitcode 9 "$build/gpu_ops" "$@" >"$log" 2>&1
  code=$?
  if ((code == 9)); then bad "$label" "FAILED: $(grep -m 1 -h '=========' "$log" | cut -c1-90); see $log"
  elif grep -q '^FAILED: ' "$log"; then bad "$label" "$(grep -m 1 -h '^FAILED: ' "$log" | cut -c1-90), nothing found by $tool; see $log"
  elif ((code == 0)); then row "$label" "nothing found in $(grep -h 'cases failed' "$log"), $((SECONDS - began)) s"
  elif ((code == 124)); then bad "$label" "FAILED: it took longer than $patience s; see $log"
  else bad "$label" "FAILED (code $code): $({ grep -m 1 -h -i 'error' "$log" || tail -n 1 "$log"; } | cut -c1-90); see $log"; fi
}
for tool in memcheck racecheck synccheck; do sanitize "$tool" "$tool" "${kQuickSuite[@]}"; done
sanitize 'racecheck tensor cores' racecheck "${kRaceSuite[@]}"

# --- times ---
say 'measuring'
timeout "$(($(left) * 6 / 10))" "$build/gpu_bench" cuda 0.2 >"$build/bench.tsv" 2>"$build/bench.log"
code=$?
if ((code == 124)); then bad times 'incomplete: the time is up'
elif ((code)); then bad times "FAILED (code $code): $(first_failure "$build/bench.log"); see $build/bench.log"; fi
: >"$build/peer.tsv"
if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
  timeout "$(left)" python3 "$root/benchmarks/gpu/peer.py" --seconds 0.2 <"$build/bench.tsv" >"$build/peer.tsv" 2>"$build/peer.log"
  code=$?
  if ((code == 124)); then bad PyTorch 'incomplete: the time is up'
  elif ((code)); then bad PyTorch "FAILED (code $code): $(tail -n 1 "$build/peer.log" | cut -c1-90); see $build/peer.log"; fi
else
  row PyTorch 'not measured: python3 has no torch that sees the GPU'
fi
awk -F '\t' -v arch="$arch" -f "$root/benchmarks/gpu/table.awk" "$build/peer.tsv" "$build/bench.tsv" | tee -a "$table"
row 'all of it' "$((SECONDS / 60)) min $((SECONDS % 60)) s"
[[ -n $out ]] && cp "$table" "$out"
exit $status
