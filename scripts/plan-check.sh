#!/usr/bin/env bash
# Compares what `moe plan` predicts with what training steps hold, on the CPU, for six configurations that differ in
# recomputation, ZeRO, micro-batch, experts, precision and where the optimizer is:
#   scripts/plan-check.sh [-l] [-j FILE] [ARGUMENTS of moe bench step]
# Each is measured in a process of its own, with two ranks where ZeRO or expert parallelism wants them. Measured is the largest
# resident set less what was resident before the model was made, with every array above 1 MiB mapped for itself and Java's heap
# resident from the start: then the difference is what the program holds in arrays, without memory that the C library's heap
# keeps after it was freed, and without what Java's heap has grown by. -l also
# measures as the launcher starts a run, with that heap. -j writes the table as JSON. Needs Linux and 7 GiB of memory; about
# five minutes, with -l eight. The exit code is 1 if an error passes a tenth.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
usage="usage: $0 [-l] [-j FILE] [ARGUMENTS of moe bench step]"
json= launcher=no
while [[ ${1:-} == -[lj] ]]; do
  if [[ $1 == -l ]]; then
    launcher=yes
    shift
  else
    json=${2:?$usage}
    shift 2
  fi
done
[[ -r /proc/self/status ]] || { echo "$0: this system does not tell the resident set (no /proc)" >&2; exit 3; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rows=$work/rows
: >"$rows"

# value NAME FILE: a number of the JSON line in the file.
value() {
  local number
  number=$(grep '^{' "$2" | tail -n 1 | sed -n "s/.*\"$1\" *: *\([-0-9.eE+]*\).*/\1/p")
  [[ -n $number ]] || { echo "$0: no $1 in the output:" >&2; cat "$2" >&2; exit 3; }
  echo "$number"
}

# plan_value NAME: of bytesPerDevice in the plan; the layers have totals too.
plan_value() {
  sed -n 's/.*"bytesPerDevice":{\([^}]*}[^}]*\)}.*/{\1}/p' "$work/plan" >"$work/bytes"
  value "$1" "$work/bytes"
}

# measure [VARIABLE=VALUE]: the resident memory of steps, in $measured.
measure() {
  env "$@" "$here/moe" bench step --config bench-small --devices "$devices" --warm-up 1 --steps 3 --json "${sets[@]}" \
    ${more[@]+"${more[@]}"} >"$work/step" 2>"$work/log" || { cat "$work/log" >&2; exit 3; }
  local before peak
  before=$(value resident_before_bytes "$work/step")
  peak=$(value peak_resident_bytes "$work/step")
  measured=$((peak - before))
}

# check NAME DEVICES KEY=VALUE ...
check() {
  local name=$1 devices=$2 sets=() set measured held heap=0
  shift 2
  for set in "$@"; do sets+=(--set "$set"); done
  "$here/moe" plan --config bench-small --device cpu --devices "$devices" --json "${sets[@]}" >"$work/plan" 2>"$work/log" ||
    { cat "$work/log" >&2; exit 3; }
  measure MALLOC_MMAP_THRESHOLD_=1048576 MOE_HEAP=1g "MOE_JAVA_OPTIONS=-Xms1g -XX:+AlwaysPreTouch"
  held=$measured
  if [[ $launcher == yes ]]; then
    measure
    heap=$measured
  fi
  awk -v name="$name" -v devices="$devices" -v sets="$*" -v total="$(plan_value total)" -v held="$held" -v heap="$heap" 'BEGIN {
      planned = devices * total
      printf "%s|%d|%s|%.0f|%.0f|%.4f|%.0f\n", name, devices, sets, planned, held, planned / held - 1, heap
    }' >>"$rows"
  tail -n 1 "$rows" | print_row
}

print_row() {
  awk -F'|' '{ m = 2 ^ 20; printf "%-14s %7d %10.0f %12.0f %7.1f%% %12s   %s\n",
    $1, $2, $4 / m, $5 / m, 100 * $6, $7 ? sprintf("%.0f", $7 / m) : "-", $3 }'
}

more=("$@")
printf '%-14s %7s %10s %12s %8s %12s   %s\n' config devices 'plan MiB' 'measured MiB' error 'launcher MiB' settings
check plain 1 train.globalBatch=8 train.microBatch=8
check recompute 1 train.globalBatch=16 train.microBatch=16 train.recompute=all
check zero2 2 train.globalBatch=8 train.microBatch=4 train.zeroStage=2
check experts4 1 train.globalBatch=8 train.microBatch=4 model.experts=4 train.headChunk=128
check experts-split 2 train.globalBatch=16 train.microBatch=8 model.experts=8 model.residual=true train.precision=bf16 \
  train.zeroStage=1 train.expertParallel=2 train.recompute=moe
check offload 2 train.globalBatch=8 train.microBatch=4 train.zeroStage=2 train.offloadOptimizer=cpu
if [[ -n $json ]]; then
  awk -F'|' 'BEGIN { print "[" } {
      printf "%s  {\"config\": \"%s\", \"devices\": %d, \"sets\": \"%s\", \"plannedBytes\": %s, ", separator, $1, $2, $3, $4
      printf "\"measuredBytes\": %s, \"error\": %s, \"launcherBytes\": %s}", $5, $6, $7 ? $7 : "null"
      separator = ",\n"
    } END { print "\n]" }' "$rows" >"$json"
fi
awk -F'|' '{ error = $6 < 0 ? -$6 : $6; if (error > largest) largest = error } END {
    printf "largest error: %.1f %%\n", 100 * largest
    exit largest > 0.1
  }' "$rows"
