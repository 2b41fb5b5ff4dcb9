// Products, transpositions and sums of matrices.

#ifndef RK_PRODUCTS_H
#define RK_PRODUCTS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// One term a · b of a product. Rows of `a` hold `k` contiguous floats; rows of `b` hold the lanes.
typedef struct {
  const float *a;
  ptrdiff_t aRow;
  const float *b;
  ptrdiff_t bRow;
  ptrdiff_t k;
} rk_term;

/// The most terms that a product adds up.
#define RK_MOST_TERMS 8

/// The terms of a product: inputs side by side and a state, or the same of several time steps.
typedef struct {
  rk_term term[RK_MOST_TERMS];
  ptrdiff_t count;
} rk_terms;

/// Appends a term. There must be room for it: at most RK_MOST_TERMS terms in all.
static inline void rk_append(rk_terms *terms, rk_term term) { terms->term[terms->count++] = term; }

/// The value of an element of `c` before the terms are added.
typedef enum {
  RK_FROM_ZERO = 0,
  RK_FROM_C = 1,     // the value in `c`
  RK_FROM_BIAS = 2,  // bias[row]
  RK_FROM_ROW = 3,   // bias[column]
} rk_start;

/// The rows of `c`, of every `a` and of the bias: `parts` times `m` rows, each part `stride` rows after the one before.
/// The parts are the same units of several gates.
typedef struct {
  ptrdiff_t m;
  ptrdiff_t parts;
  ptrdiff_t stride;
} rk_rows;

/// c[rows][n] = start + Σ aᵢ · bᵢ, term after term, k ascending. n is a multiple of RK_LANE_MULTIPLE.
typedef void rk_product_kernel(float *c, ptrdiff_t cRow, rk_rows rows, ptrdiff_t n, rk_start start,
                               const float *_Nullable bias, const rk_terms *terms);

/// to[j][i] = from[i][j] for i in 0..<rows, j in 0..<columns. The two must not overlap.
typedef void rk_transpose_kernel(const float *from, ptrdiff_t fromRow, float *to, ptrdiff_t toRow, ptrdiff_t rows,
                                 ptrdiff_t columns);

/// to[j][i] = from[i][j] + bias[i], without the bias if it is null: a token table from a weight matrix. The two must
/// not overlap.
typedef void rk_transpose_add_kernel(const float *from, ptrdiff_t fromRow, const float *_Nullable bias, float *to,
                                     ptrdiff_t toRow, ptrdiff_t rows, ptrdiff_t columns);

/// sums[i] += Σ from[i][j] over j in 0..<n, any n, in an order that depends only on n and the instruction set.
typedef void rk_row_sums_kernel(const float *from, ptrdiff_t fromRow, float *sums, ptrdiff_t rows, ptrdiff_t n);

/// to[i][j] = Σ from[s][i][j] over s in 0..<count, in that order, count ≥ 1; matrices of `from` are `stride` floats
/// apart. `to` may be the first matrix.
typedef void rk_sum_matrices_kernel(const float *from, ptrdiff_t fromRow, ptrdiff_t stride, ptrdiff_t count,
                                    float *to, ptrdiff_t toRow, ptrdiff_t rows, ptrdiff_t columns);

/// Runs fused multiply-adds on registers for `rounds` rounds; returns the number of floating-point operations.
typedef double rk_multiply_add_peak_kernel(ptrdiff_t rounds, float *sink);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
