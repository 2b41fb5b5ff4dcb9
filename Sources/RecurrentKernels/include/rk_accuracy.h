// The measurement of the errors of e^x, σ(x) and tanh(x).

#ifndef RK_ACCURACY_H
#define RK_ACCURACY_H

#include "rk_kernels.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

typedef enum {
  RK_EXPONENTIAL = 0,
  RK_SIGMOID = 1,
  RK_HYPERBOLIC_TANGENT = 2,
} rk_function;

/// The result of rk_measure_accuracy.
typedef struct {
  uint64_t count;
  double largestError;             // in ulps of the exact result, if that is a normal float or overflows
  float worst;                     // the argument of the largest error
  double largestErrorBelowNormal;  // absolute, if the exact result is smaller than every normal float
  uint64_t wrongNumbers;           // NaN that became a number, a number that became NaN or incorrectly infinite
  uint64_t notMonotone;            // results smaller than that of the previous float
  uint64_t notOdd;                 // f(x) ≠ -f(-x)
} rk_accuracy;

/// Compares a function with double precision on every `stride`-th float from index `first` to index `last` in ascending
/// order: 0 and 2³² - 1 are NaNs, 2³¹ is +0.
rk_accuracy rk_measure_accuracy(const rk_kernels *kernels, rk_function function, uint32_t first, uint32_t last,
                                uint32_t stride);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
