// Every kernel as the textbook writes it: the oracle that the fast ones are tested against, and the first rung of the
// ladder. One multiplication at a time, the functions of the C library, no thought of speed.

#include "RecurrentKernels.h"

#include <math.h>

static void product(float *c, ptrdiff_t cRow, ptrdiff_t m, ptrdiff_t n, rk_start start, const float *bias,
                    const rk_term *terms, ptrdiff_t termCount) {
  for (ptrdiff_t i = 0; i < m; i++) {
    for (ptrdiff_t j = 0; j < n; j++) {
      float sum = start == RK_FROM_C      ? c[i * cRow + j]
                  : start == RK_FROM_BIAS ? bias[i]
                  : start == RK_FROM_ROW  ? bias[j]
                                          : 0.0f;
      for (const rk_term *t = terms; t < terms + termCount; t++)
        for (ptrdiff_t k = 0; k < t->k; k++)
          sum += t->a[i * t->aRow + k] * t->b[k * t->bRow + j];
      c[i * cRow + j] = sum;
    }
  }
}

// The second rung: the innermost loop runs along the lanes, where the compiler can fill vectors, and `a` is read once.
static void product_reordered(float *c, ptrdiff_t cRow, ptrdiff_t m, ptrdiff_t n, rk_start start, const float *bias,
                              const rk_term *terms, ptrdiff_t termCount) {
  for (ptrdiff_t i = 0; i < m; i++) {
    float *restrict row = c + i * cRow;
    if (start != RK_FROM_C)
      for (ptrdiff_t j = 0; j < n; j++) row[j] = start == RK_FROM_BIAS ? bias[i] : start == RK_FROM_ROW ? bias[j] : 0.0f;
    for (const rk_term *t = terms; t < terms + termCount; t++) {
      for (ptrdiff_t k = 0; k < t->k; k++) {
        const float weight = t->a[i * t->aRow + k];
        const float *restrict lanes = t->b + k * t->bRow;
        for (ptrdiff_t j = 0; j < n; j++) row[j] += weight * lanes[j];
      }
    }
  }
}

static void transpose(const float *from, ptrdiff_t fromRow, float *to, ptrdiff_t toRow, ptrdiff_t rows,
                      ptrdiff_t columns) {
  for (ptrdiff_t i = 0; i < rows; i++)
    for (ptrdiff_t j = 0; j < columns; j++) to[j * toRow + i] = from[i * fromRow + j];
}

static void transpose_add(const float *from, ptrdiff_t fromRow, const float *bias, float *to, ptrdiff_t toRow,
                          ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t i = 0; i < rows; i++)
    for (ptrdiff_t j = 0; j < columns; j++)
      to[j * toRow + i] = bias ? from[i * fromRow + j] + bias[i] : from[i * fromRow + j];
}

static void row_sums(const float *from, ptrdiff_t fromRow, float *sums, ptrdiff_t rows, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < rows; i++)
    for (ptrdiff_t j = 0; j < n; j++) sums[i] += from[i * fromRow + j];
}

static float logistic(float x) { return 1.0f / (1.0f + expf(-x)); }

static void exponential(const float *x, float *y, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = expf(x[i]);
}

static void sigmoid(const float *x, float *y, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = logistic(x[i]);
}

static void hyperbolic_tangent(const float *x, float *y, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = tanhf(x[i]);
}

static void lstm_forward(rk_block block, float *gates, ptrdiff_t gate, const float *cell, float *newCell,
                         float *tanhCell, float *hidden) {
  for (ptrdiff_t r = 0; r < block.rows; r++) {
    for (ptrdiff_t at = r * block.row; at < r * block.row + block.n; at++) {
      const float i = logistic(gates[at]), f = logistic(gates[gate + at]);
      const float g = tanhf(gates[2 * gate + at]), o = logistic(gates[3 * gate + at]);
      gates[at] = i;
      gates[gate + at] = f;
      gates[2 * gate + at] = g;
      gates[3 * gate + at] = o;
      newCell[at] = f * cell[at] + i * g;
      tanhCell[at] = tanhf(newCell[at]);
      hidden[at] = o * tanhCell[at];
    }
  }
}

static void lstm_backward(rk_block block, float *gates, ptrdiff_t gate, const float *cell, const float *tanhCell,
                          const float *hiddenGradient, float *cellGradient) {
  for (ptrdiff_t r = 0; r < block.rows; r++) {
    for (ptrdiff_t at = r * block.row; at < r * block.row + block.n; at++) {
      const float i = gates[at], f = gates[gate + at], g = gates[2 * gate + at], o = gates[3 * gate + at];
      const float s = tanhCell[at], dh = hiddenGradient[at];
      const float dc = cellGradient[at] + dh * o * (1 - s * s);
      gates[at] = dc * g * i * (1 - i);
      gates[gate + at] = dc * cell[at] * f * (1 - f);
      gates[2 * gate + at] = dc * i * (1 - g * g);
      gates[3 * gate + at] = dh * s * o * (1 - o);
      cellGradient[at] = dc * f;
    }
  }
}

static void elman_forward(rk_block block, const float *pre, float *hidden) {
  for (ptrdiff_t r = 0; r < block.rows; r++)
    for (ptrdiff_t at = r * block.row; at < r * block.row + block.n; at++) hidden[at] = tanhf(pre[at]);
}

static void elman_backward(rk_block block, float *pre, const float *hidden, const float *hiddenGradient) {
  for (ptrdiff_t r = 0; r < block.rows; r++)
    for (ptrdiff_t at = r * block.row; at < r * block.row + block.n; at++)
      pre[at] = hiddenGradient[at] * (1 - hidden[at] * hidden[at]);
}

#define EACH_ELEMENT(block) \
  for (ptrdiff_t r = 0; r < (block).rows; r++) \
    for (ptrdiff_t at = r * (block).row; at < r * (block).row + (block).n; at++)

static void gru_forward(rk_block block, float *gates, ptrdiff_t gate, const float *hidden, float *newHidden) {
  EACH_ELEMENT(block) {
    gates[at] = logistic(gates[at]);
    gates[gate + at] = logistic(gates[gate + at]);
    gates[2 * gate + at] = tanhf(gates[2 * gate + at] + gates[at] * gates[3 * gate + at]);
    newHidden[at] = (1 - gates[gate + at]) * gates[2 * gate + at] + gates[gate + at] * hidden[at];
  }
}

static void gru_backward(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                         const float *hiddenGradient, float *oldGradient, int32_t isFresh) {
  EACH_ELEMENT(block) {
    const float reset = gates[at], z = gates[gate + at], n = gates[2 * gate + at], q = gates[3 * gate + at];
    const float dh = hiddenGradient[at], da = dh * (1 - z) * (1 - n * n);
    gates[at] = da * q * reset * (1 - reset);
    gates[gate + at] = dh * (hidden[at] - n) * z * (1 - z);
    gates[2 * gate + at] = da;
    gates[3 * gate + at] = da * reset;
    oldGradient[at] = (isFresh ? 0 : oldGradient[at]) + dh * z;
  }
}

static void gru_gate(rk_block block, float *gates, ptrdiff_t gate, const float *hidden, float *gated) {
  EACH_ELEMENT(block) {
    gates[at] = logistic(gates[at]);
    gates[gate + at] = logistic(gates[gate + at]);
    gated[at] = gates[at] * hidden[at];
  }
}

static void gru_update(rk_block block, float *gates, ptrdiff_t gate, const float *hidden, float *newHidden) {
  EACH_ELEMENT(block) {
    gates[2 * gate + at] = tanhf(gates[2 * gate + at]);
    newHidden[at] = (1 - gates[gate + at]) * gates[2 * gate + at] + gates[gate + at] * hidden[at];
  }
}

static void gru_update_backward(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                                const float *hiddenGradient, float *oldGradient, int32_t isFresh) {
  EACH_ELEMENT(block) {
    const float z = gates[gate + at], n = gates[2 * gate + at], dh = hiddenGradient[at];
    gates[gate + at] = dh * (hidden[at] - n) * z * (1 - z);
    gates[2 * gate + at] = dh * (1 - z) * (1 - n * n);
    oldGradient[at] = (isFresh ? 0 : oldGradient[at]) + dh * z;
  }
}

static void gru_gate_backward(rk_block block, float *gates, ptrdiff_t gate, const float *hidden,
                              const float *gatedGradient, float *oldGradient) {
  (void)gate;
  EACH_ELEMENT(block) {
    const float reset = gates[at], g = gatedGradient[at];
    gates[at] = g * hidden[at] * reset * (1 - reset);
    oldGradient[at] += g * reset;
  }
}

static int is_dropped(rk_mask mask, ptrdiff_t at) {
  uint32_t x = (mask.place + (uint32_t)at) * 0x9e3779b9u;
  x ^= x >> 16;
  x = x * 0x7feb352du + mask.seed;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  x ^= x >> 16;
  return x < mask.threshold;
}

static void dropout(rk_block block, rk_mask mask, float scale, const float *x, float *y, int32_t adds) {
  EACH_ELEMENT(block) {
    const float kept = is_dropped(mask, at) ? 0.0f : x[at] * scale;
    y[at] = adds ? y[at] + kept : kept;
  }
}

static void scale(rk_block block, float a, const float *x, float *y, int32_t adds) {
  EACH_ELEMENT(block) y[at] = adds ? y[at] + a * x[at] : a * x[at];
}

static void multiply(rk_block block, const float *a, const float *b, float *y) {
  EACH_ELEMENT(block) y[at] = a[at] * b[at];
}

static void zoneout(rk_block block, rk_mask mask, const float *old, float *new) {
  EACH_ELEMENT(block) if (is_dropped(mask, at)) new[at] = old[at];
}

static void zoneout_backward(rk_block block, rk_mask mask, float *newGradient, float *oldGradient, int32_t adds) {
  EACH_ELEMENT(block) {
    const int dropped = is_dropped(mask, at);
    const float passed = dropped ? newGradient[at] : 0.0f;
    if (dropped) newGradient[at] = 0.0f;
    oldGradient[at] = adds ? oldGradient[at] + passed : passed;
  }
}

static void mix(rk_block block, float rate, const float *old, float *new) {
  EACH_ELEMENT(block) new[at] += rate * (old[at] - new[at]);
}

#include "template/naive_cells.inc"
#include "template/naive_layernorm.inc"
#include "template/naive_losses.inc"

static void momentum(rk_momentum s, float *weights, const float *gradients, float *first, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) {
    const float g = gradients[i] + s.decay * weights[i];
    first[i] = s.momentum * first[i] + g;
    weights[i] -= s.rate * (s.isNesterov ? g + s.momentum * first[i] : first[i]);
  }
}

static void mean_square(rk_mean_square s, float *weights, const float *gradients, float *second, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) {
    const float g = gradients[i] + s.decay * weights[i];
    second[i] = s.keep * second[i] + s.add * g * g;
    weights[i] -= s.rate * g / (sqrtf(second[i]) + s.epsilon);
  }
}

static void adam(rk_adam s, float *weights, const float *gradients, float *first, float *second, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) {
    const float g = gradients[i] + s.decay * weights[i];
    first[i] = s.beta1 * first[i] + (1 - s.beta1) * g;
    second[i] = s.beta2 * second[i] + (1 - s.beta2) * g * g;
    const float change = (s.step * first[i] + s.gradientStep * g) / (sqrtf(second[i]) * s.rootScale + s.epsilon);
    weights[i] = s.keep * weights[i] - change;
  }
}

static void lion(rk_lion s, float *weights, const float *gradients, float *first, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) {
    const float mix = s.beta1 * first[i] + (1 - s.beta1) * gradients[i];
    const float sign = mix > 0 ? 1 : mix < 0 ? -1 : mix;  // zero and what is not a number stay what they are
    weights[i] -= s.rate * (sign + s.decay * weights[i]);
    first[i] = s.beta2 * first[i] + (1 - s.beta2) * gradients[i];
  }
}

static double sum_of_squares(const float *x, ptrdiff_t n) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
  return sum;
}

static void clip(float limit, float *x, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) x[i] = x[i] > limit ? limit : x[i] < -limit ? -limit : x[i];
}

static void sum_matrices(const float *from, ptrdiff_t fromRow, ptrdiff_t stride, ptrdiff_t count, float *to,
                         ptrdiff_t toRow, ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t i = 0; i < rows; i++) {
    for (ptrdiff_t j = 0; j < columns; j++) {
      float sum = 0;
      for (ptrdiff_t s = 0; s < count; s++) sum += from[s * stride + i * fromRow + j];
      to[i * toRow + j] = sum;
    }
  }
}

static void add_scaled(float a, const float *x, float *y, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] += a * x[i];
}

static void combine(float a, const float *x, float b, float *y, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = a * x[i] + b * y[i];
}

static void gather_bytes(const uint8_t *from, ptrdiff_t sampleSize, const int32_t *samples, ptrdiff_t count,
                         ptrdiff_t features, float scale, float *to, ptrdiff_t toRow, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < features; i++)
    for (ptrdiff_t lane = 0; lane < n; lane++)
      to[i * toRow + lane] =
          lane < count && samples[lane] >= 0 ? scale * (float)from[samples[lane] * sampleSize + i] : 0.0f;
}

static void gather_floats(const float *from, ptrdiff_t sampleSize, const int32_t *samples, ptrdiff_t count,
                          ptrdiff_t features, float scale, float *to, ptrdiff_t toRow, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < features; i++)
    for (ptrdiff_t lane = 0; lane < n; lane++)
      to[i * toRow + lane] = lane < count && samples[lane] >= 0 ? scale * from[samples[lane] * sampleSize + i] : 0.0f;
}

static void scatter_add_rows(const float *from, ptrdiff_t fromRow, ptrdiff_t n, const int32_t *indices,
                             ptrdiff_t count, ptrdiff_t features, float *table, ptrdiff_t rowSize) {
  (void)n;
  for (ptrdiff_t lane = 0; lane < count; lane++) {
    if (indices[lane] < 0) continue;
    for (ptrdiff_t i = 0; i < features; i++) table[indices[lane] * rowSize + i] += from[i * fromRow + lane];
  }
}

static double multiply_add_peak(ptrdiff_t rounds, float *sink) {
  float sum = 0;
  for (ptrdiff_t k = 0; k < rounds; k++) sum = sum * 0.999999f + 1e-7f;
  *sink = sum;
  return 2.0 * (double)rounds;
}

// What the lower rungs have in common: all but the product.
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
  .multiplyAddPeak = multiply_add_peak

const rk_kernels rk_kernels_naive = {.name = "naive", .product = product, ALL_BUT_PRODUCT};

const rk_kernels rk_kernels_reordered = {.name = "reordered", .product = product_reordered, ALL_BUT_PRODUCT};
