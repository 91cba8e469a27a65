#!/usr/bin/env bash
# Compares the training losses of two runs, bit for bit: scripts/loss-compare.sh RUN_A RUN_B
# Exit 0 when both logged the same steps with the same losses; 1 with the first difference otherwise.
set -euo pipefail

[[ $# -eq 2 ]] || { echo "usage: $0 RUN_A RUN_B" >&2; exit 2; }

losses() {
  [[ -f $1/metrics.jsonl ]] || { echo "$1 has no metrics.jsonl" >&2; exit 2; }
  sed -n 's/^{"step":\([0-9]*\),"tokens":[0-9]*,"loss":\([^,]*\),.*/\1 \2/p' "$1/metrics.jsonl"
}

first=$(losses "$1")
second=$(losses "$2")
if [[ $first == "$second" ]]; then
  echo "equal: $(wc -l <<<"$first" | tr -d ' ') steps, last $(tail -n 1 <<<"$first")"
else
  echo "different; step and loss, $1 left, $2 right:"
  diff --side-by-side --suppress-common-lines <(echo "$first") <(echo "$second") | head -n 5 || true
  exit 1
fi
