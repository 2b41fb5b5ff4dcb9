// Updates of parameters, one kernel per optimizer.

#ifndef RK_UPDATES_H
#define RK_UPDATES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// Coefficients of one update by gradient descent with momentum: rate η, momentum μ, decay λ.
typedef struct {
  float rate;
  float momentum;
  float decay;
  int32_t isNesterov;
} rk_momentum;

/// Coefficients of one update divided by the root of past squares: RMSProp with keep + add = 1, Adagrad with both 1.
typedef struct {
  float rate;
  float keep;
  float add;
  float epsilon;
  float decay;
} rk_mean_square;

/// Coefficients of one Adam update, prepared once per step; AdamW and Nadam are the same with other coefficients.
typedef struct {
  float beta1;
  float beta2;
  float step;          // η / (1 - β₁ᵗ): the rate for the mean
  float gradientStep;  // the rate for the gradient itself, in Nadam; else 0
  float rootScale;     // 1 / √(1 - β₂ᵗ)
  float epsilon;
  float decay;  // λ of a decay that is part of the gradient; else 0
  float keep;   // the factor of a weight before its step: 1 - η λ of a decay that is not part of it; else 1
} rk_adam;

/// Coefficients of one Lion update.
typedef struct {
  float rate;
  float beta1;
  float beta2;
  float decay;
} rk_lion;

/// g = gradient + λ w,  m = μ m + g,  w -= η (g + μ m) with Nesterov momentum, else w -= η m
typedef void rk_momentum_kernel(rk_momentum settings, float *weights, const float *gradients, float *first,
                                ptrdiff_t n);

/// g = gradient + λ w,  v = keep · v + add · g²,  w -= η g / (√v + ε)
typedef void rk_mean_square_kernel(rk_mean_square settings, float *weights, const float *gradients, float *second,
                                   ptrdiff_t n);

/// g = gradient + λ w,  m = β₁ m + (1-β₁) g,  v = β₂ v + (1-β₂) g²,
/// w = keep · w - (step · m + gradientStep · g) / (√v · rootScale + ε)
typedef void rk_adam_kernel(rk_adam settings, float *weights, const float *gradients, float *first, float *second,
                            ptrdiff_t n);

/// w -= η (sign(β₁ m + (1-β₁) g) + λ w),  m = β₂ m + (1-β₂) g,  the sign of zero being zero
typedef void rk_lion_kernel(rk_lion settings, float *weights, const float *gradients, float *first, ptrdiff_t n);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
