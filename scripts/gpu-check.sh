#!/usr/bin/env bash
# What to run first where a GPU is at hand: every collective over NCCL with one rank, then training steps of 125m-moe64 in BF16
# without and with recomputation: scripts/gpu-check.sh [OUT]
# MOE_GPU_CHECK_DEVICES=2 or more: collectives over as many, and a run of two processes beside one of two ranks.
#
# Needs a CUDA build of libtorch (PYTORCH_LIBRARY_PATH names its folder). OUT, by default runs/gpu-check, gets a JSON document
# for each. Figures that are worth keeping go to docs/performance.md, with the device, the driver and these commands.
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
if ((devices > 1)); then
  run=("$here/moe" pretrain --config quickstart --set train.steps=20 --set train.microBatch=2 --set train.zeroStage=2
    --set train.attention=sdpa --set train.logEvery=1)
  echo "20 steps of two ranks in one process, then of two processes"
  "${run[@]}" --devices 2 --out "$out/two-ranks"
  export MASTER_ADDR=localhost MASTER_PORT=29500 WORLD_SIZE=2
  RANK=1 LOCAL_RANK=1 "${run[@]}" --devices 1 --out "$out/two-processes" &
  RANK=0 LOCAL_RANK=0 "${run[@]}" --devices 1 --out "$out/two-processes"
  wait $!
  # Atomic sums on a GPU may round in another order; more than that is a defect.
  "$here/scripts/loss-compare.sh" "$out/two-ranks" "$out/two-processes" || true
fi
echo "figures are in $out; keep them in docs/performance.md together with $out/device.csv"
