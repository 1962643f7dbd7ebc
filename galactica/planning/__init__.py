"""What a training takes before it is started: memory, communication, time, and a layout that fits.

Arithmetic alone: no torch, no device. Every formula names its source; all of them describe what the
trainer of this package does, and the tests compare them with its model.
"""
