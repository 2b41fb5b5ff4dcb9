// Layers that read one sequence with weights of eight bits, for processors with AVX2 and sums of four products of bytes
// (AVX-VNNI, 2021 on).

#include "RecurrentKernels.h"
#include "streaming.h"

#if defined(__x86_64__)

#include "avx2.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2,avxvnni"))), apply_to = function)

#define ISA avx2_vnni

// The unsigned factors are the first.
#define VEC_ADD_OFFSET_PRODUCTS(sum, a, b) _mm256_dpbusd_avx_epi32((__m256i)(sum), (__m256i)(b), (__m256i)(a))

// Other precisions gain nothing.
#define STREAM_ONLY_INT8

#include "template/vector.inc"
#include "template/functions.inc"
#include "template/streaming.inc"

ptrdiff_t rk_stream_plan_avx2_vnni(rk_stream_layer *layer) { return streamPlan_avx2_vnni(layer); }

#pragma clang attribute pop

#endif
