#!/usr/bin/env bash
# Compares the training steps of two runs, digit for digit: scripts/loss-compare.sh [-t TOLERANCE] RUN_A RUN_B
# Exit 0 when both logged the same steps with the same losses and gradient norms; 1 with the first differences; 2 when a run
# has no steps to compare. With -t, runs of the same steps whose losses differ by at most TOLERANCE pass too, and are called close.
set -euo pipefail

usage="usage: $0 [-t TOLERANCE] RUN_A RUN_B"
tolerance=
if [[ ${1:-} == -t ]]; then
  tolerance=${2:?$usage}
  [[ $tolerance =~ ^[0-9]*[.]?[0-9]+([eE][-+]?[0-9]+)?$ ]] || { echo "$0: -t $tolerance is no number" >&2; exit 2; }
  shift 2
fi
[[ $# -eq 2 ]] || { echo "$usage" >&2; exit 2; }

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
elif [[ -n $tolerance ]] && paste <(echo "$first") <(echo "$second") | awk -v most="$tolerance" '
  # A number that is none, such as "NaN", is close to nothing.
  NF != 8 || $1 != $5 || $2 !~ /^[-0-9]/ || $6 !~ /^[-0-9]/ { exit failed = 1 }
  { apart = $2 > $6 ? $2 - $6 : $6 - $2; if (apart > largest) largest = apart; if (apart > most + 0) exit failed = 1 }
  END { if (!failed) printf "close: %d steps, losses at most %g apart\n", NR, largest; exit failed }'; then
  :
else
  echo "different; step, loss, lmLoss and gradNorm, $1 left, $2 right:"
  diff --side-by-side --width=200 --suppress-common-lines <(echo "$first") <(echo "$second") | head -n 5 || true
  exit 1
fi
