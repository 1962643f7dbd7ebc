"""Presets, the Megatron-core training loop, checkpoints, export and generation."""
