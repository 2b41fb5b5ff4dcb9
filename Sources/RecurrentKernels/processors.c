// The processors that the calling thread may run on.

#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "RecurrentKernels.h"

#include <sched.h>
#include <unistd.h>

#if defined(__linux__)

// The processors that the calling thread may run on, which the caller frees; NULL if the system does not tell.
static cpu_set_t *allowed_processors(size_t *bytes) {
  // The set must be large enough for all processors of the machine.
  for (int size = 1024; size <= 1 << 20; size *= 2) {
    cpu_set_t *set = CPU_ALLOC(size);
    if (!set) return NULL;
    *bytes = CPU_ALLOC_SIZE(size);
    if (!sched_getaffinity(0, *bytes, set) && CPU_COUNT_S(*bytes, set) > 0) return set;
    CPU_FREE(set);
  }
  return NULL;
}

#endif

int rk_processor_count(void) {
#if defined(__linux__)
  size_t bytes;
  cpu_set_t *set = allowed_processors(&bytes);
  if (set) {
    const int count = CPU_COUNT_S(bytes, set);
    CPU_FREE(set);
    return count;
  }
#endif
  const long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int)count : 1;
}

int rk_may_run_on(int processor) {
#if defined(__linux__)
  size_t bytes;
  cpu_set_t *set = processor < 0 ? NULL : allowed_processors(&bytes);
  if (set) {
    const int may = CPU_ISSET_S((size_t)processor, bytes, set) != 0;
    CPU_FREE(set);
    return may;
  }
#else
  (void)processor;
#endif
  return 1;
}
