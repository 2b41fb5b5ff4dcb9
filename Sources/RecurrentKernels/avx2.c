// The kernels for x86-64 processors with AVX2 and FMA (2013 on): sixteen registers of eight floats.

#include "RecurrentKernels.h"
#include "streaming.h"

#if defined(__x86_64__)

#include "avx2.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)

#define ISA avx2
#define WIDTHS(X) X(1, 8) X(2, 6) X(3, 3)
#define ROW_WIDTHS(X) X(4) X(5) X(6) X(7) X(8)
#define PANEL 2
#define DEPTH 256
#define COPY_DEPTH 192

// One factor has to be without a sign, which the other gets instead.
#define VEC_ADD_PRODUCTS(sum, a, b)                                                                                      \
  _mm256_add_epi32((__m256i)(sum),                                                                                       \
                   _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_abs_epi8((__m256i)(b)),                                 \
                                                          _mm256_sign_epi8((__m256i)(a), (__m256i)(b))),                 \
                                     _mm256_set1_epi16(1)))

// Processors with VNNI add four products of bytes in one instruction.
extern rk_stream_plan_kernel rk_stream_plan_avx2_vnni;
#define STREAM_PLAN_CHOICE(layer)                                                                  \
  ((layer)->precision == RK_STREAM_INT8 && __builtin_cpu_supports("avxvnni") ? rk_stream_plan_avx2_vnni(layer) \
                                                                             : ownStreamPlan_avx2(layer))

#include "template/kernels.inc"

ptrdiff_t rk_stream_plan_avx2_without_vnni(rk_stream_layer *layer) { return ownStreamPlan_avx2(layer); }

#pragma clang attribute pop

#endif
