#!/usr/bin/env bash
# Kills a run with SIGKILL at random moments, repeats the same command after each, and compares its losses with those of an
# uninterrupted run: scripts/kill-and-resume.sh CONFIG [KILLS [SEED]] [-- further arguments of moe pretrain]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
config=${1:?usage: $0 CONFIG [KILLS [SEED]] [-- ARGUMENTS]}
shift
kills=5 seed=1
[[ $# -gt 0 && $1 != -- ]] && { kills=$1; shift; }
[[ $# -gt 0 && $1 != -- ]] && { seed=$1; shift; }
[[ $# -gt 0 ]] && shift
RANDOM=$seed

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Both runs begin with the form of attention that the first one measures, whatever happens to the user's table meanwhile.
export MOE_ATTENTION_TABLE=${MOE_ATTENTION_TABLE:-$work/attention.json}

start=$SECONDS
"$here/moe" pretrain --config "$config" --out "$work/whole" "$@" >"$work/whole.log" 2>&1 || { cat "$work/whole.log"; exit 1; }
whole=$((SECONDS - start))
echo "uninterrupted: $whole s"

for ((kill = 1; kill <= kills; kill++)); do
  # Between 3 s and the length of the whole run divided by two: some die before the first step, some in a save.
  delay=$((3 + RANDOM % (whole / 2 + 1)))
  "$here/moe" pretrain --config "$config" --out "$work/killed" "$@" >>"$work/killed.log" 2>&1 &
  pid=$!
  sleep "$delay"
  if kill -KILL "$pid" 2>/dev/null; then
    wait "$pid" 2>/dev/null || true
    echo "kill $kill after $delay s, at step $(grep -c '"lmLoss"' "$work/killed/metrics.jsonl" 2>/dev/null || echo 0)"
  else
    wait "$pid" && echo "kill $kill came after the end of the run"
  fi
done
"$here/moe" pretrain --config "$config" --out "$work/killed" "$@" >>"$work/killed.log" 2>&1 || { tail "$work/killed.log"; exit 1; }
"$here/scripts/loss-compare.sh" "$work/whole" "$work/killed"
