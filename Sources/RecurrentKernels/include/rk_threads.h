// A pool of threads.

#ifndef RK_THREADS_H
#define RK_THREADS_H

#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// Threads that wait for work by spinning for some microseconds, then sleeping.
typedef struct rk_pool rk_pool;

/// The number of processors the calling thread may run on, at least 1.
int rk_processor_count(void);
/// Whether the calling thread may run on the processor with this number; 1 if the system does not tell.
int rk_may_run_on(int processor);

/// A pool of `threads` workers: whoever begins a run is one of them. Null if threads cannot be created.
///
/// Waiting workers spin for a while if there are at least as many processors as workers, else they sleep at once. A
/// process made by fork() has none of the pool's threads: its first run restarts them.
rk_pool *_Nullable rk_pool_create(int threads, int processors);
void rk_pool_destroy(rk_pool *pool);
int rk_pool_threads(const rk_pool *pool);

/// Begins a run: body(context, worker, workers) on every worker but the first, which is the calling thread. Returns how
/// many workers there are: 1 if the calling thread has to do the work alone, for the pool is busy, or it is one of the
/// pool's own threads. If there are others, rk_pool_end has to follow, from the same thread.
int rk_pool_begin(rk_pool *pool,
                  void (*body)(void *_Nullable context, int worker, int workers)
                      __attribute__((swift_attr("@Sendable"))),
                  void *_Nullable context);
/// Ends a run: returns when the other workers are done.
void rk_pool_end(rk_pool *pool);

/// A barrier for the workers of one run.
typedef struct {
  int32_t arrived;
  int32_t apart[15];  // keeps both counters on separate cache lines
  int32_t generation;
  int32_t sleepers;
} rk_barrier;

void rk_barrier_wait(rk_barrier *barrier, int workers);

/// Takes the next number from a counter shared by the workers of one run, starting at 0.
int32_t rk_take(int32_t *counter);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
