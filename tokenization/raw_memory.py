"""Loads and stores at machine addresses, for the compiled encoder, and its compiler.

Numba counts references and checks for negative indices wherever an array is used or passed on; in
a loop that spends ten nanoseconds a word both show. The compiled functions therefore take addresses
(int64) and read memory through these intrinsics: any alignment, little-endian words.

Nothing here checks a bound. Whoever calls keeps the arrays alive and pads what is read beyond its
end (`tokenization.encoder_state.PADDING_BYTES`).
"""

import atexit
import functools
import hashlib
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from tokenization.cache_folder import CACHE_VARIABLE, cache_folder

_LOG: Final = logging.getLogger(__name__)

assert sys.byteorder == "little", "the compiled encoder reads words in little-endian order"

# Numba asks for functions of (typing context, argument types) that return a signature and a code
# generator; their types are Numba's own and untyped.


def _loader(bits: int, returns: Any) -> Callable[..., Any]:
    def load(_context: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            kind = ir.IntType(bits)
            pointer = builder.inttoptr(arguments[0], kind.as_pointer())
            value = builder.load(pointer, align=1)
            return builder.zext(value, ir.IntType(64)) if bits < 64 else value

        return returns(types.int64), generate

    return load


def _storer(bits: int, takes: Any) -> Callable[..., Any]:
    def store(_context: Any, address: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            kind = ir.IntType(bits)
            pointer = builder.inttoptr(arguments[0], kind.as_pointer())
            number = arguments[1]
            builder.store(builder.trunc(number, kind) if bits < 64 else number, pointer, align=1)
            return context.get_dummy_value()

        return types.void(types.int64, takes), generate

    return store


#: `load8(address)` to `load32(address)`: an unsigned number as int64; `load64`: as uint64.
load8 = intrinsic(_loader(8, types.int64))
load16 = intrinsic(_loader(16, types.int64))
load32 = intrinsic(_loader(32, types.int64))
load64 = intrinsic(_loader(64, types.uint64))
#: `loadi64(address)`: a signed 64-bit number.
loadi64 = intrinsic(_loader(64, types.int64))

#: `store8(address, number)` to `store32`: the low bits of an int64; `store64`: a uint64.
store8 = intrinsic(_storer(8, types.int64))
store16 = intrinsic(_storer(16, types.int64))
store32 = intrinsic(_storer(32, types.int64))
store64 = intrinsic(_storer(64, types.uint64))
storei64 = intrinsic(_storer(64, types.int64))


#: The modules that hold compiled functions, or numbers that are compiled into them.
_COMPILED_MODULES: Final = (
    "character_tables.py",
    "encoder_kernel.py",
    "encoder_state.py",
    "normalization.py",
    "piece_merging.py",
    "raw_memory.py",
    "remembered_pieces.py",
)

#: Without checks, without the interpreter's lock.
OPTIONS: Final = {"nogil": True, "boundscheck": False, "error_model": "numpy"}


def compiled(signature: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile an entry function for one signature, with the machine code kept in the cache folder.

    Where no cache folder can be written it is compiled at every start of a process, and a warning
    says what that costs. Damaged machine code is compiled anew.
    """

    def compile_(function: Callable[..., Any]) -> Callable[..., Any]:
        started = time.perf_counter()
        reason: Exception
        try:
            folder = _code_folder()
            try:
                return _compiled_in(folder, function, signature)
            except (RuntimeError, OSError):
                raise
            except Exception as error:  # whatever unpickling makes of a damaged file
                _LOG.warning("%s is damaged (%r): its functions are compiled anew", folder, error)
                shutil.rmtree(folder)
                folder.mkdir()
                return _compiled_in(folder, function, signature)
        except (RuntimeError, OSError) as error:  # no folder to write to, or a full one
            reason = error
        machine_code = numba.njit(signature, **OPTIONS)(function)
        _LOG.warning(
            "compiling %s took %.1f s and could not be kept (%s): every process that encodes "
            "documents will compile it again; name a writable folder in %s",
            function.__name__,
            time.perf_counter() - started,
            reason,
            CACHE_VARIABLE,
        )
        return machine_code

    return compile_


def _compiled_in(folder: Path, function: Callable[..., Any], signature: str) -> Callable[..., Any]:
    set_by_user = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder)
    try:
        return numba.njit(signature, cache=True, **OPTIONS)(function)
    finally:
        numba.config.CACHE_DIR = set_by_user


@functools.cache
def _code_folder() -> Path:
    """The folder of the machine code of this very source, made if missing, writable.

    Numba compiles a function anew when the module it stands in has changed, but not when one has
    that it calls into. So the source of all of them names the folder. Where it is there but cannot
    be written (an image of a container), a copy is used until the process ends, because Numba
    takes no other. Raises OSError.
    """
    cache = cache_folder()
    if cache is None:
        raise OSError("there is no home folder")
    source = b"".join(Path(__file__).with_name(name).read_bytes() for name in _COMPILED_MODULES)
    folder = cache / f"code-{hashlib.blake2b(source, digest_size=8).hexdigest()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        if not folder.is_dir():
            raise
        copy = tempfile.mkdtemp(prefix="galactica-code-")
        atexit.register(shutil.rmtree, copy, ignore_errors=True)
        return Path(shutil.copytree(folder, copy, dirs_exist_ok=True))


@intrinsic
def least_of_16(_context: Any, address: Any) -> Any:
    """The smallest of 16 uint32, as int64, without a branch.

    In scalar instructions: a vector load would wait for the single stores just made to reach the
    cache.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = ir.IntType(32)
        first = builder.inttoptr(arguments[0], number.as_pointer())
        left = [
            builder.load(builder.gep(first, [ir.Constant(number, i)]), align=4) for i in range(16)
        ]
        while len(left) > 1:
            pairs = zip(left[::2], left[1::2], strict=True)
            left = [builder.select(builder.icmp_unsigned("<", a, b), a, b) for a, b in pairs]
        return builder.zext(left[0], ir.IntType(64))

    return types.int64(types.int64), generate


@intrinsic
def letters_at(_context: Any, address: Any) -> Any:
    """How many ASCII letters the 16 bytes at an address begin with, as int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        byte, bits = ir.IntType(8), ir.IntType(16)
        vector = ir.VectorType(byte, 16)

        def each(number: int) -> Any:
            return ir.Constant(vector, [ir.Constant(byte, number)] * 16)

        text = builder.load(builder.inttoptr(arguments[0], vector.as_pointer()), align=1)
        from_a = builder.sub(builder.or_(text, each(ord(" "))), each(ord("a")))
        are_others = builder.icmp_unsigned(">=", from_a, each(26))
        others = builder.zext(builder.bitcast(are_others, bits), ir.IntType(64))
        stop = builder.or_(others, ir.Constant(ir.IntType(64), 1 << 16))
        return builder.cttz(stop, ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


@intrinsic
def trailing_zeros(_context: Any, word: Any) -> Any:
    """The number of zero bits below the lowest one bit of a uint64 (64 for zero), as int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@intrinsic
def leading_zeros(_context: Any, word: Any) -> Any:
    """The number of zero bits above the highest one bit of a uint64 (64 for zero), as int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@numba.njit(**OPTIONS)
def character_size(first_byte):
    """The bytes of the UTF-8 character with this first byte."""
    if first_byte < 0x80:
        return 1
    if first_byte < 0xE0:
        return 2
    return 3 if first_byte < 0xF0 else 4


@numba.njit(**OPTIONS)
def code_point_at(place):
    """The code point of the UTF-8 character that begins at an address."""
    first = load8(place)
    if first < 0x80:
        return first
    if first < 0xE0:
        return (first & 0x1F) << 6 | load8(place + 1) & 0x3F
    if first < 0xF0:
        return (first & 0x0F) << 12 | (load8(place + 1) & 0x3F) << 6 | load8(place + 2) & 0x3F
    return (
        (first & 0x07) << 18
        | (load8(place + 1) & 0x3F) << 12
        | (load8(place + 2) & 0x3F) << 6
        | load8(place + 3) & 0x3F
    )
