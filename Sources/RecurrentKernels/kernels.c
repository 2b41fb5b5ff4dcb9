// The choice of the kernels for the machine, and what is not arithmetic: memory and rounding modes.

#include "RecurrentKernels.h"
#include "rounding.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const rk_kernels rk_kernels_naive, rk_kernels_reordered, rk_kernels_portable;
#if defined(__x86_64__)
extern const rk_kernels rk_kernels_avx2, rk_kernels_avx512;
#elif defined(__aarch64__)
extern const rk_kernels rk_kernels_neon;
#endif

const rk_kernels *rk_kernels_for(rk_instruction_set set) {
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  switch (set) {
    case RK_NAIVE: return &rk_kernels_naive;
    case RK_REORDERED: return &rk_kernels_reordered;
    case RK_PORTABLE: return &rk_kernels_portable;
#if defined(__x86_64__)
    case RK_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                     __builtin_cpu_supports("bmi2")
                 ? &rk_kernels_avx2
                 : NULL;
    case RK_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                     __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")
                 ? &rk_kernels_avx512
                 : NULL;
#elif defined(__aarch64__)
    case RK_NEON: return &rk_kernels_neon;
#endif
    default: return NULL;
  }
}

static const rk_kernels *in_use = &rk_kernels_portable;

// Runs before main, so that no call has to check whether the choice was made.
__attribute__((constructor)) void rk_choose_kernels(void) {
  const rk_kernels *best = &rk_kernels_portable, *asked = NULL;
  const char *name = getenv("RECURRENT_INSTRUCTION_SET");
  for (int set = 0; set < RK_INSTRUCTION_SETS; set++) {
    const rk_kernels *kernels = rk_kernels_for((rk_instruction_set)set);
    if (!kernels) continue;
    if (set >= RK_PORTABLE) best = kernels;
    if (name && strcmp(name, kernels->name) == 0) asked = kernels;
  }
  if (name && *name && !asked)
    fprintf(stderr, "RECURRENT_INSTRUCTION_SET is '%s', which this machine or build does not have: using %s\n", name,
            best->name);
  in_use = asked ? asked : best;
}

const rk_kernels *rk_kernels_in_use(void) { return in_use; }

static atomic_uint_fast64_t allocations;

void *rk_allocate(size_t bytes) {
  atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
  void *memory = NULL;
  if (bytes > SIZE_MAX - 63) return NULL;
  const size_t rounded = bytes ? (bytes + 63) / 64 * 64 : 64;
  if (posix_memalign(&memory, 64, rounded)) return NULL;
  memset(memory, 0, rounded);
  return memory;
}

void rk_free(void *memory) { free(memory); }

uint64_t rk_allocation_count(void) { return atomic_load_explicit(&allocations, memory_order_relaxed); }

uint64_t rk_flush_denormals(void) { return flush_denormals(); }

void rk_restore_rounding(uint64_t previous) { restore_rounding(previous); }
