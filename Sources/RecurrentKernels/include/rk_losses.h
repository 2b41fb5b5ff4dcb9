// Losses. Each replaces the outputs of a network by the gradient of the loss.

#ifndef RK_LOSSES_H
#define RK_LOSSES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// The losses of regressionLoss, with e = value - target.
typedef enum {
  RK_SQUARED = 0,   // e², gradient 2 e
  RK_ABSOLUTE = 1,  // |e|, gradient sign(e), which is 0 for 0
  RK_HUBER = 2,     // e²/2 if |e| ≤ δ, else δ (|e| - δ/2); gradient e clipped to ±δ
} rk_regression_kind;

/// A loss of regressionLoss with its constant.
typedef struct {
  int32_t kind;  // one of rk_regression_kind
  float delta;   // δ > 0 of RK_HUBER; the others ignore it
} rk_regression;

/// Softmax cross-entropy of `classes` rows of logits over n lanes; labels[lane] is the true row. The target of class k
/// is hit[k] if k is the label, else miss[k]: 1 and 0 by default, others for smoothed labels or class weights.
/// totals[k] is Σ t of a sample whose label is k, passed in because a sum of floats over many classes would be too
/// inexact.
///   t = target,  losses[lane] = Σ t (ln Σ e^z - z),  logits becomes scale · (softmax Σ t - t)
/// A class with the target 0 adds nothing to the loss, however low its logit. correct[lane] = 1 if the label's logit is
/// a strict maximum or the first of equals, and no logit is NaN, else 0. A negative label means that the lane has none:
/// its loss, gradients and `correct` are 0, whatever its logits are.
typedef void rk_softmax_cross_entropy_kernel(float *logits, ptrdiff_t row, ptrdiff_t classes, ptrdiff_t n,
                                             const int32_t *labels, const float *hit, const float *miss,
                                             const float *totals, float scale, float *losses, int32_t *correct);

/// Sigmoid cross-entropy of `rows` independent labels over n lanes. A target t lies in [0, 1]; NaN means that it is
/// missing, adds nothing and has the gradient 0. `weights` holds w of each row; null means 1.
///   losses[lane] = Σ w (max(z, 0) - z t + ln(1 + e^-|z|)),  logits becomes scale · w (σ(z) - t)
/// A term is NaN if z is NaN, and 0, its limit, if z is infinite and t the probability σ(z).
/// correct[lane] is the number of targets with (z > 0) = (t > 0.5) and a z that is not NaN; present[lane] that of all.
typedef void rk_sigmoid_cross_entropy_kernel(float *logits, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t n,
                                             const float *targets, ptrdiff_t targetRow,
                                             const float *_Nullable weights, float scale, float *losses,
                                             int32_t *correct, int32_t *present);

/// The loss of `rows` values over n lanes, see rk_regression_kind. A NaN target is a missing one: it adds nothing and
/// has the gradient 0. A NaN value with a target gives a NaN loss and gradient.
///   losses[lane] = Σ loss(value - target),  values becomes scale · gradient,  present[lane] is the number of targets.
typedef void rk_regression_loss_kernel(float *values, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t n,
                                       const float *targets, ptrdiff_t targetRow, rk_regression loss, float scale,
                                       float *losses, int32_t *present);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
