#!/usr/bin/env bash
# Measures recall and precision of cleaning and deduplication: plants known faults in a copy of a corpus, deduplicates it, and compares.
#
# Use: scripts/plant-faults.sh CORPUS WORK [EVALUATION...]
#   CORPUS      folder or file with text; stays as it is
#   WORK        a new folder for the copy and the outputs
#   EVALUATION  JSON Lines files or folders; texts of them are planted and looked for
set -euo pipefail

[[ $# -ge 2 ]] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
moe=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)/moe
corpus=$1 work=$2
shift 2
against=()
[[ $# -eq 0 ]] || against=(--against "$@")

"$moe" data plant --input "$corpus" --out "$work/planted" ${against[@]+"${against[@]}"}
"$moe" data clean --input "$work/planted/corpus" --out "$work/cleaned"
"$moe" data dedup --input "$work/planted/corpus" --out "$work/unique" ${against[@]+"${against[@]}"}
"$moe" data plant --check "$work/planted" --deduplicated "$work/unique"
