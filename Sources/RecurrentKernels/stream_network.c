// A network that reads one sequence: its layers one after another, then the head. A step is one call, so that it takes
// little more than its arithmetic even in a small network.

#include "RecurrentKernels.h"
#include "rounding.h"

#include <string.h>

// y = h + x for some steps; rows of y are as far apart as those of h. Not inlined: layers that need it are few.
__attribute__((noinline)) static void add_inputs(rk_stream_rows h, rk_stream_input x, ptrdiff_t features,
                                                 ptrdiff_t steps, float *y) {
  for (ptrdiff_t t = 0; t < steps; t++)
    for (ptrdiff_t i = 0; i < features; i++) y[t * h.row + i] = h.base[t * h.row + i] + x.features[t * x.row + i];
}

// y = V h + c for some steps.
static void run_head(const rk_stream_network *network, rk_stream_rows h, ptrdiff_t steps, float *y) {
  const ptrdiff_t row = network->headRow;
  rk_terms terms = {.count = 0};
  rk_append(&terms, (rk_term){h.base, h.row, network->head + row, row, network->headInputs});
  network->headProduct(y, row, (rk_rows){steps, 1, 0}, row, RK_FROM_ROW, network->head, &terms);
}

void rk_stream_step(const rk_stream_network *network, const float *features, const int32_t *token, ptrdiff_t turn,
                    float *memory) {
  const uint64_t rounding = flush_denormals();
  const float *x = features;
  if (network->table) {
    x = network->table + *token * network->features;
    token = NULL;
  }
  for (const rk_stream_stage *stage = network->stages, *end = stage + network->count; stage < end; stage++) {
    stage->run(stage->layer, stage->packed, x, 0, token, 1, turn, memory + stage->state, NULL);
    const float *h = memory + stage->hidden[turn ^ 1];
    if (stage->residual > 0) {
      float *const sum = memory + network->buffers[(stage - network->stages) & 1];
      add_inputs((rk_stream_rows){h, 0}, (rk_stream_input){x, 0, NULL}, stage->residual, 1, sum);
      h = sum;
    }
    x = h;
    token = NULL;
  }
  if (network->headRow <= RK_STREAM_HEAD_ROW)
    network->headOfOne(network->head, network->headRow, network->headInputs, x, memory + network->lastOutputs);
  else run_head(network, (rk_stream_rows){x, 0}, 1, memory + network->lastOutputs);
  restore_rounding(rounding);
}

rk_stream_rows rk_stream_layers(const rk_stream_network *network, rk_stream_input x, ptrdiff_t steps, ptrdiff_t turn,
                                float *memory) {
  if (network->table) {
    const ptrdiff_t features = network->features;
    float *const embedded = memory + network->buffers[1];
    for (ptrdiff_t t = 0; t < steps; t++)
      memcpy(embedded + t * features, network->table + x.tokens[t] * features, (size_t)features * sizeof(float));
    x = (rk_stream_input){embedded, features, NULL};
  }
  rk_stream_rows rows = {memory, 0};
  for (ptrdiff_t i = 0; i < network->count; i++) {
    const rk_stream_stage *const stage = &network->stages[i];
    float *const outputs = memory + network->buffers[i & 1], *const sums = outputs + steps * stage->row;
    stage->run(stage->layer, stage->packed, x.features, x.row, x.tokens, steps, turn, memory + stage->state, outputs);
    rows = (rk_stream_rows){outputs, stage->row};
    if (stage->residual > 0) {
      add_inputs(rows, x, stage->residual, steps, sums);
      rows.base = sums;
    }
    x = (rk_stream_input){rows.base, rows.row, NULL};
  }
  return rows;
}

void rk_stream_steps(const rk_stream_network *network, rk_stream_input x, ptrdiff_t steps, ptrdiff_t turn, float *memory,
                     float *to) {
  const uint64_t rounding = flush_denormals();
  rk_stream_rows h = rk_stream_layers(network, x, steps, turn, memory);
  float *const last = memory + network->lastOutputs, *const outputs = memory + network->outputs;
  const ptrdiff_t row = network->headRow, count = network->outputCount;
  if (to) {
    run_head(network, h, steps, outputs);
    for (ptrdiff_t t = 0; t < steps; t++)
      for (ptrdiff_t i = 0; i < count; i++) to[t * count + i] = outputs[t * row + i];
    memcpy(last, outputs + (steps - 1) * row, (size_t)row * sizeof(float));
  } else {
    h.base += (steps - 1) * h.row;
    run_head(network, h, 1, last);
  }
  restore_rounding(rounding);
}
