// The gates of cells without options, forward and backward.

#ifndef RK_CELLS_H
#define RK_CELLS_H

#include "rk_blocks.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// LSTM gates, forward. `gates` points at the input gate's rows; forget, candidate and output follow `gate` floats
/// apart. In: pre-activations. Out: activations, the new cell state, tanh of it, the new hidden state.
///   c' = σ(f) c + σ(i) tanh(g),  h' = σ(o) tanh(c')
/// `newCell` may be `cell`; no other two arrays may overlap.
typedef void rk_lstm_forward_kernel(rk_block block, float *gates, ptrdiff_t gate, const float *cell, float *newCell,
                                    float *tanhCell, float *hidden);

/// LSTM gates, backward. In: activations and dh; dc holds the gradient of c' from the next time step.
/// Out: gradients of the pre-activations in `gates`, the gradient of c in dc.
typedef void rk_lstm_backward_kernel(rk_block block, float *gates, ptrdiff_t gate, const float *cell,
                                     const float *tanhCell, const float *hiddenGradient, float *cellGradient);

/// Elman, forward: hidden = tanh(pre), which may be the same array. Backward: pre = dh (1 - hidden²).
typedef void rk_elman_forward_kernel(rk_block block, const float *pre, float *hidden);
typedef void rk_elman_backward_kernel(rk_block block, float *pre, const float *hidden, const float *hiddenGradient);

/// GRU gates with the reset gate after the candidate's recurrent product. Blocks of `gates`: reset, update, W x + b and
/// U h + b of the candidate; backward replaces them by gradients. `oldGradient` is overwritten if `isFresh`, else
/// added to, and may alias `hiddenGradient`.
///   h' = n + z (h - n),  n = tanh(a + r q)
typedef void rk_gru_forward_kernel(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                                   float *newHidden);
typedef void rk_gru_backward_kernel(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                                    const float *hiddenGradient, float *oldGradient, int32_t isFresh);

/// The same with the reset gate before the product, in two phases: gates and r h; candidate and state.
typedef void rk_gru_gate_kernel(rk_block block, float *gates, ptrdiff_t gate, const float *hidden, float *gated);
typedef void rk_gru_update_kernel(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                                  float *newHidden);
typedef void rk_gru_update_backward_kernel(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                                           const float *hiddenGradient, float *oldGradient, int32_t isFresh);
typedef void rk_gru_gate_backward_kernel(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                                         const float *gatedGradient, float *oldGradient);

/// Minimal gated units, with the gate applied after the candidate's recurrent product or, in two phases, before it.
/// Blocks of `gates`: gate, W x + b and U h + b of the candidate; before the product, gate and candidate.
/// `forgetGradient` carries a part of the gate's gradient from the second phase's backward pass to the first's.
///   h' = h + f (n - h),  n = tanh(a + f q)
typedef void rk_mgu_forward_kernel(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                                   float *newHidden);
typedef void rk_mgu_backward_kernel(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                                    const float *hiddenGradient, float *oldGradient, int32_t isFresh);
typedef void rk_mgu_gate_kernel(rk_block block, float *gates, const float *hidden, float *gated);
typedef void rk_mgu_update_kernel(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                                  float *newHidden);
typedef void rk_mgu_update_backward_kernel(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                                           const float *hiddenGradient, float *forgetGradient, float *oldGradient,
                                           int32_t isFresh);
typedef void rk_mgu_gate_backward_kernel(rk_block block, float *gates, const float *hidden,
                                         const float *gatedGradient, const float *forgetGradient, float *oldGradient);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
