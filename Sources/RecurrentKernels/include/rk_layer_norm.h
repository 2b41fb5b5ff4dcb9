// The gates of an LSTM cell with layer normalization.

#ifndef RK_LAYER_NORM_H
#define RK_LAYER_NORM_H

#include "rk_blocks.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// An LSTM cell that normalizes over its units, see template/layer_norm.inc.
typedef struct {
  int32_t couplesInputAndForgetGates;  // as in rk_lstm
  int32_t hasPeepholes;
  ptrdiff_t units;  // H, over which sums are taken
  float cellClip;
  float epsilon;       // added to variances
  rk_vectors vectors;  // a shift per gate, peepholes as in rk_lstm, a gain per gate, gain and shift of the cell state
} rk_norm_lstm;

/// The blocks of rows that the forward pass stores for each unit, besides the values of its gates.
typedef enum {
  RK_NORM_SHOWN = 0,  // the tanh of the normalized cell state
  RK_NORM_GATES = 1,  // the normalized pre-activations, one block per gate
} rk_norm_block;

/// The rows, one float per lane, that it stores for each norm: those of the gates in their order, then that of c'.
typedef enum {
  RK_NORM_MEAN = 0,
  RK_NORM_SCALE = 1,  // s = 1 / √(variance + ε)
  RK_NORM_ROWS = 2,
} rk_norm_row;

/// The memory of the backward pass between its passes over the units: two blocks of rows for the units, then two rows
/// for each norm.
typedef enum {
  RK_NORM_CELL = 0,            // c'
  RK_NORM_SHOWN_GRADIENT = 1,  // the gradient of the argument of its tanh
  RK_NORM_BLOCKS = 2,
  // With e the gradient of the normalized value n:
  RK_NORM_LEVEL = 0,  // s mean(e)
  RK_NORM_SLOPE = 1,  // s mean(e n)
} rk_norm_scratch;

/// LSTM gates with layer normalization, forward. A call takes all units of some lanes, as rows; or as the lanes of one
/// row if `options.vectors.lane` is 1, in which case lanes from `units` on hold zeros and get any finite values. In: W
/// x + U h without biases in `gates`, which the gates' values replace. `newCell` may be `cell`.
///   z = gain ⊙ (a - mean a) / √(variance of a + ε) + shift,  the same for c' before its tanh
/// If units are rows, `saved` holds the blocks of rk_norm_block, `gate` floats apart, and `statistics` the rows of
/// rk_norm_row for each gate and for c'.
typedef void rk_lstm_norm_forward_kernel(rk_block block, rk_norm_lstm options, float *gates, ptrdiff_t gate,
                                         const float *cell, float *newCell, float *saved, float *statistics,
                                         float *hidden);

/// LSTM gates with layer normalization, backward, with units as rows. `scratch` holds the blocks and rows of
/// rk_norm_scratch. The gradients of the vectors are added to `sums`, `gate` floats apart, in the first `running` lanes,
/// as by lstmOptionsBackward.
typedef void rk_lstm_norm_backward_kernel(rk_block block, rk_norm_lstm options, float *gates, ptrdiff_t gate,
                                          const float *cell, const float *saved, const float *statistics,
                                          const float *hiddenGradient, float *cellGradient, float *scratch,
                                          float *sums, ptrdiff_t running);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
