"""The numbers every fixture starts from, as a formula, so that a fixture stores only what is *expected*.

Two rules, both evaluated in double precision from left to right (no fused multiply-add) and rounded once to Float:

    wave(n, i)  = scale * sin(0.7 * i + 1.3 * n + 0.4)
    chirp(n, i) = scale * sin(0.7 * i + 0.0137 * i * i + 1.3 * n + 0.4)

`n` is the number of the tensor in the order in which its case lists them (0, 1, 2 ...), `i` the number of the element
in row-major order. A wave is easy to recompute by hand; a matrix filled with it has rank two, which is enough for
checking arithmetic. A chirp fills a matrix with full rank, as training wants it.
"""

from __future__ import annotations

import math

import numpy

# One scale per kind of tensor, so that gates are neither linear nor saturated.
WEIGHT = 0.4
BIAS = 0.3
INPUT = 1.0
STATE = 0.5
OUTPUT_GRADIENT = 1.0

WAVE_RULE = "scale * sin(0.7 * i + 1.3 * n + 0.4)"
CHIRP_RULE = "scale * sin(0.7 * i + 0.0137 * i * i + 1.3 * n + 0.4)"


def wave(number: int, shape: list[int], scale: float) -> numpy.ndarray:
    """Tensor `number` of a case: float32 values of the wave, in `shape`."""
    # `math.sin` is the C library's, which Swift calls too; NumPy's own vector form may differ in the last bit.
    values = [scale * math.sin(0.7 * i + 1.3 * number + 0.4) for i in range(math.prod(shape))]
    return numpy.array(values, dtype=numpy.float32).reshape(shape)


def chirp(number: int, shape: list[int], scale: float, offset: float = 0.0) -> numpy.ndarray:
    """As `wave`, with a frequency that rises along the tensor; `offset` is added before rounding."""
    values = [
        offset + scale * math.sin(0.7 * i + 0.0137 * i * i + 1.3 * number + 0.4) for i in range(math.prod(shape))
    ]
    return numpy.array(values, dtype=numpy.float32).reshape(shape)
