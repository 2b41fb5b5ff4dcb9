// The kernels for 64-bit ARM: thirty-two registers of four floats.

#include "RecurrentKernels.h"
#include "streaming.h"

#if defined(__aarch64__)

#define ISA neon
#define WIDTH 4
#define CHUNK 2
#define ROWS(units) ((units) == 2 ? 6 : 8)

#include "template/kernels.inc"

#endif
