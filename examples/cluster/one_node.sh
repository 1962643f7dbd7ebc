#!/bin/bash
# One node, all its GPUs: examples/cluster/one_node.sh RECIPE RUN_DIR [more options of pretrain]
set -euo pipefail
recipe=$1
run_dir=$2
shift 2

# One thread for each process: eight of them share the cores.
export OMP_NUM_THREADS=1
# Megatron-core relies on it to overlap tensor-parallel communication with computation.
export CUDA_DEVICE_MAX_CONNECTIONS=1

exec torchrun --standalone --nproc-per-node "${GPUS_PER_NODE:-8}" --no-python \
    galactica pretrain "$recipe" --run-dir "$run_dir" "$@"
