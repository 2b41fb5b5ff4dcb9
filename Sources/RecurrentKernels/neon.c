// The kernels for 64-bit ARM: thirty-two registers of four floats.

#include "RecurrentKernels.h"
#include "streaming.h"

#include <string.h>

#if defined(__aarch64__)

#define ISA neon
#define WIDTH 4
#define WIDTHS(X) X(1, 8) X(2, 6) X(3, 4)
#define ROW_WIDTHS(X) X(4) X(5) X(6) X(7) X(8)
#define PANEL 2
#define DEPTH 256
#define COPY_DEPTH 192

#include "template/kernels.inc"

#endif
