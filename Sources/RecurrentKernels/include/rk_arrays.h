// Passes over plain arrays, samples gathered into lanes, and lanes added to the rows of a table.

#ifndef RK_ARRAYS_H
#define RK_ARRAYS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// y = e^x, σ(x), tanh(x), elementwise; x and y may be the same array.
typedef void rk_exponential_kernel(const float *x, float *y, ptrdiff_t n);
typedef void rk_sigmoid_kernel(const float *x, float *y, ptrdiff_t n);
typedef void rk_hyperbolic_tangent_kernel(const float *x, float *y, ptrdiff_t n);

/// Σ x² in double precision, in an order that depends only on n and the instruction set. Finite if all x are.
typedef double rk_sum_of_squares_kernel(const float *x, ptrdiff_t n);

/// x = max(-limit, min(limit, x)); NaN stays NaN.
typedef void rk_clip_kernel(float limit, float *x, ptrdiff_t n);

/// y += a x
typedef void rk_add_scaled_kernel(float a, const float *x, float *y, ptrdiff_t n);

/// y = a x + b y; x and y may be the same array.
typedef void rk_combine_kernel(float a, const float *x, float b, float *y, ptrdiff_t n);

/// to[feature][lane] = scale · from[samples[lane]][feature] for lanes < count, 0 from there to n and for every lane
/// with a negative sample. Samples are `sampleSize` elements apart.
typedef void rk_gather_bytes_kernel(const uint8_t *from, ptrdiff_t sampleSize, const int32_t *samples,
                                    ptrdiff_t count, ptrdiff_t features, float scale, float *to, ptrdiff_t toRow,
                                    ptrdiff_t n);
typedef void rk_gather_floats_kernel(const float *from, ptrdiff_t sampleSize, const int32_t *samples, ptrdiff_t count,
                                     ptrdiff_t features, float scale, float *to, ptrdiff_t toRow, ptrdiff_t n);

/// table[indices[lane]][feature] += from[feature][lane] for lanes < count in ascending order, the reverse of
/// gatherFloats: several lanes may name the same row; a lane with a negative index is skipped. Rows of the table are
/// `rowSize` floats apart. n ≥ count is the number of lanes of `from` that may be read. The two must not overlap.
typedef void rk_scatter_add_rows_kernel(const float *from, ptrdiff_t fromRow, ptrdiff_t n, const int32_t *indices,
                                        ptrdiff_t count, ptrdiff_t features, float *table, ptrdiff_t rowSize);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
