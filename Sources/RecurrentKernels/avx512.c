// The kernels for x86-64 processors with AVX-512 (F, BW, DQ, VL): thirty-two registers of sixteen floats.

#include "RecurrentKernels.h"
#include "streaming.h"

#if defined(__x86_64__)

#include "avx512.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi,bmi2"))), \
                             apply_to = function)

#define ISA avx512
#define WIDTHS(X) X(1, 8) X(2, 8) X(3, 8) X(4, 8) X(5, 8) X(6, 8) X(7, 6) X(8, 6)
#define ROW_WIDTHS(X) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16)
#define PANEL 8
#define DEPTH 512
#define COPY_DEPTH 0
// One factor has to be without a sign, which the other gets instead.
#define VEC_ADD_PRODUCTS(sum, a, b)                                                                                      \
  _mm512_add_epi32((__m512i)(sum),                                                                                       \
                   _mm512_madd_epi16(_mm512_maddubs_epi16(_mm512_abs_epi8((__m512i)(b)),                                 \
                                                          _mm512_mask_sub_epi8((__m512i)(a),                             \
                                                                               _mm512_movepi8_mask((__m512i)(b)),        \
                                                                               _mm512_setzero_si512(), (__m512i)(a))),   \
                                     _mm512_set1_epi16(1)))

// A stream's layer that is too narrow for wide vectors takes those of AVX2: their divisions take less time, and 20 units
// that are padded to 32 do not fit the first cache. Processors with VNNI add four products of bytes in one instruction.
extern const rk_kernels rk_kernels_avx2;
extern rk_stream_plan_kernel rk_stream_plan_avx512_vnni;
#define STREAM_PLAN_CHOICE(layer)                                                                    \
  ((layer)->units <= 24 ? rk_kernels_avx2.streamPlan(layer)                                           \
   : (layer)->precision == RK_STREAM_INT8 && __builtin_cpu_supports("avx512vnni")                    \
       ? rk_stream_plan_avx512_vnni(layer)                                                           \
       : ownStreamPlan_avx512(layer))

#include "template/kernels.inc"

ptrdiff_t rk_stream_plan_avx512_without_vnni(rk_stream_layer *layer) { return ownStreamPlan_avx512(layer); }

#pragma clang attribute pop

#endif
