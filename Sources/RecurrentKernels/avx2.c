// The kernels for x86-64 processors with AVX2 and FMA (2013 on): sixteen registers of eight floats.

#include "RecurrentKernels.h"
#include "streaming.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)

#define ISA avx2
#define WIDTH 8
#define WIDTHS(X) X(1, 8) X(2, 6) X(3, 3)
#define ROW_WIDTHS(X) X(4) X(5) X(6) X(7) X(8)
#define PANEL 2
#define DEPTH 256
#define COPY_DEPTH 192
#define VEC_MIN(a, b) ((vec)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define VEC_MAX(a, b) ((vec)_mm256_max_ps((__m256)(a), (__m256)(b)))

#define VEC_LOAD_PART(p, n) ((vec)_mm256_maskload_ps(p, _mm256_loadu_si256((const __m256i *)(first_floats + 8 - (n)))))

// One factor has to be without a sign, which the other gets instead.
#define VEC_ADD_PRODUCTS(sum, a, b)                                                                                      \
  _mm256_add_epi32((__m256i)(sum),                                                                                       \
                   _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_abs_epi8((__m256i)(b)),                                 \
                                                          _mm256_sign_epi8((__m256i)(a), (__m256i)(b))),                 \
                                     _mm256_set1_epi16(1)))

// Eight numbers from index 8 - n are the mask of the first n floats.
static const int32_t first_floats[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

#include "template/kernels.inc"

#pragma clang attribute pop

#endif
