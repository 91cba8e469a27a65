#!/usr/bin/env bash
# What to run first where a GPU is at hand: every collective over NCCL with one rank, training steps of 125m-moe64 in BF16
# without and with recomputation, a short run that goes on from its checkpoint: scripts/gpu-check.sh [OUT]
# MOE_GPU_CHECK_DEVICES=2 or more: collectives over as many, the short run with ZeRO-1 and moments of 8 bits too, and a run of
# two processes beside one of two ranks.
#
# Needs a CUDA build of libtorch (PYTORCH_LIBRARY_PATH names its folder). OUT, by default runs/gpu-check, gets a JSON document
# for each benchmark, and the runs. Figures that are worth keeping go to docs/performance.md, with the device, the driver and these commands.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-runs/gpu-check}
devices=${MOE_GPU_CHECK_DEVICES:-1}
mkdir -p "$out"

command -v nvidia-smi >/dev/null 2>&1 || {
  echo "gpu-check: no nvidia-smi, so no GPU that CUDA could use; nothing was measured" >&2
  exit 3
}
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv | tee "$out/device.csv"

echo "collectives over NCCL, $devices rank(s)"
"$here/moe" bench collectives --backend gpu --devices "$devices" --json | tee "$out/collectives.json"

for recompute in none all; do
  echo "training steps of 125m-moe64, BF16, recompute $recompute"
  "$here/moe" bench step --config 125m-moe64 --set train.precision=bf16 --set "train.recompute=$recompute" \
    --steps 10 --json | tee "$out/step-recompute-$recompute.json"
done
run=("$here/moe" pretrain --config quickstart --set train.steps=20 --set checkpoint.everySteps=10 --set train.logEvery=1
  --set train.attention=sdpa --set train.validationBatches=2)

# Atomic sums on a GPU may round in another order; what differs by more than that ends the check.
compare() {
  "$here/scripts/loss-compare.sh" -t 0.01 "$out/$1" "$out/$2"
}

# NAME OPTION...: 20 steps, then the last 10 again from the checkpoint after the first 10.
resume() {
  local name=$1
  shift
  rm -rf "$out/$name" "$out/$name-unbroken" # of an earlier check: it would be finished
  "${run[@]}" "$@" --out "$out/$name"
  mkdir -p "$out/$name-unbroken"
  cp "$out/$name/metrics.jsonl" "$out/$name-unbroken/"
  rm -r "$out/$name/checkpoints/step-00000020"
  "${run[@]}" "$@" --out "$out/$name"
  compare "$name-unbroken" "$name"
}

echo "20 steps in BF16 with checkpoints, and a resume"
resume one-rank --devices 1 --set train.precision=bf16
echo "the same with the optimizer on the host, and with updates during backward"
resume offload --devices 1 --set train.precision=bf16 --set train.offloadOptimizer=cpu
resume in-backward --devices 1 --set train.precision=bf16 --set train.optimizerInBackward=true --set train.clipNorm=0
if ((devices > 1)); then
  echo "the same of two ranks with ZeRO-1 and moments of 8 bits"
  resume zero-1-int8 --devices 2 --set train.microBatch=2 --set train.precision=bf16 --set train.zeroStage=1 \
    --set train.optimizer.moments=int8
  echo "the same of two ranks that share the experts"
  resume experts --devices 2 --set train.microBatch=2 --set train.precision=bf16 --set train.zeroStage=1 \
    --set train.expertParallel=2
  echo "20 steps of two ranks in one process, then of two processes"
  rm -rf "$out/two-ranks" "$out/two-processes"
  two=("${run[@]}" --set train.microBatch=2 --set train.zeroStage=2)
  "${two[@]}" --devices 2 --out "$out/two-ranks"
  export MASTER_ADDR=localhost MASTER_PORT=29500 WORLD_SIZE=2
  RANK=1 LOCAL_RANK=1 "${two[@]}" --devices 1 --out "$out/two-processes" &
  RANK=0 LOCAL_RANK=0 "${two[@]}" --devices 1 --out "$out/two-processes"
  wait $!
  compare two-ranks two-processes
fi
echo "figures are in $out; keep them in docs/performance.md together with $out/device.csv"
