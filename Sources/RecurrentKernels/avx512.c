// The kernels for x86-64 processors with AVX-512 (F, BW, DQ, VL): thirty-two registers of sixteen floats.

#include "RecurrentKernels.h"
#include "streaming.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi,bmi2"))), \
                             apply_to = function)

#define ISA avx512
#define WIDTH 16
#define WIDTHS(X) X(1, 8) X(2, 8) X(3, 8) X(4, 8) X(5, 8) X(6, 8) X(7, 6) X(8, 6)
#define ROW_WIDTHS(X) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16)
#define PANEL 8
#define DEPTH 512
#define COPY_DEPTH 0
#define VEC_MIN(a, b) ((vec)_mm512_min_ps((__m512)(a), (__m512)(b)))
#define VEC_MAX(a, b) ((vec)_mm512_max_ps((__m512)(a), (__m512)(b)))
#define VEC_LOAD_PART(p, n) ((vec)_mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), p))
#define VEC_STORE_PART(p, v, n) _mm512_mask_storeu_ps(p, (__mmask16)((1u << (n)) - 1), (__m512)(v))

// A load after a masked store waits until the store is in the cache; after a store of eight floats it does not.
#define VEC_LOAD_SIDE(p) ((vec)_mm512_zextps256_ps512(_mm256_loadu_ps(p)))
#define VEC_STORE_SIDE(p, v) _mm256_storeu_ps(p, _mm512_castps512_ps256((__m512)(v)))

// The most units of a stream's layer that is too narrow for wide vectors: their divisions take longer, and 20 units that
// are padded to 32 do not fit the first cache.
extern const rk_kernels rk_kernels_avx2;
#define STREAM_PLAN_NARROW 24

#include "template/kernels.inc"

#pragma clang attribute pop

#endif
