// Activation functions, and the gates of cells with options.

#ifndef RK_CELL_OPTIONS_H
#define RK_CELL_OPTIONS_H

#include "rk_blocks.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// The activation functions of the ONNX list. RK_SIGMOID alone is the plain function of rk_measure_accuracy.
typedef enum {
  RK_TANH = 0,              // tanh(x)
  RK_RELU = 1,              // max(0, x)
  RK_SIGMOID_OF = 2,        // 1 / (1 + e^-x)
  RK_AFFINE = 3,            // α x + β
  RK_LEAKY_RELU = 4,        // x, or α x if x < 0
  RK_THRESHOLDED_RELU = 5,  // x if x > α, else 0
  RK_SCALED_TANH = 6,       // α tanh(β x)
  RK_HARD_SIGMOID = 7,      // max(0, min(1, α x + β))
  RK_ELU = 8,               // x, or α (e^x - 1) if x < 0
  RK_SOFTSIGN = 9,          // x / (1 + |x|)
  RK_SOFTPLUS = 10,         // ln(1 + e^x)
} rk_activation_kind;

/// An activation function with its constants; a function ignores those it does not have.
typedef struct {
  int32_t kind;
  float alpha;
  float beta;
} rk_activation;

/// Options of LSTM gates, see template/lstm_options.inc.
typedef struct {
  int32_t couplesInputAndForgetGates;  // i = 1 - f: three blocks of gates, forget, candidate, output
  int32_t isGeneral;        // preactivationClip or other functions than σ, tanh, tanh: pre-activations are stored
  float cellClip;           // the new cell state is clipped to ± this, which may be infinite
  float preactivationClip;  // the arguments of the gates' functions are clipped to ± this
  rk_activation gate;       // instead of σ
  rk_activation candidate;
  rk_activation cell;    // instead of the tanh of the cell state
  rk_vectors peepholes;  // of input gate (unless coupled), forget gate and output gate
} rk_lstm;

/// What a call with GRU options computes.
typedef enum {
  RK_GRU_WHOLE = 0,   // everything, with the reset gate after the candidate's recurrent product
  RK_GRU_GATES = 1,   // with the reset gate before the product, first phase: both gates and r h
  RK_GRU_UPDATE = 2,  // second phase: candidate and state
} rk_gru_part;

/// Options of GRU gates, see template/gru_options.inc.
typedef struct {
  int32_t part;             // one of rk_gru_part
  float preactivationClip;  // the arguments of the functions are clipped to ± this, which may be infinite
  rk_activation gate;       // instead of σ
  rk_activation candidate;
} rk_gru;

/// Forward: y = f(x) with x clipped to ± clip, which may be infinite; x and y may be the same array. Backward: x, as
/// before clipping, becomes yGradient f'(x), or 0 if it was clipped.
typedef void rk_activate_kernel(rk_block block, rk_activation activation, float clip, const float *x, float *y);
typedef void rk_activate_backward_kernel(rk_block block, rk_activation activation, float clip, float *x,
                                         const float *y, const float *yGradient);

/// LSTM gates with options, in the layout of those without. `saved` holds, `gate` floats apart, η(c'), c' and, if
/// `isGeneral`, the pre-activations. `newCell` may be `cell`; no other two arrays may overlap.
///   c' = clip(f c + i g),  h' = o η(c')
/// The gradient of a clipped value is 0. Backward adds the gradients of the peepholes, lane by lane, to `sums`, `gate`
/// floats apart, in the first `running` lanes: all n, or up to seven less if n is a multiple of RK_LANE_MULTIPLE.
typedef void rk_lstm_options_forward_kernel(rk_block block, rk_lstm options, float *gates, ptrdiff_t gate,
                                            const float *cell, float *newCell, float *saved, float *hidden);
typedef void rk_lstm_options_backward_kernel(rk_block block, rk_lstm options, float *gates, ptrdiff_t gate,
                                             const float *cell, const float *saved, const float *hiddenGradient,
                                             float *cellGradient, float *_Nullable sums, ptrdiff_t running);

/// GRU gates with options, in the layout of those without, part by part. `saved` holds, `gate` floats apart, the
/// arguments of the functions of reset, update and candidate, before clipping.
///   h' = n + z (h - n),  n = γ(clip(a + r q)) or γ(clip(a))
/// `result` is the new hidden state, or r h; `gradient` is its gradient. `oldGradient` is overwritten if `isFresh`,
/// else added to, and may alias `gradient`. The gradient of a clipped value is 0.
typedef void rk_gru_options_forward_kernel(rk_block block, rk_gru options, float *gates, ptrdiff_t gate,
                                           const float *hidden, float *result, float *saved);
typedef void rk_gru_options_backward_kernel(rk_block block, rk_gru options, float *gates, ptrdiff_t gate,
                                            const float *hidden, const float *saved, const float *gradient,
                                            float *oldGradient, int32_t isFresh);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
