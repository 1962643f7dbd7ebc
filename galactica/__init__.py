"""Presets, the Megatron-core training loop, checkpoints, export and generation."""

import os

# PyTorch's OpenMP threads spin while they wait, unless told otherwise before it is imported. On
# cores shared with anybody else that made training up to ten times slower than one thread.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
