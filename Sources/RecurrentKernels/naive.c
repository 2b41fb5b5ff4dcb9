// Every kernel in its textbook form: the reference for the fast ones, and the first rung of the ladder. One
// multiplication at a time, with the functions of the C library and without regard to speed. Each file in naive/ has a
// namesake in template/, which holds the same kernels in their fast form.

#include "RecurrentKernels.h"
#include "streaming.h"

#include <math.h>
#include <string.h>

#include "naive/product.inc"
#include "naive/arrays.inc"
#include "naive/transpose.inc"
#include "naive/gather.inc"
#include "naive/blocks.inc"
#include "naive/activations.inc"
#include "naive/lstm.inc"
#include "naive/elman.inc"
#include "naive/gru.inc"
#include "naive/mgu.inc"
#include "naive/lstm_options.inc"
#include "naive/gru_options.inc"
#include "naive/layer_norm.inc"
#include "naive/dropout.inc"
#include "naive/losses.inc"
#include "naive/updates.inc"
#include "naive/streaming.inc"

// The kernels that the lower rungs share: all but the product.
#define ALL_BUT_PRODUCT \
  .transpose = transpose, \
  .transposeAdd = transpose_add, \
  .rowSums = row_sums, \
  .exponential = exponential, \
  .sigmoid = sigmoid, \
  .hyperbolicTangent = hyperbolic_tangent, \
  .lstmForward = lstm_forward, \
  .lstmBackward = lstm_backward, \
  .elmanForward = elman_forward, \
  .elmanBackward = elman_backward, \
  .gruForward = gru_forward, \
  .gruBackward = gru_backward, \
  .gruGate = gru_gate, \
  .gruUpdate = gru_update, \
  .gruUpdateBackward = gru_update_backward, \
  .gruGateBackward = gru_gate_backward, \
  .dropout = dropout, \
  .scale = scale, \
  .multiply = multiply, \
  .zoneout = zoneout, \
  .zoneoutBackward = zoneout_backward, \
  .mix = mix, \
  .lstmOptionsForward = lstm_options_forward, \
  .lstmOptionsBackward = lstm_options_backward, \
  .gruOptionsForward = gru_options_forward, \
  .gruOptionsBackward = gru_options_backward, \
  .lstmNormForward = lstm_norm_forward, \
  .lstmNormBackward = lstm_norm_backward, \
  .mguForward = mgu_forward, \
  .mguBackward = mgu_backward, \
  .mguGate = mgu_gate, \
  .mguUpdate = mgu_update, \
  .mguUpdateBackward = mgu_update_backward, \
  .mguGateBackward = mgu_gate_backward, \
  .activate = activate, \
  .activateBackward = activate_backward, \
  .scaleByVector = scale_by_vector, \
  .addProducts = add_products, \
  .softmaxCrossEntropy = softmax_cross_entropy, \
  .sigmoidCrossEntropy = sigmoid_cross_entropy, \
  .regressionLoss = regression_loss, \
  .momentum = momentum, \
  .meanSquare = mean_square, \
  .adam = adam, \
  .lion = lion, \
  .sumOfSquares = sum_of_squares, \
  .clip = clip, \
  .sumMatrices = sum_matrices, \
  .addScaled = add_scaled, \
  .combine = combine, \
  .gatherBytes = gather_bytes, \
  .gatherFloats = gather_floats, \
  .scatterAddRows = scatter_add_rows, \
  .multiplyAddPeak = multiply_add_peak, \
  .streamPlan = stream_plan, \
  .streamHead = stream_head

const rk_kernels rk_kernels_naive = {.name = "naive", .product = product, ALL_BUT_PRODUCT};

const rk_kernels rk_kernels_reordered = {.name = "reordered", .product = product_reordered, ALL_BUT_PRODUCT};
