// Threads that are ready within a microsecond: they spin for a while after a run, since the next training step follows
// at once, and sleep when it does not.

#include "RecurrentKernels.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// A pause is 40 to 140 cycles: some 50 µs of spinning before a worker sleeps, some 15 µs before a waiting one yields.
#define SPINS_BEFORE_SLEEP 1000
#define SPINS_BEFORE_YIELD 300

struct rk_pool {
  int threads;
  pthread_t *handles;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  void (*body)(void *context, int worker, int workers);
  void *context;
  atomic_int nextWorker;
  _Alignas(64) atomic_int run;        // counts runs; a change is the signal to start
  _Alignas(64) atomic_int remaining;  // workers that have not finished this run
  _Alignas(64) atomic_int sleepers;
  atomic_int busy;
  atomic_int stopping;
};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Spins, and lets other threads run when that takes long: with more threads than cores the awaited one may need ours.
static inline void wait_while_equal(atomic_int *value, int old) {
  for (int spin = 0; atomic_load_explicit(value, memory_order_acquire) == old; spin++) {
    if (spin < SPINS_BEFORE_YIELD)
      pause_briefly();
    else
      sched_yield();
  }
}

static void *work(void *argument) {
  rk_pool *pool = argument;
  const int worker = atomic_fetch_add(&pool->nextWorker, 1);
  rk_flush_denormals();
  int seen = 0;
  for (;;) {
    for (int spin = 0; spin < SPINS_BEFORE_SLEEP; spin++) {
      if (atomic_load_explicit(&pool->run, memory_order_acquire) != seen) break;
      pause_briefly();
    }
    if (atomic_load(&pool->run) == seen) {
      pthread_mutex_lock(&pool->mutex);
      atomic_fetch_add(&pool->sleepers, 1);
      while (atomic_load(&pool->run) == seen) pthread_cond_wait(&pool->wake, &pool->mutex);
      atomic_fetch_sub(&pool->sleepers, 1);
      pthread_mutex_unlock(&pool->mutex);
    }
    seen = atomic_load_explicit(&pool->run, memory_order_acquire);
    if (atomic_load(&pool->stopping)) return NULL;
    pool->body(pool->context, worker, pool->threads);
    atomic_fetch_sub_explicit(&pool->remaining, 1, memory_order_release);
  }
}

static void start_run(rk_pool *pool) {
  atomic_fetch_add(&pool->run, 1);
  if (atomic_load(&pool->sleepers) > 0) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
  }
}

rk_pool *rk_pool_create(int threads) {
  if (threads < 1) return NULL;
  void *memory = NULL;
  if (posix_memalign(&memory, 64, sizeof(rk_pool))) return NULL;
  rk_pool *pool = memory;
  *pool = (rk_pool){.threads = 1, .nextWorker = 1};
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pool->handles = calloc((size_t)threads, sizeof(pthread_t));
  for (int i = 1; pool->handles && i < threads; i++) {
    if (pthread_create(&pool->handles[i], NULL, work, pool)) break;
    pool->threads = i + 1;
  }
  if (pool->threads != threads) {
    rk_pool_destroy(pool);
    return NULL;
  }
  return pool;
}

void rk_pool_destroy(rk_pool *pool) {
  atomic_store(&pool->stopping, 1);
  start_run(pool);
  for (int i = 1; i < pool->threads; i++) pthread_join(pool->handles[i], NULL);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->mutex);
  free(pool->handles);
  free(pool);
}

int rk_pool_threads(const rk_pool *pool) { return pool->threads; }

void rk_pool_run(rk_pool *pool, void (*body)(void *context, int worker, int workers), void *context) {
  const uint64_t rounding = rk_flush_denormals();
  if (pool->threads == 1 || atomic_exchange(&pool->busy, 1)) {
    body(context, 0, 1);
  } else {
    pool->body = body;
    pool->context = context;
    atomic_store(&pool->remaining, pool->threads - 1);
    start_run(pool);
    body(context, 0, pool->threads);
    for (int left; (left = atomic_load_explicit(&pool->remaining, memory_order_acquire)) > 0;)
      wait_while_equal(&pool->remaining, left);
    atomic_store(&pool->busy, 0);
  }
  rk_restore_rounding(rounding);
}

void rk_barrier_wait(rk_barrier *barrier, int workers) {
  if (workers <= 1) return;
  atomic_int *arrived = (atomic_int *)&barrier->arrived, *generation = (atomic_int *)&barrier->generation;
  const int current = atomic_load_explicit(generation, memory_order_relaxed);
  if (atomic_fetch_add_explicit(arrived, 1, memory_order_acq_rel) + 1 == workers) {
    atomic_store_explicit(arrived, 0, memory_order_relaxed);
    // Unsigned, so that the count may go round.
    atomic_store_explicit(generation, (int)((unsigned)current + 1), memory_order_release);
  } else {
    wait_while_equal(generation, current);
  }
}

int32_t rk_take(int32_t *counter) { return atomic_fetch_add((atomic_int *)counter, 1); }
