#!/usr/bin/env bash
# Times training steps of this project and of another program in turn, and compares the medians:
#   scripts/compare-peer.sh [-n PAIRS] CONFIG 'PEER COMMAND' [ARGUMENTS of moe bench step]
# The peer prints one JSON line with tokens_per_second and gemm_peak_gflops, as `moe bench step --json` does. Both get the
# same number of threads: OMP_NUM_THREADS, default all processors. Example, five pairs in BF16:
#   scripts/compare-peer.sh bench-small 'python3 torch_gpt_moe.py --precision bf16' --set train.precision=bf16
# On Linux peak resident memory is compared too: ours up to the last step, as `moe bench step` reports it; the peer's by
# looking twice a second at the high-water marks of its process and their children, added up.
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
peer_process=
# A process in the background does not get the terminal's Ctrl-C.
trap '[[ -z $peer_process ]] || kill "$peer_process" 2>/dev/null || true; rm -rf "$work"' EXIT

# value NAME FILE: a number of the last JSON line.
value() {
  local number
  number=$(optional_value "$1" "$2")
  [[ -n $number ]] || { echo "$0: no $1 in the output:" >&2; cat "$2" >&2; exit 3; }
  echo "$number"
}

# optional_value NAME FILE: the same, nothing if it is not there.
optional_value() {
  grep '^{' "$2" | tail -n 1 | sed -n "s/.*\"$1\" *: *\([-0-9.eE+]*\).*/\1/p"
}

median() {
  sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# peak_of PROCESS: the sum in KiB of the high-water marks of a process and all below it, in $sum; 0 once it has gone.
peak_of() {
  local todo=("$1") children=() status= process list child
  sum=0
  while ((${#todo[@]})); do
    process=${todo[0]}
    todo=("${todo[@]:1}")
    { IFS= read -r -d '' status <"/proc/$process/status" || true; } 2>/dev/null
    if [[ $status == *VmHWM:* ]]; then # not of one that has ended
      status=${status#*VmHWM:}
      sum=$((sum + ${status%%kB*}))
    fi
    status=
    for list in "/proc/$process/task/"*/children; do
      { read -r -a children <"$list" || true; } 2>/dev/null
      for child in ${children[@]+"${children[@]}"}; do
        todo+=("$child")
      done
      children=()
    done
  done
}

# run_peer: runs the peer to its end, and leaves the largest peak_of seen in $peer_kib, 0 if none was.
run_peer() {
  local sum status=0
  peer_kib=0
  if [[ ! -r /proc/self/status ]]; then
    $peer >"$work/peer" 2>"$work/peer.log"
    return
  fi
  # Reading with a limit from a pipe that nobody writes to is a pause without a process of its own.
  [[ -p $work/pause ]] || mkfifo "$work/pause"
  exec 9<>"$work/pause"
  $peer >"$work/peer" 2>"$work/peer.log" 9>&- &
  peer_process=$!
  while kill -0 "$peer_process" 2>/dev/null; do
    peak_of "$peer_process"
    ((sum <= peer_kib)) || peer_kib=$sum
    read -r -t 0.5 -u 9 || true
  done
  wait "$peer_process" || status=$?
  peer_process=
  return "$status"
}

printf '%-5s %12s %12s %7s %14s %14s\n' pair 'ours tok/s' 'peer tok/s' ratio 'our ceiling' 'peer ceiling'
for ((pair = 1; pair <= pairs; pair++)); do
  "$here/moe" bench step --config "$config" --json "$@" >"$work/ours" 2>"$work/ours.log" ||
    { cat "$work/ours.log" >&2; exit 3; }
  run_peer || { cat "$work/peer.log" >&2; exit 3; }
  ours=$(value tokens_per_second "$work/ours")
  theirs=$(value tokens_per_second "$work/peer")
  echo "$ours" >>"$work/ours.all"
  echo "$theirs" >>"$work/peer.all"
  awk -v a="$ours" -v b="$theirs" 'BEGIN { print a / b }' >>"$work/ratio.all"
  value mfu "$work/ours" >>"$work/mfu.all"
  our_bytes=$(optional_value peak_resident_bytes "$work/ours") || our_bytes=
  if [[ -n $our_bytes ]] && ((peer_kib > 0)); then
    echo "$our_bytes" >>"$work/our_bytes.all"
    echo "$peer_kib" >>"$work/peer_kib.all"
  fi
  awk -v pair="$pair" -v a="$ours" -v b="$theirs" \
    -v c="$(value gemm_peak_gflops "$work/ours")" -v d="$(value gemm_peak_gflops "$work/peer")" \
    'BEGIN { printf "%-5s %12.1f %12.1f %7.3f %14.1f %14.1f\n", pair, a, b, a / b, c, d }'
done
awk -v a="$(median <"$work/ours.all")" -v b="$(median <"$work/peer.all")" -v r="$(median <"$work/ratio.all")" \
  -v m="$(median <"$work/mfu.all")" 'BEGIN {
    printf "medians: ours %.1f, peer %.1f tok/s, quotient %.3f, median of the pairs'"'"' ratios %.3f, our MFU %.3f\n", a, b, a / b, r, m
  }'
if [[ -s $work/our_bytes.all ]]; then
  awk -v a="$(median <"$work/our_bytes.all")" -v b="$(median <"$work/peer_kib.all")" 'BEGIN {
      a /= 2 ^ 30; b /= 2 ^ 20
      printf "peak resident memory, medians: ours %.3f GiB, peer %.3f GiB, quotient %.3f\n", a, b, a / b
    }'
else
  echo 'peak resident memory: not compared, as it is not told on this system'
fi
