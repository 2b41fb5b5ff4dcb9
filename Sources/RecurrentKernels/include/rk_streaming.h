// Layers that read one sequence: all of the arithmetic of a layer for some steps in one call.

#ifndef RK_STREAMING_H
#define RK_STREAMING_H

#include <stddef.h>
#include <stdint.h>

#include "rk_products.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// The cells of these layers. Their equations, and the order of their gates in weights and biases, are those of
/// rk_cells.h.
typedef enum {
  RK_STREAM_LSTM = 0,
  RK_STREAM_GRU = 1,         // reset after the product
  RK_STREAM_GRU_BEFORE = 2,  // reset before it
  RK_STREAM_MGU = 3,         // gate after the product
  RK_STREAM_MGU_BEFORE = 4,  // gate before it
  RK_STREAM_TANH = 5,        // Elman
  RK_STREAM_RELU = 6,        // Elman, max(0, x) instead of tanh
  RK_STREAM_CELLS = 7,
} rk_stream_cell;

/// What the weights W and U of a layer are packed as. Biases are floats.
typedef enum {
  RK_STREAM_FLOAT = 0,
  RK_STREAM_BF16 = 1,  // the upper half of a float; results are those of floats that have this value
  RK_STREAM_INT8 = 2,  // -127 to 127, times a scale per row
  RK_STREAM_PRECISIONS = 3,
} rk_stream_precision;

/// How the units of a layer are divided into groups, for the gates that are computed together. The first `wider` groups
/// have a vector more than the others. Only the kernels that made it read it.
typedef struct {
  ptrdiff_t offset;   // of its weights, in floats
  ptrdiff_t stride;   // floats of weights for a vector of units
  ptrdiff_t groups;
  ptrdiff_t vectors;  // of units in a group
  ptrdiff_t wider;
  const void *_Nullable functions;
} rk_stream_part;

typedef struct rk_stream_layer rk_stream_layer;

/// Packs the weights of a layer: W `[gates H, I]`, U `[gates H, H]` and b, one per pre-activation, as a network keeps
/// them, rounded to the layer's precision by rk_stream_round. With embeddings, W is `[gates H, features]`.
typedef void rk_stream_pack_kernel(const rk_stream_layer *layer, const float *inputWeights, const float *hiddenWeights,
                                   const float *bias, float *packed);

/// Runs some steps. Exactly one of `inputs` and `tokens` is not null: rows of I features, `inputRow` floats apart, or a
/// token per step in 0..<I. `state` holds RK_STREAM_ROWS rows; h before the first step is row `turn`, 0 or 1, and h
/// after the last one row `turn` or, if the number of steps is odd, the other. If `outputs` is not null, h after every
/// step is written there, one row after another.
///
/// Every element of the state is the result of the operations that the batch form takes: a chain of multiply-adds from
/// the bias through W x to U h, then those of the forward kernel of rk_cells.h.
///
/// With weights of eight bits, h is rounded to q / 127 with a whole q from -127 to 127, and values beyond ±1 to ±1. U h is
/// then a sum of whole numbers, the same in any order, which becomes a float, is multiplied by the row's scale / 127 and
/// added last. So is W x if x is the h of another layer; other features are multiplied as floats. NaN is passed on.
typedef void rk_stream_kernel(const rk_stream_layer *layer, const float *packed, const float *_Nullable inputs,
                              ptrdiff_t inputRow, const int32_t *_Nullable tokens, ptrdiff_t steps, ptrdiff_t turn,
                              float *state, float *_Nullable outputs);

/// A layer. The caller sets the first group of fields, and rk_stream_plan_kernel the second.
///
/// If the features of a step are the embedding of a token, W x has one value per token and row: b + W x is then computed
/// while weights are packed, by the same operations, and a step reads neither W nor the embedding.
struct rk_stream_layer {
  int32_t cell;         // one of rk_stream_cell
  int32_t readsTokens;  // a step is a token, which selects a column of W, instead of features
  ptrdiff_t inputs;     // I, the number of features or tokens
  ptrdiff_t features;   // of a token's embedding; 0 without embeddings
  const float *_Nullable embeddings;  // `[tokens, features]`, only read while weights are packed
  ptrdiff_t units;      // H
  ptrdiff_t row;        // floats from one row of units to the next: at least H, a multiple of RK_STREAM_ROW
  int32_t precision;    // one of rk_stream_precision; RK_STREAM_RELU has no eight bits, since its h has no bound
  int32_t readsStates;  // the features are h of another layer, which lie within ±1

  rk_stream_pack_kernel *_Nullable pack;
  rk_stream_kernel *_Nullable run;
  rk_stream_part parts[2];
};

/// Chooses the kernels for a layer, divides it, and returns how many floats its packed weights have.
typedef ptrdiff_t rk_stream_plan_kernel(rk_stream_layer *layer);

#if defined(__x86_64__)
/// Plans for AVX2 and AVX-512 as if the processor had no VNNI, so that tests on processors with it run both.
ptrdiff_t rk_stream_plan_avx2_without_vnni(rk_stream_layer *layer);
ptrdiff_t rk_stream_plan_avx512_without_vnni(rk_stream_layer *layer);
#endif

/// Rows of units are multiples of this: whole vectors of every instruction set.
#define RK_STREAM_ROW 16

/// The rows, `row` floats each, that a layer keeps from step to step. Units beyond H have undefined values. After them
/// a layer of eight bits has space for what it reads, rk_stream_bytes(row) and rk_stream_bytes(inputs) floats.
typedef enum {
  RK_STREAM_HIDDEN = 0,  // h of even and of odd steps, in turn
  RK_STREAM_CELL = 2,    // c of an LSTM
  RK_STREAM_GATED = 2,   // with a gate before the product: r h or f h,
  RK_STREAM_GATE = 3,    // and z or f
  RK_STREAM_ROWS = 4,
} rk_stream_row;

/// The floats that take the place of n bytes, in whole vectors.
static inline ptrdiff_t rk_stream_bytes(ptrdiff_t n) {
  return (n + RK_STREAM_ROW - 1) / RK_STREAM_ROW * (RK_STREAM_ROW / 4);
}

/// Rounds the rows of W or U, n floats each, to what a precision represents. Rounding them again changes nothing.
///
/// In bf16, a weight becomes the nearest number, the even one of two. In eight bits it becomes the row's scale times a whole
/// number, see rk_stream_scale and rk_stream_whole. A row with an infinity or NaN becomes NaN, or keeps it in bf16.
void rk_stream_round(rk_stream_precision precision, float *weights, ptrdiff_t rows, ptrdiff_t n);

/// The scale of a row of eight bits: the largest magnitude / 127, rounded up to 16 significant bits. Products with whole
/// numbers up to 127 are then exact, and have the same scale again. 0 if it would be denormal, NaN if a weight is infinite
/// or NaN.
float rk_stream_scale(const float *weights, ptrdiff_t n);

/// A weight divided by its row's scale, as a whole number from -127 to 127; the even one of two.
float rk_stream_whole(float weight, float scale);

/// The number in bf16, as a float, next to a weight; the even one of two.
float rk_stream_bf16(float weight);

/// y = c + Vᵀ h of one step, for few outputs: the product of one row, without what a general one needs. `weights` holds c,
/// then a row of V for each of the `inputs`, `row` floats each, a multiple of RK_LANE_MULTIPLE.
typedef void rk_stream_head_kernel(const float *weights, ptrdiff_t row, ptrdiff_t inputs, const float *h, float *y);

/// The longest row for which that takes less time than a product.
#define RK_STREAM_HEAD_ROW 32

/// The inputs of some steps: rows of features, `row` floats apart, or a token for each. Exactly one of them is not null.
typedef struct {
  const float *_Nullable features;
  ptrdiff_t row;
  const int32_t *_Nullable tokens;
} rk_stream_input;

/// The outputs of a layer at some steps, `row` floats apart.
typedef struct {
  const float *base;
  ptrdiff_t row;
} rk_stream_rows;

/// A layer of a network, and where it keeps what it writes. `run` is a kernel, or a function of the caller's that does
/// what a kernel does; the next two are its first arguments.
typedef struct {
  rk_stream_kernel *_Nullable run;
  const void *layer;
  const float *_Nullable packed;
  ptrdiff_t row;        // floats from one output to the next
  ptrdiff_t state;      // the offset of its state in the memory of a stream, in floats,
  ptrdiff_t hidden[2];  // and those of h after an even and after an odd number of steps
  ptrdiff_t residual;   // features of its input that are added to its output; 0 if none are
} rk_stream_stage;

/// Layers, and a dense layer on their outputs. Nothing in it changes, so streams share it. Offsets are those in the memory
/// of a stream, in floats.
typedef struct {
  const rk_stream_stage *stages;
  ptrdiff_t count;
  const float *_Nullable table;      // the embeddings, `[tokens, features]`; null without
  ptrdiff_t features;                // of an embedding
  ptrdiff_t buffers[2];              // for the outputs of layers, which take turns; the second begins with embeddings
  const float *_Nullable head;       // c, then a row of V for each of the topmost outputs; null without a head
  ptrdiff_t headInputs;              // rows of V,
  ptrdiff_t headRow;                 // and their floats, a multiple of RK_LANE_MULTIPLE
  ptrdiff_t outputCount;             // of the head
  ptrdiff_t lastOutputs;             // the outputs of the last step, `[headRow]`
  ptrdiff_t outputs;                 // those of some steps, `[steps, headRow]`
  rk_stream_head_kernel *headOfOne;  // the head's kernels, for one step if its row is at most RK_STREAM_HEAD_ROW,
  rk_product_kernel *headProduct;    // and for all else
} rk_stream_network;

/// Runs all layers for some steps, each on the outputs of the one below, and returns the outputs of the topmost after
/// every step, valid until the next call. `turn` is 0 after an even number of steps, else 1.
rk_stream_rows rk_stream_layers(const rk_stream_network *network, rk_stream_input x, ptrdiff_t steps, ptrdiff_t turn,
                                float *memory);

/// Runs one step of all layers and the head, and writes `lastOutputs`. Denormal numbers are flushed to zero.
void rk_stream_step(const rk_stream_network *network, const float *_Nullable features, const int32_t *_Nullable token,
                    ptrdiff_t turn, float *memory);

/// The same for some steps. Writes to `to`, if it is not null, the outputs of all, `[steps, outputCount]`.
void rk_stream_steps(const rk_stream_network *network, rk_stream_input x, ptrdiff_t steps, ptrdiff_t turn, float *memory,
                     float *_Nullable to);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
