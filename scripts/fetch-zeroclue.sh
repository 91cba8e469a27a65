#!/usr/bin/env bash
# Fetches the files of the nine ZeroCLUE tasks and lays them out as the readers expect: FOLDER/TASK/SPLIT.json.
#   scripts/fetch-zeroclue.sh [FOLDER]        default: data/zeroclue
# They are those of the repository CLUEbenchmark/FewCLUE, which has more splits than CLUEbenchmark/ZeroCLUE and the same rows
# (dev.json there is dev_0.json here). Needs git and a network; existing files of the same names are replaced.
#
# Licence: neither repository has one. Some of the rows have licences at their own sources: OCNLI is CC BY-NC 2.0, ChID
# Apache-2.0, CSL and CSLDCP Apache-2.0 or for personal research only, depending on the copy; for the others none was found. Use
# them for research only, do not commit them anywhere, and do not pass them on with models or programs.
set -euo pipefail

repository=https://github.com/CLUEbenchmark/FewCLUE.git
commit=62a02c6f31cf32814cfe522f78ef088228840f8d
tasks=(eprstmt csldcp tnews iflytek ocnli bustm chid csl cluewsc)
ENVIRONMENT_ERROR=3 # as in io.github.gptmoe.cli.ExitCode

target=${1:-data/zeroclue}
if [[ $# -gt 1 || $target == -* ]]; then
  printf 'usage: %s [FOLDER]\n' "$0" >&2
  exit 2
fi

clone=$(mktemp -d)
trap 'rm -rf "$clone"' EXIT
git clone --quiet --filter=blob:none --no-checkout "$repository" "$clone"
git -C "$clone" checkout --quiet "$commit" -- "${tasks[@]/#/datasets/}"

for task in "${tasks[@]}"; do
  mkdir -p "$target/$task"
  for file in "$clone/datasets/$task"/*.json; do
    # The repository has empty files where a task lacks a split.
    if [[ -s $file ]]; then
      cp "$file" "$target/$task/"
    fi
  done
  for split in train_0 dev_0 test_public test; do
    if [[ ! -s $target/$task/$split.json ]]; then
      printf '%s: %s has no datasets/%s/%s.json; its layout has changed\n' "$0" "$repository" "$task" "$split" >&2
      exit "$ENVIRONMENT_ERROR"
    fi
  done
done
printf 'nine tasks in %s; use them with --data %s\n' "$target" "$target"
