// Layers that read one sequence with weights of eight bits, for processors with AVX-512 and its sums of four products of
// bytes (VNNI, 2019 on).

#include "RecurrentKernels.h"
#include "streaming.h"

#if defined(__x86_64__)

#include "avx512.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,bmi,bmi2"))), \
                             apply_to = function)

#define ISA avx512_vnni

// The unsigned factors are the first.
#define VEC_ADD_OFFSET_PRODUCTS(sum, a, b) _mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(b), (__m512i)(a))

// Other precisions gain nothing.
#define STREAM_ONLY_INT8

#include "template/vector.inc"
#include "template/functions.inc"
#include "template/streaming.inc"

ptrdiff_t rk_stream_plan_avx512_vnni(rk_stream_layer *layer) { return streamPlan_avx512_vnni(layer); }

#pragma clang attribute pop

#endif
