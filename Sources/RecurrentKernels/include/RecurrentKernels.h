// The arithmetic of recurrent networks on a tile of samples, once per instruction set.
//
// Legend, here and in every kernel:
//   T steps, I input features, H hidden units, L lanes (samples side by side, the fastest index)
//   m, n, k   the sizes of a product: c[m][n] += a[m][k] · b[k][n]
//   xRow      how many floats lie between two rows of x
//
// Samples are lanes: a matrix of features is stored [feature][lane], so that one weight, broadcast, meets a whole
// vector of samples. Lane counts are multiples of RK_LANE_MULTIPLE; nothing else has to be.
//
// Every kernel computes each element by the same sequence of operations wherever the element stands, so results do not
// depend on how a matrix is cut into calls: neither on the rows a thread takes nor on the samples beside a sample.

#ifndef RECURRENT_KERNELS_H
#define RECURRENT_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

#define RK_LANE_MULTIPLE 8

/// One term a · b of a product. Rows of `a` hold `k` contiguous floats; rows of `b` hold the lanes.
typedef struct {
  const float *a;
  ptrdiff_t aRow;
  const float *b;
  ptrdiff_t bRow;
  ptrdiff_t k;
} rk_term;

/// What an element of `c` starts from before the terms are added.
typedef enum {
  RK_FROM_ZERO = 0,
  RK_FROM_C = 1,     // what `c` holds
  RK_FROM_BIAS = 2,  // bias[row]
  RK_FROM_ROW = 3,   // bias[column]
} rk_start;

/// A block of `rows` × `n` floats whose rows lie `row` floats apart, for all arrays of one call.
typedef struct {
  ptrdiff_t rows;
  ptrdiff_t n;
  ptrdiff_t row;
} rk_block;

/// Which elements of a block are dropped: a function of a seed and of each element's place.
typedef struct {
  uint32_t seed;
  uint32_t threshold;  // 2³² times the probability to be dropped
  uint32_t place;      // of the block's first element; those of others are as far from it as they are in memory
} rk_mask;

/// The activation functions of the ONNX list. RK_SIGMOID alone is the plain function of rk_measure_accuracy.
typedef enum {
  RK_TANH = 0,              // tanh(x)
  RK_RELU = 1,              // max(0, x)
  RK_SIGMOID_OF = 2,        // 1 / (1 + e^-x)
  RK_AFFINE = 3,            // α x + β
  RK_LEAKY_RELU = 4,        // x, or α x where x < 0
  RK_THRESHOLDED_RELU = 5,  // x where x > α, else 0
  RK_SCALED_TANH = 6,       // α tanh(β x)
  RK_HARD_SIGMOID = 7,      // max(0, min(1, α x + β))
  RK_ELU = 8,               // x, or α (e^x - 1) where x < 0
  RK_SOFTSIGN = 9,          // x / (1 + |x|)
  RK_SOFTPLUS = 10,         // ln(1 + e^x)
} rk_activation_kind;

/// An activation function with its constants; those it has not got are ignored.
typedef struct {
  int32_t kind;
  float alpha;
  float beta;
} rk_activation;

/// Parameters of a cell with one value per unit: that of vector v for unit u in lane l is
/// values[v · vector + u · unit + l · lane]. Where lanes are samples, `unit` is 1 and `lane` 0: a value meets all lanes
/// of a row. Where lanes are units, as in streaming, `unit` is 0 and `lane` 1.
typedef struct {
  const float *_Nullable values;  // of the first unit of the block; null where there are no vectors
  ptrdiff_t vector;
  ptrdiff_t unit;
  ptrdiff_t lane;
} rk_vectors;

/// What LSTM gates may have besides the plain ones, see template/lstm.inc.
typedef struct {
  int32_t couplesInputAndForgetGates;   // i = 1 - f: three blocks of gates, forget, candidate, output
  int32_t isGeneral;   // preactivationClip or other functions than σ, tanh, tanh: pre-activations are kept
  float cellClip;      // the new cell state is held within ± this, which may be infinite
  float preactivationClip;     // the arguments of the gates' functions are
  rk_activation gate;  // in place of σ
  rk_activation candidate;
  rk_activation cell;    // in place of the tanh of the cell state
  rk_vectors peepholes;  // of input (where it is not coupled), forget and output gate
} rk_lstm;

/// What a call with GRU options computes.
typedef enum {
  RK_GRU_WHOLE = 0,   // all, with the reset gate after the candidate's recurrent product
  RK_GRU_GATES = 1,   // with it before: both gates and r h
  RK_GRU_UPDATE = 2,  // and then candidate and state
} rk_gru_part;

/// What GRU gates may have besides the plain ones, see template/gruoptions.inc.
typedef struct {
  int32_t part;        // one of rk_gru_part
  float preactivationClip;     // the arguments of the functions are held within ± this, which may be infinite
  rk_activation gate;  // in place of σ
  rk_activation candidate;
} rk_gru;

/// An LSTM cell that normalises over its units, see template/layernorm.inc.
typedef struct {
  int32_t couplesInputAndForgetGates;  // as in rk_lstm
  int32_t hasPeepholes;
  ptrdiff_t units;  // H, over which sums are taken
  float cellClip;
  float epsilon;       // what is added to variances
  rk_vectors vectors;  // a shift per gate, peepholes as in rk_lstm, a gain per gate, gain and shift of the cell state
} rk_norm_lstm;

/// What the forward pass of rk_norm_lstm keeps of each unit, besides the values of its gates: blocks of rows.
typedef enum {
  RK_NORM_SHOWN = 0,  // what the tanh of the cell state gives
  RK_NORM_GATES = 1,  // the normalised pre-activations, a block for each gate
} rk_norm_block;

/// What it keeps of each norm, those of the gates in their order, that of c' behind them: rows, one float a lane.
typedef enum {
  RK_NORM_MEAN = 0,
  RK_NORM_SCALE = 1,  // s = 1 / √(variance + ε)
  RK_NORM_ROWS = 2,
} rk_norm_row;

/// What its backward pass keeps from one pass over the units to the next: two blocks of rows for the units, then two rows
/// for each norm.
typedef enum {
  RK_NORM_CELL = 0,            // c'
  RK_NORM_SHOWN_GRADIENT = 1,  // the gradient of what the tanh of the cell state is taken of
  RK_NORM_BLOCKS = 2,
  // With e the gradient of what is normalised, n:
  RK_NORM_LEVEL = 0,  // s mean(e)
  RK_NORM_SLOPE = 1,  // s mean(e n)
} rk_norm_scratch;

/// The losses of regressionLoss, with e = value - target.
typedef enum {
  RK_SQUARED = 0,   // e², gradient 2 e
  RK_ABSOLUTE = 1,  // |e|, gradient sign(e), which is 0 for 0
  RK_HUBER = 2,     // e²/2 if |e| ≤ δ, else δ (|e| - δ/2); gradient e held within ±δ
} rk_regression_kind;

/// A loss of regressionLoss with its constant.
typedef struct {
  int32_t kind;  // one of rk_regression_kind
  float delta;   // δ > 0 of RK_HUBER; the others ignore it
} rk_regression;

/// Coefficients of one update by gradient descent with momentum: rate η, momentum μ, decay λ.
typedef struct {
  float rate;
  float momentum;
  float decay;
  int32_t isNesterov;
} rk_momentum;

/// Coefficients of one update scaled by the root of past squares: RMSProp with keep + add = 1, Adagrad with both 1.
typedef struct {
  float rate;
  float keep;
  float add;
  float epsilon;
  float decay;
} rk_mean_square;

/// Coefficients of one Adam update, prepared once per step; AdamW and Nadam are the same with others of them.
typedef struct {
  float beta1;
  float beta2;
  float step;          // η / (1 - β₁ᵗ): how far along the mean
  float gradientStep;  // how far along the gradient itself, which Nadam does; else 0
  float rootScale;     // 1 / √(1 - β₂ᵗ)
  float epsilon;
  float decay;  // λ of a decay that is part of the gradient; else 0
  float keep;   // what is left of a weight before its step: 1 - η λ of a decay that is not; else 1
} rk_adam;

/// Coefficients of one Lion update.
typedef struct {
  float rate;
  float beta1;
  float beta2;
  float decay;
} rk_lion;

/// The kernels of one instruction set.
typedef struct {
  const char *name;

  /// c[m][n] = start + Σ aᵢ · bᵢ, term after term, k ascending. n is a multiple of RK_LANE_MULTIPLE.
  void (*product)(float *c, ptrdiff_t cRow, ptrdiff_t m, ptrdiff_t n, rk_start start, const float *_Nullable bias,
                  const rk_term *terms, ptrdiff_t termCount);

  /// to[j][i] = from[i][j] for i in 0..<rows, j in 0..<columns. The two must not overlap.
  void (*transpose)(const float *from, ptrdiff_t fromRow, float *to, ptrdiff_t toRow, ptrdiff_t rows,
                    ptrdiff_t columns);

  /// to[j][i] = from[i][j] + bias[i], without a bias if it is null: the rows of a table of tokens, made of a weight
  /// matrix. The two must not overlap.
  void (*transposeAdd)(const float *from, ptrdiff_t fromRow, const float *_Nullable bias, float *to, ptrdiff_t toRow,
                       ptrdiff_t rows, ptrdiff_t columns);

  /// sums[i] += Σ from[i][j] over j in 0..<n, any n, in an order that depends on n and the instruction set alone.
  void (*rowSums)(const float *from, ptrdiff_t fromRow, float *sums, ptrdiff_t rows, ptrdiff_t n);

  /// y = e^x, σ(x), tanh(x), elementwise; x and y may be the same array.
  void (*exponential)(const float *x, float *y, ptrdiff_t n);
  void (*sigmoid)(const float *x, float *y, ptrdiff_t n);
  void (*hyperbolicTangent)(const float *x, float *y, ptrdiff_t n);

  /// LSTM gates, forward. `gates` points at the input gate's rows; forget, candidate and output follow `gate` floats
  /// apart. In: pre-activations. Out: activations, the new cell state, tanh of it, the new hidden state.
  ///   c' = σ(f) c + σ(i) tanh(g),  h' = σ(o) tanh(c')
  /// `newCell` may be `cell`; no other two arrays may overlap.
  void (*lstmForward)(rk_block block, float *gates, ptrdiff_t gate, const float *cell, float *newCell,
                      float *tanhCell, float *hidden);

  /// LSTM gates, backward. In: activations and dh; dc holds the gradient of c' that came from the step after.
  /// Out: gradients of the pre-activations in `gates`, the gradient of c in dc.
  void (*lstmBackward)(rk_block block, float *gates, ptrdiff_t gate, const float *cell, const float *tanhCell,
                       const float *hiddenGradient, float *cellGradient);

  /// Elman, forward: hidden = tanh(pre), which may be the same array. Backward: pre = dh (1 - hidden²).
  void (*elmanForward)(rk_block block, const float *pre, float *hidden);
  void (*elmanBackward)(rk_block block, float *pre, const float *hidden, const float *hiddenGradient);

  /// GRU gates with the reset gate after the candidate's recurrent product. Blocks of `gates`: reset, update, W x + b and
  /// U h + b of the candidate; backward replaces them by gradients. `oldGradient` is written where `isFresh`, else added
  /// to, and may be `hiddenGradient` itself.
  ///   h' = n + z (h - n),  n = tanh(a + r q)
  void (*gruForward)(rk_block block, float *gates, ptrdiff_t gate, const float *hidden, float *newHidden);
  void (*gruBackward)(rk_block block, float *gates, ptrdiff_t gate, const float *hidden, const float *hiddenGradient,
                      float *oldGradient, int32_t isFresh);

  /// The same with the reset gate before the product, in two phases: gates and r h; candidate and state.
  void (*gruGate)(rk_block block, float *gates, ptrdiff_t gate, const float *hidden, float *gated);
  void (*gruUpdate)(rk_block block, float *gates, ptrdiff_t gate, const float *hidden, float *newHidden);
  void (*gruUpdateBackward)(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                            const float *hiddenGradient, float *oldGradient, int32_t isFresh);
  void (*gruGateBackward)(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                          const float *gatedGradient, float *oldGradient);

  /// y (+)= x scale where kept, 0 where dropped; x and y may be the same array. `adds` says whether to add to y.
  void (*dropout)(rk_block block, rk_mask mask, float scale, const float *x, float *y, int32_t adds);

  /// y (+)= a x, which may be the same array; y = a ⊙ b.
  void (*scale)(rk_block block, float a, const float *x, float *y, int32_t adds);
  void (*multiply)(rk_block block, const float *a, const float *b, float *y);

  /// new = old where dropped. Backward: what is dropped of the new one's gradient goes to the old one's, added or written.
  void (*zoneout)(rk_block block, rk_mask mask, const float *old, float *newState);
  void (*zoneoutBackward)(rk_block block, rk_mask mask, float *newGradient, float *oldGradient, int32_t adds);

  /// new += rate (old - new), what zoneout is on average.
  void (*mix)(rk_block block, float rate, const float *old, float *newState);

  /// LSTM gates with options, laid out as those without. `saved` holds, `gate` floats apart, η(c'), c' and,
  /// where `isGeneral`, the pre-activations. `newCell` may be `cell`; no other two arrays may overlap.
  ///   c' = clip(f c + i g),  h' = o η(c')
  /// A clip lets no gradient through where it holds something back. Backward adds the gradients of the peepholes, lane by
  /// lane, to `sums`, `gate` floats apart, in the first `running` lanes: all, or where n is a multiple of RK_LANE_MULTIPLE
  /// up to seven less.
  void (*lstmOptionsForward)(rk_block block, rk_lstm options, float *gates, ptrdiff_t gate, const float *cell,
                             float *newCell, float *saved, float *hidden);
  void (*lstmOptionsBackward)(rk_block block, rk_lstm options, float *gates, ptrdiff_t gate, const float *cell,
                              const float *saved, const float *hiddenGradient, float *cellGradient,
                              float *_Nullable sums, ptrdiff_t running);

  /// GRU gates with options, laid out as those without, part by part. `saved` holds, `gate` floats apart, what the
  /// functions of reset, update and candidate are given, before it is clipped.
  ///   h' = n + z (h - n),  n = γ(clip(a + r q)) or γ(clip(a))
  /// `result` is the new hidden state, or r h; `gradient` that of either. `oldGradient` is written where `isFresh`, else
  /// added to, and may be `gradient` itself. A clip lets no gradient through where it holds something back.
  void (*gruOptionsForward)(rk_block block, rk_gru options, float *gates, ptrdiff_t gate, const float *hidden,
                            float *result, float *saved);
  void (*gruOptionsBackward)(rk_block block, rk_gru options, float *gates, ptrdiff_t gate, const float *hidden,
                             const float *saved, const float *gradient, float *oldGradient, int32_t isFresh);

  /// LSTM gates with layer normalisation. A call takes all units of some lanes, as rows, or as lanes where
  /// `options.vectors.lane` is 1: one row then, and lanes from `units` on hold zeros and get any finite values.
  /// In: W x + U h without biases in `gates`, which the gates' values replace. `newCell` may be `cell`.
  ///   z = gain ⊙ (a - mean a) / √(variance of a + ε) + shift,  the same for c' before its tanh
  /// Where units are rows, `saved` holds the blocks of rk_norm_block, `gate` floats apart, and `statistics` the rows of
  /// rk_norm_row for each gate and for c'.
  void (*lstmNormForward)(rk_block block, rk_norm_lstm options, float *gates, ptrdiff_t gate, const float *cell,
                          float *newCell, float *saved, float *statistics, float *hidden);

  /// Backward, with units as rows. `scratch` has room for the blocks and rows of rk_norm_scratch. The gradients of the
  /// vectors are sums over the first `running` lanes, as for lstmOptionsBackward, and are added to `sums`, `gate` floats
  /// apart: the total of those lanes of a row is what counts, not which holds how much.
  void (*lstmNormBackward)(rk_block block, rk_norm_lstm options, float *gates, ptrdiff_t gate, const float *cell,
                           const float *saved, const float *statistics, const float *hiddenGradient,
                           float *cellGradient, float *scratch, float *sums, ptrdiff_t running);

  /// Minimal gated units, with the gate applied after the candidate's recurrent product or, in two phases, before it.
  /// Blocks of `gates`: gate, W x + b and U h + b of the candidate; before the product, gate and candidate.
  /// `forgetGradient` carries a part of the gate's gradient from the second phase's backward pass to the first's.
  ///   h' = h + f (n - h),  n = tanh(a + f q)
  void (*mguForward)(rk_block block, float *gates, ptrdiff_t gate, const float *hidden, float *newHidden);
  void (*mguBackward)(rk_block block, float *gates, ptrdiff_t gate, const float *hidden, const float *hiddenGradient,
                      float *oldGradient, int32_t isFresh);
  void (*mguGate)(rk_block block, float *gates, const float *hidden, float *gated);
  void (*mguUpdate)(rk_block block, float *gates, ptrdiff_t gate, const float *hidden, float *newHidden);
  void (*mguUpdateBackward)(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                            const float *hiddenGradient, float *forgetGradient, float *oldGradient, int32_t isFresh);
  void (*mguGateBackward)(rk_block block, float *gates, const float *hidden, const float *gatedGradient,
                          const float *forgetGradient, float *oldGradient);

  /// y = f(x), which may be the same array, x being held within ± clip, which may be infinite. Backward: x, as it was
  /// before it was held, becomes yGradient f'(x), zero where it was held back.
  void (*activate)(rk_block block, rk_activation activation, float clip, const float *x, float *y);
  void (*activateBackward)(rk_block block, rk_activation activation, float clip, float *x, const float *y,
                           const float *yGradient);

  /// y (+)= v x for the first of the vectors. x and y may be the same array.
  void (*scaleByVector)(rk_block block, rk_vectors vector, const float *x, float *y, int32_t adds);

  /// sum += a b, elementwise: the gradient of a vector, lane by lane.
  void (*addProducts)(rk_block block, const float *a, const float *b, float *sum);

  /// Softmax cross-entropy of `classes` rows of logits over n lanes; labels[lane] is the true row. The target of class k
  /// is hit[k] where k is the label, else miss[k]: 1 and 0, unless labels are smoothed or classes have weights. totals[k]
  /// is Σ t of a sample whose label is k: of many classes, a sum of floats would be off by more than they are.
  ///   t = target,  losses[lane] = Σ t (ln Σ e^z - z),  logits becomes scale · (softmax Σ t - t);
  /// a class with the target 0 adds nothing to the loss, however low its logit;
  /// correct[lane] = 1 if the label's logit is a strict maximum or the first of equals, and none is NaN.
  /// A label below 0 stands for none: the lane's loss, gradients and `correct` are 0, whatever its logits are.
  void (*softmaxCrossEntropy)(float *logits, ptrdiff_t row, ptrdiff_t classes, ptrdiff_t n, const int32_t *labels,
                              const float *hit, const float *miss, const float *totals, float scale, float *losses,
                              int32_t *correct);

  /// Sigmoid cross-entropy of `rows` independent labels over n lanes. The target t lies in [0, 1]; NaN stands for a missing
  /// one, which adds nothing and has the gradient 0. `weights` holds w of each row; null means 1.
  ///   losses[lane] = Σ w (max(z, 0) - z t + ln(1 + e^-|z|)),  logits becomes scale · w (σ(z) - t);
  /// a term is 0 in the limit if z is infinite on the side of its target, and NaN if z is NaN.
  /// correct[lane] counts the targets with (z > 0) = (t > 0.5), where z is not NaN; present[lane] counts all targets.
  void (*sigmoidCrossEntropy)(float *logits, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t n, const float *targets,
                              ptrdiff_t targetRow, const float *_Nullable weights, float scale, float *losses,
                              int32_t *correct, int32_t *present);

  /// The loss of `rows` values over n lanes, see rk_regression_kind. A NaN target stands for a missing one, which adds
  /// nothing and has the gradient 0. A NaN value with a target gives a NaN loss and gradient.
  ///   losses[lane] = Σ loss(value - target),  values becomes scale · gradient,  present[lane] counts the targets.
  void (*regressionLoss)(float *values, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t n, const float *targets,
                         ptrdiff_t targetRow, rk_regression loss, float scale, float *losses, int32_t *present);

  /// g = gradient + λ w,  m = μ m + g,  w -= η (g + μ m) with Nesterov's look ahead, else w -= η m
  void (*momentum)(rk_momentum settings, float *weights, const float *gradients, float *first, ptrdiff_t n);

  /// g = gradient + λ w,  v = keep · v + add · g²,  w -= η g / (√v + ε)
  void (*meanSquare)(rk_mean_square settings, float *weights, const float *gradients, float *second, ptrdiff_t n);

  /// g = gradient + λ w,  m = β₁ m + (1-β₁) g,  v = β₂ v + (1-β₂) g²,
  /// w = keep · w - (step · m + gradientStep · g) / (√v · rootScale + ε)
  void (*adam)(rk_adam settings, float *weights, const float *gradients, float *first, float *second, ptrdiff_t n);

  /// w -= η (sign(β₁ m + (1-β₁) g) + λ w),  m = β₂ m + (1-β₂) g,  the sign of zero being zero
  void (*lion)(rk_lion settings, float *weights, const float *gradients, float *first, ptrdiff_t n);

  /// Σ x² in double precision, in an order that depends on n and the instruction set alone. It is finite if all x are.
  double (*sumOfSquares)(const float *x, ptrdiff_t n);

  /// x = max(-limit, min(limit, x)); what is not a number stays so.
  void (*clip)(float limit, float *x, ptrdiff_t n);

  /// to[i][j] = Σ from[s][i][j] over s in 0..<count, in that order, count ≥ 1; matrices of `from` lie `stride` floats
  /// apart. `to` may be the first matrix.
  void (*sumMatrices)(const float *from, ptrdiff_t fromRow, ptrdiff_t stride, ptrdiff_t count, float *to,
                      ptrdiff_t toRow, ptrdiff_t rows, ptrdiff_t columns);

  /// y += a x
  void (*addScaled)(float a, const float *x, float *y, ptrdiff_t n);

  /// y = a x + b y; x and y may be the same array.
  void (*combine)(float a, const float *x, float b, float *y, ptrdiff_t n);

  /// to[feature][lane] = scale · from[samples[lane]][feature] for lanes < count, 0 from there to n and for every lane with
  /// a negative sample. `sampleSize` elements lie between two samples.
  void (*gatherBytes)(const uint8_t *from, ptrdiff_t sampleSize, const int32_t *samples, ptrdiff_t count,
                      ptrdiff_t features, float scale, float *to, ptrdiff_t toRow, ptrdiff_t n);
  void (*gatherFloats)(const float *from, ptrdiff_t sampleSize, const int32_t *samples, ptrdiff_t count,
                       ptrdiff_t features, float scale, float *to, ptrdiff_t toRow, ptrdiff_t n);

  /// table[indices[lane]][feature] += from[feature][lane] for lanes < count in ascending order, the reverse of gatherFloats:
  /// several lanes may name the same row; a lane with a negative index is skipped. `rowSize` floats lie between two rows of
  /// the table. n ≥ count says how many lanes of `from` may be read. The two must not overlap.
  void (*scatterAddRows)(const float *from, ptrdiff_t fromRow, ptrdiff_t n, const int32_t *indices, ptrdiff_t count,
                         ptrdiff_t features, float *table, ptrdiff_t rowSize);

  /// Runs fused multiply-adds on registers for `rounds` rounds; returns how many floating-point operations that were.
  double (*multiplyAddPeak)(ptrdiff_t rounds, float *sink);
} rk_kernels;

/// The instruction sets a build may hold, slowest first. The first two are no instruction sets but the lower rungs of
/// the ladder: RK_NAIVE is the textbook version of every kernel, the oracle the others are tested against; RK_REORDERED
/// is the same with the loops of the product in an order that the compiler can vectorise.
typedef enum {
  RK_NAIVE = 0,
  RK_REORDERED = 1,
  RK_PORTABLE = 2,
  RK_AVX2 = 3,
  RK_AVX512 = 4,
  RK_NEON = 5,
  RK_INSTRUCTION_SETS = 6,
} rk_instruction_set;

/// The kernels for an instruction set, or null where this build or this machine has not got it.
const rk_kernels *_Nullable rk_kernels_for(rk_instruction_set set);

/// The kernels in use: the best the machine has, unless the environment variable RECURRENT_INSTRUCTION_SET names
/// another one (naive, reordered, portable, avx2, avx512, neon) that it has too.
const rk_kernels *rk_kernels_in_use(void);

/// Chooses the kernels in use anew, from the machine and the environment. Done once before main; again only by tests.
void rk_choose_kernels(void);

/// Aligned memory for tiles. Zeroed. Null when there is none.
void *_Nullable rk_allocate(size_t bytes);
void rk_free(void *_Nullable memory);

/// How often rk_allocate was called, for the test that a steady training step never does.
uint64_t rk_allocation_count(void);

/// Denormal numbers cost a hundred cycles each and mean nothing here: this makes the calling thread flush them to
/// zero and returns what was set before, for rk_restore_rounding.
uint64_t rk_flush_denormals(void);
void rk_restore_rounding(uint64_t previous);

// MARK: - Threads

/// Threads that wait for work by spinning for some microseconds, then sleeping.
typedef struct rk_pool rk_pool;

/// How many processors the calling thread may run on, at least 1.
int rk_processor_count(void);

/// A pool of `threads` workers: the caller of rk_pool_run is one of them. Null when threads cannot be made.
///
/// Workers that wait spin for a while when there are at least as many processors as workers, and sleep at once otherwise.
/// A process that fork() has made has none of the pool's threads: its first run there starts them anew.
rk_pool *_Nullable rk_pool_create(int threads, int processors);
void rk_pool_destroy(rk_pool *pool);
int rk_pool_threads(const rk_pool *pool);

/// Runs body(context, worker, workers) on every worker at once and returns when all are done. A pool that is already
/// busy, or whose own worker calls it, runs body(context, 0, 1) on the calling thread alone.
void rk_pool_run(rk_pool *pool,
                 void (*body)(void *_Nullable context, int worker, int workers)
                     __attribute__((swift_attr("@Sendable"))),
                 void *_Nullable context);

/// A place where the workers of one run wait for each other.
typedef struct {
  int32_t arrived;
  int32_t apart[15];  // keeps the two on cache lines of their own
  int32_t generation;
  int32_t sleepers;
} rk_barrier;

void rk_barrier_wait(rk_barrier *barrier, int workers);

/// Takes the next number from a counter shared by the workers of one run, starting at 0.
int32_t rk_take(int32_t *counter);

// MARK: - Accuracy

typedef enum {
  RK_EXPONENTIAL = 0,
  RK_SIGMOID = 1,
  RK_HYPERBOLIC_TANGENT = 2,
} rk_function;

/// What rk_measure_accuracy saw.
typedef struct {
  uint64_t count;
  double largestError;             // in ulps of the exact result, where that is a normal float or overflows
  float worst;                     // the argument of the largest error
  double largestErrorBelowNormal;  // absolute, where the exact result is smaller than every normal float
  uint64_t wrongNumbers;           // NaN that became a number, a number that became NaN or, wrongly, infinite
  uint64_t notMonotone;            // results smaller than that of the float before
  uint64_t notOdd;                 // f(x) ≠ -f(-x)
} rk_accuracy;

/// Compares a function with double precision on every `stride`-th float from place `first` to place `last`, counted in
/// ascending order: 0 and 2³² - 1 are NaNs, 2³¹ is +0.
rk_accuracy rk_measure_accuracy(const rk_kernels *kernels, rk_function function, uint32_t first, uint32_t last,
                                uint32_t stride);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
