// What the naive and the fast kernels for one sequence have in common: the shapes of their cells.

#ifndef STREAMING_H
#define STREAMING_H

#include "RecurrentKernels.h"

// Gates whose pre-activations are complete at the same time.
typedef struct {
  int firstGate;
  int gates;
  int sums;  // biases: one per gate, and one more if the candidate keeps W x and U h apart
} stream_part;

static const struct {
  int parts;  // two if the second reads what the first has written
  stream_part part[2];
} stream_cells[RK_STREAM_CELLS] = {
    [RK_STREAM_LSTM] = {1, {{0, 4, 4}}},
    [RK_STREAM_GRU] = {1, {{0, 3, 4}}},
    [RK_STREAM_GRU_BEFORE] = {2, {{0, 2, 2}, {2, 1, 1}}},
    [RK_STREAM_MGU] = {1, {{0, 2, 3}}},
    [RK_STREAM_MGU_BEFORE] = {2, {{0, 1, 1}, {1, 1, 1}}},
    [RK_STREAM_TANH] = {1, {{0, 1, 1}}},
    [RK_STREAM_RELU] = {1, {{0, 1, 1}}},
};

// Weights from k on, of n, in a word; `scale` is that of the row if they have eight bits.
float stream_word(int precision, const float *weights, ptrdiff_t k, ptrdiff_t n, float scale);

// -128 times the sum of the whole numbers of a row, as the bits of a float.
float stream_offset(const float *weights, ptrdiff_t n, float scale);

#endif
