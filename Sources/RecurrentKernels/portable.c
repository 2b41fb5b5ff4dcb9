// The kernels for any processor: vectors of four floats, which every supported one has (SSE2, NEON) or the compiler
// emulates.

#include "RecurrentKernels.h"
#include "streaming.h"

#include <string.h>

#define ISA portable
#define WIDTH 4
#define WIDTHS(X) X(1, 4) X(2, 4)
#define ROW_WIDTHS(X) X(3) X(4) X(5) X(6) X(7) X(8)
#define PANEL 2
#define DEPTH 256
#define COPY_DEPTH 192

#include "template/kernels.inc"
