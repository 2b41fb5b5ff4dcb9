// How a thread treats denormal numbers: the functions of rk_memory.h for C, compiled in place, since a step of a small
// layer takes less than a hundred nanoseconds. Swift calls those, so that no arithmetic is moved across them.

#ifndef ROUNDING_H
#define ROUNDING_H

#include <stdint.h>

#if defined(__x86_64__)
#define FLUSH 0x8040u  // flush results to zero, take denormal operands as zero
static inline uint64_t rounding_of_thread(void) { return __builtin_ia32_stmxcsr(); }
static inline void set_rounding(uint64_t rounding) { __builtin_ia32_ldmxcsr((unsigned)rounding); }
#elif defined(__aarch64__)
#define FLUSH (1ull << 24)
static inline uint64_t rounding_of_thread(void) {
  uint64_t rounding;
  __asm__ volatile("mrs %0, fpcr" : "=r"(rounding));
  return rounding;
}
static inline void set_rounding(uint64_t rounding) { __asm__ volatile("msr fpcr, %0" ::"r"(rounding)); }
#else
#define FLUSH 0u
static inline uint64_t rounding_of_thread(void) { return 0; }
static inline void set_rounding(uint64_t rounding) { (void)rounding; }
#endif

// To write the register takes longer than to compare, and keeps later instructions waiting: a step of a stream shows it.
static inline uint64_t flush_denormals(void) {
  const uint64_t previous = rounding_of_thread();
  if ((previous & FLUSH) != FLUSH) set_rounding(previous | FLUSH);
  return previous;
}

static inline void restore_rounding(uint64_t previous) {
  if ((previous & FLUSH) != FLUSH) set_rounding(previous);
}

#endif
