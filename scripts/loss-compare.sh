#!/usr/bin/env bash
# Compares the training steps of two runs, digit for digit: scripts/loss-compare.sh RUN_A RUN_B
# Exit 0 when both logged the same steps with the same losses and gradient norms; 1 with the first differences; 2 when a run
# has no steps to compare.
set -euo pipefail

[[ $# -eq 2 ]] || { echo "usage: $0 RUN_A RUN_B" >&2; exit 2; }

# One line a step: step, loss, lmLoss, gradNorm. Validation lines have no lmLoss.
steps() {
  local metrics=$1/metrics.jsonl
  [[ -f $metrics ]] || { echo "$1 has no metrics.jsonl" >&2; exit 2; }
  awk '
    function value(name,    text) {
      if (!match($0, "\"" name "\" *: *[^,} ]+")) {
        printf "%s:%d: no %s\n", FILENAME, FNR, name > "/dev/stderr"
        failed = 1
        exit 2
      }
      text = substr($0, RSTART, RLENGTH)
      sub(/^"[^"]*" *: */, "", text)
      return text
    }
    /"lmLoss" *:/ { print value("step"), value("loss"), value("lmLoss"), value("gradNorm"); rows++ }
    END {
      if (!failed && !rows) {
        printf "%s has no training steps\n", FILENAME > "/dev/stderr"
      }
      if (failed || !rows) {
        exit 2
      }
    }' "$metrics"
}

first=$(steps "$1")
second=$(steps "$2")
if [[ $first == "$second" ]]; then
  echo "equal: $(wc -l <<<"$first" | tr -d ' ') steps, last $(tail -n 1 <<<"$first")"
else
  echo "different; step, loss, lmLoss and gradNorm, $1 left, $2 right:"
  diff --side-by-side --width=200 --suppress-common-lines <(echo "$first") <(echo "$second") | head -n 5 || true
  exit 1
fi
