#!/usr/bin/env bash
# What does more text for the vocabulary buy? Trains one vocabulary on all text and one on every fifth document, then for
# each seed a small model with either on the same text, and prints bits a byte and a character of text that neither saw:
#   scripts/tokenizer-ablation.sh CORPUS OUT [VOCABULARY] [SEED...]
# CORPUS is a folder with .jsonl or .jsonl.gz files. One document in fifty is held out of the vocabularies and the models. Both models
# take the same number of steps and read the same number of tokens; bits are counted over the same characters.
# An OUT that is there is gone on with. Environment: STEPS, default 1200. Needs python3.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
usage="usage: $0 CORPUS OUT [VOCABULARY] [SEED...]"
corpus=${1:?$usage}
out=${2:?$usage}
vocabulary=${3:-8000}
shift $(($# < 3 ? $# : 3))
[[ $# -gt 0 ]] || set -- 1 2
steps=${STEPS:-1200}
[[ -d $corpus ]] || { echo "$0: no folder $corpus" >&2; exit 2; }
command -v python3 >/dev/null || { echo "$0: python3 is missing" >&2; exit 3; }
"$here/moe" --version >/dev/null # builds if it has to
export MOE_NO_BUILD=1 PYTHONUTF8=1
mkdir -p "$out"

if [[ ! -e $out/train.jsonl ]]; then
  python3 - "$corpus" "$out" <<'PYTHON'
import glob, gzip, os, sys
corpus, out = sys.argv[1:]
train, fifth, held = (open(f"{out}/{name}", "w", newline="\n") for name in ("all.part", "fifth.jsonl", "held.jsonl"))
count = 0
for file in sorted(glob.glob(f"{corpus}/*.jsonl") + glob.glob(f"{corpus}/*.jsonl.gz")):
    with (gzip.open if file.endswith(".gz") else open)(file, "rt", encoding="utf-8", newline="\n") as rows:
        for row in filter(str.strip, rows):
            row = row.rstrip("\n") + "\n"
            if count % 50 == 0:
                held.write(row)
            else:
                train.write(row)
                if count % 5 == 1:
                    fifth.write(row)
            count += 1
if not count:
    sys.exit(f"no documents in {corpus}")
for written in train, fifth, held:
    written.close()
os.rename(f"{out}/all.part", f"{out}/all.jsonl")
PYTHON
  ln -s all.jsonl "$out/train.jsonl"
fi

for pieces in all fifth; do
  [[ -e $out/$pieces.model ]] ||
    "$here/moe" tokenizer train --input "$out/$pieces.jsonl" --vocabulary "$vocabulary" --model "$out/$pieces.model"
done
for seed in "$@"; do
  for pieces in all fifth; do
    run=$out/$pieces-$seed
    [[ -e $run/done ]] && continue
    "$here/moe" pretrain --config zh-small --out "$run" --set "data.train=$out/train.jsonl" --set "data.validation=$out/held.jsonl" \
      --set "data.tokenizer=$out/$pieces.model" --set "data.cache=$out/cache" --set "model.vocabulary=$vocabulary" \
      --set model.layers=4 --set model.hidden=192 --set model.heads=3 --set "model.experts=[4, 8]" \
      --set "train.steps=$steps" --set train.validateEvery=0 --set train.validationBatches=1000000 --set "train.seed=$seed" \
      --set checkpoint.everySteps=300 --set report.samplePrompt=
    touch "$run/done"
  done
done

python3 - "$out" "$@" <<'PYTHON'
import json, math, sys
out, seeds = sys.argv[1], sys.argv[2:]
held = [json.loads(row)["text"] for row in open(f"{out}/held.jsonl", encoding="utf-8")]
characters, size = sum(map(len, held)), sum(len(text.encode()) for text in held)
pieces = {name: {line.split("\t")[0] for line in open(f"{out}/{name}.vocab", encoding="utf-8")} for name in ("all", "fifth")}
print(f"held out: {len(held):,} documents, {characters:,} characters, {size:,} bytes; "
      f"{len(pieces['all'] & pieces['fifth']):,} of {len(pieces['all']):,} pieces are in both")
print("pieces from  seed  nats/token  bits/byte  bits/character")
bits = {}
for name in pieces:
    for seed in seeds:
        with open(f"{out}/{name}-{seed}/metrics.jsonl", encoding="utf-8") as rows:
            last = [row for row in map(json.loads, rows) if "bitsPerByte" in row][-1]
        bits[name, seed] = last["bitsPerByte"] * size / characters
        print(f"{name:11}  {seed:>4}  {last['validationLoss']:10.4f}  {last['bitsPerByte']:9.4f}  {bits[name, seed]:14.4f}")
for seed in seeds:
    change = bits["all", seed] - bits["fifth", seed]
    print(f"all - fifth, seed {seed}: {change:+.4f} bits a character ({change * math.log(2):+.4f} nats)")
PYTHON
