// The kernels for 64-bit ARM: thirty-two registers of four floats.

#include "RecurrentKernels.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#define ISA neon
#define WIDTH 4
#define CHUNK 2
#define ROWS(units) ((units) == 2 ? 6 : 8)
#define VEC_SQRT(v) ((vec)vsqrtq_f32((float32x4_t)(v)))

#include "template/kernels.inc"

#endif
