#!/usr/bin/env bash
# What to run first where a GPU is at hand: every collective over NCCL with one rank, then training steps of 125m-moe64 in BF16
# without and with recomputation: scripts/gpu-check.sh [OUT]
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
echo "figures are in $out; keep them in docs/performance.md together with $out/device.csv"
