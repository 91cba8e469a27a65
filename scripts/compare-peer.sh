#!/usr/bin/env bash
# Times training steps of this project and of another program in turn, and compares the medians:
#   scripts/compare-peer.sh [-n PAIRS] CONFIG 'PEER COMMAND' [ARGUMENTS of moe bench step]
# The peer prints one JSON line with tokens_per_second and gemm_peak_gflops, as `moe bench step --json` does. Both get the
# same number of threads: OMP_NUM_THREADS, default all processors. Example, five pairs in BF16:
#   scripts/compare-peer.sh bench-small 'python3 torch_gpt_moe.py --precision bf16' --set train.precision=bf16
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
usage="usage: $0 [-n PAIRS] CONFIG 'PEER COMMAND' [ARGUMENTS of moe bench step]"
pairs=5
if [[ ${1:-} == -n ]]; then
  pairs=${2:?$usage}
  shift 2
fi
config=${1:?$usage}
peer=${2:?$usage}
shift 2
[[ $pairs =~ ^[1-9][0-9]*$ ]] || { echo "$0: PAIRS must be a whole number from 1 on, not $pairs" >&2; exit 2; }

export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$(nproc)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# value NAME FILE: a number of the last JSON line.
value() {
  local number
  number=$(grep '^{' "$2" | tail -n 1 | sed -n "s/.*\"$1\" *: *\([-0-9.eE+]*\).*/\1/p")
  [[ -n $number ]] || { echo "$0: no $1 in the output:" >&2; cat "$2" >&2; exit 3; }
  echo "$number"
}

median() {
  sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

printf '%-5s %12s %12s %7s %14s %14s\n' pair 'ours tok/s' 'peer tok/s' ratio 'our ceiling' 'peer ceiling'
for ((pair = 1; pair <= pairs; pair++)); do
  "$here/moe" bench step --config "$config" --json "$@" >"$work/ours" 2>"$work/ours.log" ||
    { cat "$work/ours.log" >&2; exit 3; }
  $peer >"$work/peer" 2>"$work/peer.log" || { cat "$work/peer.log" >&2; exit 3; }
  ours=$(value tokens_per_second "$work/ours")
  theirs=$(value tokens_per_second "$work/peer")
  echo "$ours" >>"$work/ours.all"
  echo "$theirs" >>"$work/peer.all"
  awk -v a="$ours" -v b="$theirs" 'BEGIN { print a / b }' >>"$work/ratio.all"
  value mfu "$work/ours" >>"$work/mfu.all"
  awk -v pair="$pair" -v a="$ours" -v b="$theirs" \
    -v c="$(value gemm_peak_gflops "$work/ours")" -v d="$(value gemm_peak_gflops "$work/peer")" \
    'BEGIN { printf "%-5s %12.1f %12.1f %7.3f %14.1f %14.1f\n", pair, a, b, a / b, c, d }'
done
awk -v a="$(median <"$work/ours.all")" -v b="$(median <"$work/peer.all")" -v r="$(median <"$work/ratio.all")" \
  -v m="$(median <"$work/mfu.all")" 'BEGIN {
    printf "medians: ours %.1f, peer %.1f tok/s, quotient %.3f, median of the pairs'"'"' ratios %.3f, our MFU %.3f\n", a, b, a / b, r, m
  }'
