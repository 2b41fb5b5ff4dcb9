// Vectors of sixteen floats, for template/vector.inc.

#include <immintrin.h>
#include <string.h>

#define WIDTH 16
#define VEC_MIN(a, b) ((vec)_mm512_min_ps((__m512)(a), (__m512)(b)))
#define VEC_MAX(a, b) ((vec)_mm512_max_ps((__m512)(a), (__m512)(b)))
#define VEC_LOAD_PART(p, n) ((vec)_mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), p))
#define VEC_STORE_PART(p, v, n) _mm512_mask_storeu_ps(p, (__mmask16)((1u << (n)) - 1), (__m512)(v))

// A load after a masked store waits until the store is in the cache; after a store of eight floats it does not.
#define VEC_LOAD_SIDE(p) ((vec)_mm512_zextps256_ps512(_mm256_loadu_ps(p)))
#define VEC_STORE_SIDE(p, v) _mm256_storeu_ps(p, _mm512_castps512_ps256((__m512)(v)))
