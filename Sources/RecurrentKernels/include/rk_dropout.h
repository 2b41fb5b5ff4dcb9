// Dropout and zoneout.

#ifndef RK_DROPOUT_H
#define RK_DROPOUT_H

#include "rk_blocks.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// Which elements of a block are dropped: a function of a seed and of each element's index.
typedef struct {
  uint32_t seed;
  uint32_t threshold;  // 2³² times the probability of being dropped
  uint32_t place;      // index of the block's first element; the others follow as in memory
} rk_mask;

/// y (+)= x scale if kept, 0 if dropped; x and y may be the same array. `adds` says whether to add to y.
typedef void rk_dropout_kernel(rk_block block, rk_mask mask, float scale, const float *x, float *y, int32_t adds);

/// new = old if dropped. Backward: the gradient of a dropped element moves from the new value to the old one, added if
/// `adds`, else overwriting.
typedef void rk_zoneout_kernel(rk_block block, rk_mask mask, const float *old, float *newState);
typedef void rk_zoneout_backward_kernel(rk_block block, rk_mask mask, float *newGradient, float *oldGradient,
                                        int32_t adds);

/// new += rate (old - new), the mean of zoneout.
typedef void rk_mix_kernel(rk_block block, float rate, const float *old, float *newState);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
