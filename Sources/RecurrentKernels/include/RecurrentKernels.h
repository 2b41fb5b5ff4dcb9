// The arithmetic of recurrent networks on a tile of samples, once per instruction set.
//
// Legend, here and in every kernel:
//   T steps, I input features, H hidden units, L lanes (samples side by side, the fastest index)
//   m, n, k   the sizes of a product: c[m][n] += a[m][k] · b[k][n]
//   xRow      the distance between two rows of x, in floats
//
// Samples are lanes: a matrix of features is stored [feature][lane], so that one weight, broadcast, multiplies a whole
// vector of samples. Lane counts are multiples of RK_LANE_MULTIPLE; other sizes need not be.
//
// Every kernel computes each element by the same sequence of operations, whatever the element's position. Results
// therefore do not depend on how a matrix is divided into calls: neither on the rows a thread takes nor on a sample's
// neighbors.
//
// Each subject has its own header, which defines a type for every kernel, with a comment on what the kernel computes;
// rk_kernels.h has the table of all kernels, one per instruction set.

#ifndef RECURRENT_KERNELS_H
#define RECURRENT_KERNELS_H

#include "rk_accuracy.h"
#include "rk_arrays.h"
#include "rk_blocks.h"
#include "rk_cell_options.h"
#include "rk_cells.h"
#include "rk_dropout.h"
#include "rk_kernels.h"
#include "rk_layer_norm.h"
#include "rk_losses.h"
#include "rk_memory.h"
#include "rk_products.h"
#include "rk_streaming.h"
#include "rk_threads.h"
#include "rk_updates.h"

/// Lane counts are multiples of this.
#define RK_LANE_MULTIPLE 8

#endif
