// The kernels for any processor: vectors of four floats, which every supported one has (SSE2, NEON) or the compiler
// emulates.

#include "RecurrentKernels.h"
#include "streaming.h"

#define ISA portable
#define WIDTH 4
#define CHUNK 2
#define ROWS(units) 4

#include "template/kernels.inc"
