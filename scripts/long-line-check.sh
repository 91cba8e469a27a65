#!/usr/bin/env bash
# Packs files whose middle line has a gigabyte, in a Java heap below 256 MB: scripts/long-line-check.sh [BYTES [HEAP]]
# Plain text and JSON Lines, plain, gzip and (where zstd is installed) Zstandard; the long row is once refused and once cut.
# Exit 0 when every call does what it should.
# Needs twice the bytes in $TMPDIR, and the model in samples/.
set -euo pipefail

bytes=${1:-1000000000}
heap=${2:-255m}
[[ $bytes =~ ^[0-9]+$ && $bytes -ge 10000000 ]] || { echo "usage: $0 [BYTES, at least 10000000 [HEAP]]" >&2; exit 2; }
home=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A hundred short rows, the long one, a hundred more.
short() {
  local i
  for ((i = $1; i < $1 + 100; i++)); do
    printf '%s短行 %d%s\n' "$2" "$i" "$3"
  done
}

long() {
  # SIGPIPE ends what feeds head; iconv drops what head has left of the last character.
  (yes '很长的一行 and some English, 123.' || true) | tr '\n' ' ' | head -c "$bytes" | iconv -f UTF-8 -t UTF-8 -c 2>/dev/null || true
}

file() {
  case $1 in
    *.txt*) short 0 '' '' && long && echo && short 100 '' '' ;;
    *) short 0 '{"text": "' '"}' && printf '{"id": 7, "text": "' && long && printf '", "more": [1, "x"]}\n' && short 100 '{"text": "' '"}' ;;
  esac
}

# value JSON KEY: the first number of that name.
value() {
  sed -n "s/.*\"rows\":{\"read\":[0-9]*,\"bad\":\([0-9]*\),\"empty\":[0-9]*,\"cut\":\([0-9]*\)},\"tokenBytes\".*/\\$2/p" <<<"$1"
}

names=(a.txt a.txt.gz a.jsonl a.jsonl.gz)
if command -v zstd >/dev/null; then
  names+=(a.txt.zst a.jsonl.zst)
else
  echo "there is no zstd here, so .zst files are left out" >&2
fi
status=0
printf '%-10s %-7s %6s %6s %14s %12s %9s\n' file rows bad cut 'text bytes' 'peak RSS' seconds
for name in "${names[@]}"; do
  case $name in
    *.gz) file "$name" | gzip -1 >"$work/$name" ;;
    *.zst) file "$name" | zstd -q -1 >"$work/$name" ;;
    *) file "$name" >"$work/$name" ;;
  esac
  for rows in refuse cut; do
    started=$SECONDS
    json=$(MOE_HEAP=$heap "$home/moe" data pack --input "$work/$name" --tokenizer "$home/samples/zh.model" --out "$work/pack" \
      --bad-rows skip --max-bad-share 0.01 --long-rows "$rows" --json 2>"$work/log") || { cat "$work/log" >&2; exit 1; }
    bad=$(value "$json" 1) cut=$(value "$json" 2)
    text=$(sed -n 's/.*"textBytes":\([0-9]*\),"megabytesPerSecond".*/\1/p' <<<"$json")
    peak=$(sed -n 's/.*"peakResidentBytes":\(-\{0,1\}[0-9]*\).*/\1/p' <<<"$json")
    printf '%-10s %-7s %6s %6s %14s %10s M %9s\n' "$name" "$rows" "$bad" "$cut" "$text" $((peak / 1000000)) $((SECONDS - started))
    expected="0 1"
    [[ $rows == cut ]] || expected="1 0"
    if [[ "$bad $cut" != "$expected" ]]; then
      echo "$name, $rows: $bad bad and $cut cut rows instead of $expected" >&2
      status=1
    fi
    rm -rf "$work/pack"
  done
  rm "$work/$name"
done
[[ $status -ne 0 ]] || echo "every row of $bytes bytes was read in a heap of $heap"
exit $status
