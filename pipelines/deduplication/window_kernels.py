"""Compiled loops over windows: their minimizers, their hashes, and tables to look them up in.

Hashes are polynomials over the bytes, modulo the Mersenne prime 2^61 - 1, in a base drawn from the
seed. Two different strings of n bytes have the same hash for at most n of the 2^61 bases, whoever
wrote them, which no cyclic or XOR hash can promise.
"""

import hashlib
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from tokenization.raw_memory import OPTIONS, compiled

MODULUS: Final = (1 << 61) - 1

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


def base_of(seed: int) -> int:
    """The base of a recipe's hashes, between 2^32 and the modulus."""
    digest = hashlib.blake2b(f"deduplication\0{seed}".encode(), digest_size=8).digest()
    return (1 << 32) + int.from_bytes(digest, "big") % (MODULUS - (1 << 32))


def shingle_bytes(minimum: int) -> int:
    """The bytes of a shingle: about a third of a window, 32 of 100.

    Shorter ones would be fewer (every window of w shingles has a row for about each w / 2 bytes)
    but shared by chance; longer ones more.
    """
    return max(8, minimum * 32 // 100)


@intrinsic
def _multiply(_context: Any, a: Any, b: Any) -> Any:
    """The product of two uint64 under 2^61, modulo 2^61 - 1, by one 128-bit multiplication."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word, wide = ir.IntType(64), ir.IntType(128)
        modulus = ir.Constant(word, MODULUS)
        product = builder.mul(*(builder.zext(argument, wide) for argument in arguments))
        low = builder.and_(builder.trunc(product, word), modulus)
        high = builder.trunc(builder.lshr(product, ir.Constant(wide, 61)), word)
        total = builder.add(low, high)
        less = builder.sub(total, modulus)
        return builder.select(builder.icmp_unsigned(">=", total, modulus), less, total)

    return types.uint64(types.uint64, types.uint64), generate


@njit(**OPTIONS)
def _extend(hash_, base, byte):
    """The hash of a string with one more byte; no byte counts as zero."""
    hash_ = _multiply(hash_, base) + np.uint64(byte) + np.uint64(1)
    return hash_ - np.uint64(MODULUS) if hash_ >= np.uint64(MODULUS) else hash_


@njit(**OPTIONS)
def _end_of(whole, head, power):
    """The hash of a string without its head, `power` being the base to the rest's length."""
    taken = _multiply(head, power)
    return whole - taken if whole >= taken else whole + np.uint64(MODULUS) - taken


@njit(**OPTIONS)
def _mixed(value):
    """A one-to-one function of 64 bits, each bit of which depends on all (SplitMix64)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled(
    "int64(uint8[::1], int64[::1], int64, int64, uint64,"
    " uint64[::1], uint64[::1], int64[::1], int64[::1])"
)
def find_runs(text, ends, minimum, shingle, base, shingles, contents, firsts, lasts):
    """The runs of windows of all documents of a text; returns how many there are.

    `ends`: where each document ends. For each run, as far as there is room, its minimizer's hash,
    48 bits of a hash of its whole content, and where its first and its last window begin. Where a
    run ends is of no consequence to what is found, but that its windows have one minimizer.
    """
    width = minimum - shingle + 1
    size = np.int64(1)
    while size < 2 * minimum + 2:
        size *= 2
    mask = size - 1
    prefixes = np.zeros(size, np.uint64)
    recent = np.zeros(size, np.uint64)
    powers = np.ones(2 * minimum + 1, np.uint64)
    for i in range(1, len(powers)):
        powers[i] = _multiply(powers[i - 1], base)
    shingle_power = powers[shingle]
    room = len(shingles)
    count = np.int64(0)
    begin = np.int64(0)
    for document in range(len(ends)):
        end = ends[document]
        if end - begin < minimum:
            begin = end
            continue
        prefix = np.uint64(0)
        prefixes[begin & mask] = prefix
        least = np.uint64(0)
        least_at = np.int64(-1)
        run_least = np.uint64(0)
        is_open = False
        first = begin
        # One step more than there are bytes closes the last run.
        for place in range(begin, end + 1):
            window = place + 1 - minimum
            if place < end:
                prefix = _extend(prefix, base, text[place])
                prefixes[(place + 1) & mask] = prefix
                at = place + 1 - shingle
                if at < begin:
                    continue
                hash_ = _end_of(prefix, prefixes[at & mask], shingle_power)
                recent[at & mask] = hash_
                if least_at < 0 or hash_ <= least:
                    least = hash_
                    least_at = at
                elif least_at < window:
                    least_at = at - width + 1
                    least = recent[least_at & mask]
                    for other in range(least_at + 1, at + 1):
                        if recent[other & mask] <= least:
                            least = recent[other & mask]
                            least_at = other
                if window < begin:
                    continue
                # Text that repeats itself has one minimizer for long; a run has its limit.
                if is_open and least == run_least and window - first < width:
                    continue
            if is_open:
                if count < room:
                    last = window - 1
                    whole = prefixes[(last + minimum) & mask]
                    head = prefixes[first & mask]
                    content = _end_of(whole, head, powers[last + minimum - first])
                    shingles[count] = _mixed(run_least)
                    contents[count] = _mixed(content) >> np.uint64(16)
                    firsts[count] = first
                    lasts[count] = last
                count += 1
            first = window
            run_least = least
            is_open = True
        begin = end
    return count


@compiled("void(uint8[::1], int64[::1], int64[::1], int64, uint64, uint64[::1])")
def hash_windows(text, firsts, lasts, minimum, base, hashes):
    """The hash of every window that begins between a first and a last place, run after run."""
    power = np.uint64(1)
    for _ in range(minimum):
        power = _multiply(power, base)
    count = np.int64(0)
    for run in range(len(firsts)):
        first = firsts[run]
        hash_ = np.uint64(0)
        for place in range(first, first + minimum):
            hash_ = _extend(hash_, base, text[place])
        hashes[count] = hash_
        count += 1
        for place in range(first, lasts[run]):
            hash_ = _extend(hash_, base, text[place + minimum])
            hash_ = _end_of(hash_, np.uint64(text[place]) + np.uint64(1), power)
            hashes[count] = hash_
            count += 1


@compiled("void(uint64[::1], uint64[::1], int32[::1])")
def fill_table(keys, contents, slots):
    """Put the rows of a table, whose keys are all different, into slots (at least twice as many).

    `slots`: int32, a power of two of them, all -1.
    """
    mask = np.uint64(len(slots) - 1)
    for row in range(len(keys)):
        slot = np.int64(_mixed(keys[row] + contents[row]) & mask)
        while slots[slot] >= 0:
            slot = (slot + 1) & np.int64(mask)
        slots[slot] = row


@compiled("void(uint64[::1], uint64[::1], int32[::1], uint64[::1], uint64[::1], int32[::1])")
def find_rows(keys, contents, slots, wanted, wanted_contents, rows):
    """The row of the table that each wanted key and content has, -1 where there is none."""
    mask = np.uint64(len(slots) - 1)
    for i in range(len(wanted)):
        slot = np.int64(_mixed(wanted[i] + wanted_contents[i]) & mask)
        row = slots[slot]
        while row >= 0 and (keys[row] != wanted[i] or contents[row] != wanted_contents[i]):
            slot = (slot + 1) & np.int64(mask)
            row = slots[slot]
        rows[i] = row
