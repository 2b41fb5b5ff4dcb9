// Measures the errors of exp, σ and tanh: the figures in template/functions.inc come from here, and the test suite
// measures them again on every machine.

#include "RecurrentKernels.h"

#include <float.h>
#include <math.h>
#include <string.h>

// The floats in ascending order, from the NaN with sign and the largest payload through -∞, 0 and ∞ to the other NaNs.
static float float_at(uint32_t place) {
  const uint32_t bits = place >> 31 ? place - 0x80000000u : ~place;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static double exactly(rk_function function, double x) {
  switch (function) {
    case RK_EXPONENTIAL: return exp(x);
    case RK_SIGMOID: return 1 / (1 + exp(-x));
    default: return tanh(x);
  }
}

// The error of y in units in the last place of a float of the exact result's size.
static double ulps(float y, double exact) {
  if (fabs(exact) > FLT_MAX) return y == INFINITY ? 0 : INFINITY;
  int exponent;
  frexp(exact, &exponent);
  return fabs((double)y - exact) * ldexp(1, 24 - exponent);
}

static void look_at(rk_accuracy *accuracy, rk_function function, float x, float y) {
  if (x != x) {
    accuracy->wrongNumbers += y == y;
    return;
  }
  const double exact = exactly(function, x);
  if (y != y || (isinf(y) && fabs(exact) < FLT_MAX)) {
    accuracy->wrongNumbers++;
  } else if (fabs(exact) < FLT_MIN) {
    const double error = fabs((double)y - exact);
    if (error > accuracy->largestErrorBelowNormal) accuracy->largestErrorBelowNormal = error;
  } else {
    const double error = ulps(y, exact);
    if (error > accuracy->largestError) {
      accuracy->largestError = error;
      accuracy->worst = x;
    }
  }
}

rk_accuracy rk_measure_accuracy(const rk_kernels *kernels, rk_function function, uint32_t first, uint32_t last,
                                uint32_t stride) {
  enum { BATCH = 1024 };
  float x[BATCH], negative[BATCH], y[BATCH], opposite[BATCH];
  void (*const compute)(const float *, float *, ptrdiff_t) = function == RK_EXPONENTIAL ? kernels->exponential
                                                             : function == RK_SIGMOID   ? kernels->sigmoid
                                                                                        : kernels->hyperbolicTangent;
  rk_accuracy accuracy = {0};
  float before = -INFINITY;
  for (uint64_t place = first; place <= last;) {
    int count = 0;
    for (; count < BATCH && place <= last; count++, place += stride) {
      x[count] = float_at((uint32_t)place);
      negative[count] = -x[count];
    }
    compute(x, y, count);
    compute(negative, opposite, count);
    for (int i = 0; i < count; i++) {
      look_at(&accuracy, function, x[i], y[i]);
      accuracy.notOdd += y[i] != -opposite[i] && x[i] == x[i];
      accuracy.notMonotone += y[i] < before;
      if (y[i] == y[i]) before = y[i];
    }
    accuracy.count += (uint64_t)count;
  }
  return accuracy;
}
