# SPDX-License-Identifier: MIT
# Joins PyTorch's times (first file: name, seconds) with ours (name, seconds, operations, bytes, cuBLAS's seconds or -).
# Ratio: the peer's time / ours, so above 1 ours is faster; goal: what the project wants to reach.
function time_text(s) { return s >= 1 ? sprintf("%.2f s", s) : s >= 1e-3 ? sprintf("%.2f ms", s * 1e3) : sprintf("%.1f us", s * 1e6) }
function goal_of(name) {
  if (name ~ /^matmul .* float32/) return 0.9
  if (name ~ /^matmul/) return arch >= 90 ? 0.6 : 0.8
  if (name ~ /^conv/) return 0.8
  if (name ~ /^step resnet18/) return 1
  if (name ~ /^step/) return 2
  return 0
}
BEGIN { printf "\n%-52s %10s %14s %10s %-8s %6s %5s\n", "case", "ours", "rate", "peer", "", "ratio", "goal" }
FILENAME == ARGV[1] { torch[$1] = $2; next }
{
  rate = $3 > 0 ? sprintf("%.1f TFLOP/s", $3 / $2 / 1e12) : $4 > 0 ? sprintf("%.0f GB/s", $4 / $2 / 1e9) : "-"
  peer = $5 != "-" ? $5 : $1 in torch ? torch[$1] : 0
  who = $5 != "-" ? "cuBLAS" : $1 in torch ? ($1 ~ /^conv/ ? "cuDNN" : "PyTorch") : ""
  goal = goal_of($1)
  ratio = peer ? peer / $2 : 0
  printf "%-52s %10s %14s %10s %-8s %6s %5s%s\n", $1, time_text($2), rate, peer ? time_text(peer) : "-", who,
         peer ? sprintf("%.2f", ratio) : "-", goal ? goal : "-", peer && goal && ratio < goal ? " below" : ""
}
