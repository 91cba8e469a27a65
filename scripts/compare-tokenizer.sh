#!/usr/bin/env bash
# Trains a vocabulary here and with SentencePiece's spm_train on the same text in the same run, and compares them:
#   scripts/compare-tokenizer.sh CORPUS [VOCABULARY] [FURTHER OPTIONS of moe tokenizer train]
# CORPUS is a folder with .jsonl or .jsonl.gz files (a field "text" a row). Of the sentences, which are the lines of the texts,
# one in fifty is held back; both programs train on the same file with the others. Printed are time and peak memory of
# both, the share of pieces that are the same, the share of held-back sentences that are cut alike, whether spm_encode and
# spm_decode give 10,000 sentences back as spm_normalize leaves them, and how fast one core encodes with each.
#
# Environment: PEER=no trains ours alone (for vocabularies that spm_train needs too long for); THREADS, default 2.
# Needs spm_train, spm_encode, spm_decode and spm_normalize (Debian: apt-get install sentencepiece), GNU time and python3.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
usage="usage: $0 CORPUS [VOCABULARY] [FURTHER OPTIONS of moe tokenizer train]"
corpus=${1:?$usage}
vocabulary=${2:-8000}
shift $(($# < 2 ? $# : 2))
threads=${THREADS:-2}
peer=${PEER:-yes}
for program in python3 /usr/bin/time spm_encode spm_decode spm_normalize $([[ $peer == no ]] || echo spm_train); do
  command -v "$program" >/dev/null || { echo "$0: $program is missing" >&2; exit 3; }
done
[[ -d $corpus ]] || { echo "$0: no folder $corpus" >&2; exit 2; }
"$here/moe" --version >/dev/null # builds if it has to
export MOE_NO_BUILD=1 PYTHONUTF8=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 - "$corpus" "$work" <<'PYTHON'
import glob, gzip, json, os, sys
corpus, work = sys.argv[1:]
train, held = open(f"{work}/train.txt", "w", newline="\n"), open(f"{work}/held.txt", "w", newline="\n")
count = 0
for file in sorted(glob.glob(f"{corpus}/*.jsonl") + glob.glob(f"{corpus}/*.jsonl.gz")):
    with (gzip.open if file.endswith(".gz") else open)(file, "rt", encoding="utf-8", newline="\n") as rows:
        for row in rows:
            for sentence in json.loads(row)["text"].split("\n") if row.strip() else []:
                if sentence.strip():
                    (held if count % 50 == 0 else train).write(sentence + "\n")
                    count += 1
if not count:
    sys.exit(f"no sentences in {corpus}")
for name in train, held:
    name.close()
    print(f"{os.path.basename(name.name)}: {os.path.getsize(name.name) / 1e6:.1f} MB")
PYTHON

exec 3>&2 # for messages while a program's own are redirected to its log
# timed NAME COMMAND...: seconds and KiB in $work/NAME.time. Ends the script with the status of a command that fails.
timed() {
  local name=$1
  shift
  /usr/bin/time -o "$work/$name.time" -f '%e %M' "$@" || { local status=$?; tail -n 5 "$work/$name.log" >&3; exit "$status"; }
}

# Later versions of spm_train count overlapping pairs twice.
version=$({ spm_train --version || true; } 2>&1 | grep -o '[0-9][0-9.]*' | head -n 1)
if [[ $peer != no && $(printf '%s\n' 0.1.99 "$version" | sort -V | head -n 1) == 0.1.99 ]]; then
  set -- --count-overlaps "$@"
fi
echo "peer: SentencePiece ${version:-of an unknown version}"

timed ours "$here/moe" tokenizer train --input "$work/train.txt" --vocabulary "$vocabulary" --character-coverage 0.9995 \
  --max-sentence-bytes 20000 --threads "$threads" --model "$work/ours.model" --json "$@" \
  >"$work/ours.json" 2>"$work/ours.log"
cat "$work/ours.json"
read -r ours_seconds ours_kib <"$work/ours.time"
echo "ours:      $ours_seconds s, $((ours_kib / 1024)) MiB"

if [[ $peer != no ]]; then
  timed theirs spm_train --input="$work/train.txt" --model_prefix="$work/theirs" --model_type=bpe \
    --vocab_size="$vocabulary" --character_coverage=0.9995 --byte_fallback=true --max_sentence_length=20000 \
    --num_threads="$threads" >"$work/theirs.log" 2>&1
  read -r their_seconds their_kib <"$work/theirs.time"
  echo "spm_train: $their_seconds s, $((their_kib / 1024)) MiB"
  awk -v a="$ours_seconds" -v b="$their_seconds" -v c="$ours_kib" -v d="$their_kib" \
    'BEGIN { printf "ours is %.2f times as fast and needs %.2f of the memory\n", b / a, c / d }'
  spm_encode --model="$work/theirs.model" --output_format=piece <"$work/held.txt" >"$work/held.theirs"
  spm_encode --model="$work/ours.model" --output_format=piece <"$work/held.txt" >"$work/held.ours"
  python3 - "$work" <<'PYTHON'
import sys
work = sys.argv[1]
ours, theirs = ([line.rstrip("\n").rsplit("\t", 1)[0] for line in open(f"{work}/{name}.vocab", newline="\n")] for name in ("ours", "theirs"))
same = len(set(ours) & set(theirs))
print(f"identical pieces: {same} of {len(theirs)}, {100 * same / len(theirs):.3f} %; at the same id: "
      f"{sum(a == b for a, b in zip(ours, theirs))}")
for text, pieces in ("only ours", set(ours) - set(theirs)), ("only theirs", set(theirs) - set(ours)):
    if pieces:
        print(f"{text}: {' '.join(sorted(pieces)[:20])}")
cuts = [list(open(f"{work}/held.{name}", newline="\n")) for name in ("ours", "theirs")]
alike = sum(a == b for a, b in zip(*cuts))
print(f"held-back sentences cut alike: {alike} of {len(cuts[1])}, {100 * alike / len(cuts[1]):.3f} %")
PYTHON
fi

# Round trip. spm_normalize applies the model's own table; bytes stand for what has no piece, so nothing else may change.
head -n 10000 "$work/train.txt" >"$work/round.txt"
spm_normalize --model="$work/ours.model" <"$work/round.txt" | sed -e 's/\xe2\x96\x81/ /g' -e 's/^ //' >"$work/round.expected"
spm_encode --model="$work/ours.model" --output_format=id <"$work/round.txt" >"$work/round.ids"
spm_decode --model="$work/ours.model" --input_format=id <"$work/round.ids" >"$work/round.back"
echo "sentences that spm_encode and spm_decode give back: $(paste -d '\n' "$work/round.expected" "$work/round.back" |
  awk 'NR % 2 { a = $0; next } a == $0 { n++ } END { print n + 0 }') of $(wc -l <"$work/round.txt")"

# Encoding on one core, the whole programs and, without what starting takes, the work alone.
one_core=()
! command -v taskset >/dev/null || one_core=(taskset -c 0)
cat "$work/train.txt" "$work/held.txt" >"$work/all.txt"
head -n 1 "$work/all.txt" >"$work/one.txt"
for text in one all; do
  "${one_core[@]}" /usr/bin/time -o "$work/encode.theirs.$text" -f %e \
    spm_encode --model="$work/ours.model" --output_format=id <"$work/$text.txt" >"$work/$text.theirs"
  "${one_core[@]}" /usr/bin/time -o "$work/encode.ours.$text" -f %e \
    "$here/moe" tokenizer encode "$work/ours.model" --threads 1 <"$work/$text.txt" >"$work/$text.ours"
done
cmp "$work/all.theirs" "$work/all.ours" && echo "ids of all sentences: the same with both"
awk -v b="$(wc -c <"$work/all.txt")" -v o="$(<"$work/encode.ours.all")" -v os="$(<"$work/encode.ours.one")" \
  -v t="$(<"$work/encode.theirs.all")" -v ts="$(<"$work/encode.theirs.one")" 'BEGIN {
    printf "encoding on one core: ours %.2f MB/s (%.2f without starting), spm_encode %.2f (%.2f): ratio %.3f (%.3f)\n",
      b / 1e6 / o, b / 1e6 / (o - os), b / 1e6 / t, b / 1e6 / (t - ts), t / o, (t - ts) / (o - os)
  }'
