// Blocks of rows, and elementwise arithmetic on them.

#ifndef RK_BLOCKS_H
#define RK_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// A block of `rows` × `n` floats whose rows are `row` floats apart, for all arrays of one call.
typedef struct {
  ptrdiff_t rows;
  ptrdiff_t n;
  ptrdiff_t row;
} rk_block;

/// Per-unit parameters of a cell, one vector per parameter: the value of vector v for unit u in lane l is values[v ·
/// vector + u · unit + l · lane]. If lanes are samples, `unit` is 1 and `lane` 0: a value applies to all lanes of a
/// row. If lanes are units, as in streaming, `unit` is 0 and `lane` 1.
typedef struct {
  const float *_Nullable values;  // of the first unit of the block; null if there are no vectors
  ptrdiff_t vector;
  ptrdiff_t unit;
  ptrdiff_t lane;
} rk_vectors;

/// y (+)= a x, where x and y may be the same array and `adds` says whether to add; y = a ⊙ b.
typedef void rk_scale_kernel(rk_block block, float a, const float *x, float *y, int32_t adds);
typedef void rk_multiply_kernel(rk_block block, const float *a, const float *b, float *y);

/// y (+)= v x for the first vector. x and y may be the same array.
typedef void rk_scale_by_vector_kernel(rk_block block, rk_vectors vector, const float *x, float *y, int32_t adds);

/// sum += a b, elementwise: the gradient of a vector, lane by lane.
typedef void rk_add_products_kernel(rk_block block, const float *a, const float *b, float *sum);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
