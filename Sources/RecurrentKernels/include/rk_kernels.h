// The table of all kernels, and the choice of an instruction set.

#ifndef RK_KERNELS_H
#define RK_KERNELS_H

#include "rk_arrays.h"
#include "rk_blocks.h"
#include "rk_cell_options.h"
#include "rk_cells.h"
#include "rk_dropout.h"
#include "rk_layer_norm.h"
#include "rk_losses.h"
#include "rk_products.h"
#include "rk_streaming.h"
#include "rk_updates.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// The kernels of one instruction set. The type of each, in the header of its subject, documents what it computes.
typedef struct {
  const char *name;

  // Products, transpositions and sums of matrices: rk_products.h
  rk_product_kernel *product;
  rk_transpose_kernel *transpose;
  rk_transpose_add_kernel *transposeAdd;
  rk_row_sums_kernel *rowSums;
  rk_sum_matrices_kernel *sumMatrices;
  rk_multiply_add_peak_kernel *multiplyAddPeak;

  // Arrays and tables: rk_arrays.h
  rk_exponential_kernel *exponential;
  rk_sigmoid_kernel *sigmoid;
  rk_hyperbolic_tangent_kernel *hyperbolicTangent;
  rk_sum_of_squares_kernel *sumOfSquares;
  rk_clip_kernel *clip;
  rk_add_scaled_kernel *addScaled;
  rk_combine_kernel *combine;
  rk_gather_bytes_kernel *gatherBytes;
  rk_gather_floats_kernel *gatherFloats;
  rk_scatter_add_rows_kernel *scatterAddRows;

  // Blocks: rk_blocks.h
  rk_scale_kernel *scale;
  rk_multiply_kernel *multiply;
  rk_scale_by_vector_kernel *scaleByVector;
  rk_add_products_kernel *addProducts;

  // Cells: rk_cells.h
  rk_lstm_forward_kernel *lstmForward;
  rk_lstm_backward_kernel *lstmBackward;
  rk_elman_forward_kernel *elmanForward;
  rk_elman_backward_kernel *elmanBackward;
  rk_gru_forward_kernel *gruForward;
  rk_gru_backward_kernel *gruBackward;
  rk_gru_gate_kernel *gruGate;
  rk_gru_update_kernel *gruUpdate;
  rk_gru_update_backward_kernel *gruUpdateBackward;
  rk_gru_gate_backward_kernel *gruGateBackward;
  rk_mgu_forward_kernel *mguForward;
  rk_mgu_backward_kernel *mguBackward;
  rk_mgu_gate_kernel *mguGate;
  rk_mgu_update_kernel *mguUpdate;
  rk_mgu_update_backward_kernel *mguUpdateBackward;
  rk_mgu_gate_backward_kernel *mguGateBackward;

  // Cells with options: rk_cell_options.h
  rk_activate_kernel *activate;
  rk_activate_backward_kernel *activateBackward;
  rk_lstm_options_forward_kernel *lstmOptionsForward;
  rk_lstm_options_backward_kernel *lstmOptionsBackward;
  rk_gru_options_forward_kernel *gruOptionsForward;
  rk_gru_options_backward_kernel *gruOptionsBackward;

  // Layers that read one sequence: rk_streaming.h
  rk_stream_plan_kernel *streamPlan;
  rk_stream_head_kernel *streamHead;

  // Layer normalization: rk_layer_norm.h
  rk_lstm_norm_forward_kernel *lstmNormForward;
  rk_lstm_norm_backward_kernel *lstmNormBackward;

  // Dropout and zoneout: rk_dropout.h
  rk_dropout_kernel *dropout;
  rk_zoneout_kernel *zoneout;
  rk_zoneout_backward_kernel *zoneoutBackward;
  rk_mix_kernel *mix;

  // Losses: rk_losses.h
  rk_softmax_cross_entropy_kernel *softmaxCrossEntropy;
  rk_sigmoid_cross_entropy_kernel *sigmoidCrossEntropy;
  rk_regression_loss_kernel *regressionLoss;

  // Updates of parameters: rk_updates.h
  rk_momentum_kernel *momentum;
  rk_mean_square_kernel *meanSquare;
  rk_adam_kernel *adam;
  rk_lion_kernel *lion;
} rk_kernels;

/// The instruction sets a build may contain, slowest first. The first two are not instruction sets but the lower rungs
/// of the ladder: RK_NAIVE is the textbook version of every kernel, the reference for the others; RK_REORDERED is the
/// same with the loops of the product in an order that the compiler can vectorize.
typedef enum {
  RK_NAIVE = 0,
  RK_REORDERED = 1,
  RK_PORTABLE = 2,
  RK_AVX2 = 3,
  RK_AVX512 = 4,
  RK_NEON = 5,
  RK_INSTRUCTION_SETS = 6,
} rk_instruction_set;

/// The kernels for an instruction set, or null if this build or this machine does not have it.
const rk_kernels *_Nullable rk_kernels_for(rk_instruction_set set);

/// The kernels in use: the fastest the machine has by default, or those that the environment variable
/// RECURRENT_INSTRUCTION_SET names (naive, reordered, portable, avx2, avx512, neon) if the machine has them.
const rk_kernels *rk_kernels_in_use(void);

/// Chooses the kernels in use from the machine and the environment. It runs once before main; only tests call it again.
void rk_choose_kernels(void);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
