// Weights of reduced precision: what all kernels for one sequence, and the files of models, agree on.

#include "streaming.h"

#include <float.h>
#include <math.h>
#include <string.h>

static uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

float rk_stream_scale(const float *weights, ptrdiff_t n) {
  float largest = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    // Infinity minus itself is NaN, and stays one.
    if (!(fabsf(weights[i]) <= FLT_MAX)) return weights[i] - weights[i];
    if (fabsf(weights[i]) > largest) largest = fabsf(weights[i]);
  }
  const uint32_t dropped = 0xff;  // of 24 significant bits
  const float scale = float_of((bits_of(largest / 127) + dropped) & ~dropped);
  return scale < FLT_MIN ? 0 : scale;
}

float rk_stream_whole(float weight, float scale) { return scale > 0 ? rintf(weight / scale) : 0; }

float rk_stream_bf16(float weight) {
  const uint32_t bits = bits_of(weight);
  if (weight != weight) return weight;
  return float_of((bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u);
}

void rk_stream_round(rk_stream_precision precision, float *weights, ptrdiff_t rows, ptrdiff_t n) {
  for (ptrdiff_t row = 0; row < rows; row++, weights += n) {
    if (precision == RK_STREAM_FLOAT) continue;
    const float scale = precision == RK_STREAM_INT8 ? rk_stream_scale(weights, n) : 0;
    for (ptrdiff_t k = 0; k < n; k++) {
      if (precision == RK_STREAM_BF16) weights[k] = rk_stream_bf16(weights[k]);
      // An infinity or NaN makes all of its row useless.
      else weights[k] = scale == scale ? scale * rk_stream_whole(weights[k], scale) : scale;
    }
  }
}

float stream_word(int precision, const float *weights, ptrdiff_t k, ptrdiff_t n, float scale) {
  uint32_t word = 0;
  switch (precision) {
    case RK_STREAM_FLOAT: return weights[k];
    case RK_STREAM_BF16:
      word = bits_of(weights[k]) >> 16;
      if (k + 1 < n) word |= bits_of(weights[k + 1]) & 0xffff0000u;
      break;
    default:
      for (ptrdiff_t i = 0; i < 4 && k + i < n; i++)
        word |= (uint32_t)(uint8_t)(int8_t)rk_stream_whole(weights[k + i], scale) << 8 * i;
  }
  return float_of(word);
}

float stream_offset(const float *weights, ptrdiff_t n, float scale) {
  int32_t sum = 0;
  for (ptrdiff_t k = 0; k < n; k++) sum += (int32_t)rk_stream_whole(weights[k], scale);
  return float_of((uint32_t)(-128 * sum));
}
