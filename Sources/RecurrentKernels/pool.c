// Threads that start within a microsecond: they spin for a while after a run, since the next training step usually
// follows at once, and otherwise sleep.

#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "RecurrentKernels.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// What a thread does before it sleeps. A pause is 40 to 140 cycles: about 50 µs before an idle worker sleeps, and about
// 15 µs before a waiting worker yields to the others, which may need its processor.
typedef struct {
  int idlePauses;
  int waitPauses;
  int yields;
} patience;

static const patience patient = {.idlePauses = 1000, .waitPauses = 300, .yields = 2000};
// With more workers than processors, a spinning worker takes a processor from those it waits for.
static const patience impatient = {0, 0, 0};

// The patience of the thread's pool.
static _Thread_local const patience *own = &patient;

struct rk_pool {
  int threads;
  const patience *patience;
  const patience *before;             // that of the caller, outside of a run
  pthread_t *handles;
  void (*body)(void *context, int worker, int workers);
  void *context;
  atomic_int forks;                   // the value of `forks` when the threads were started, or RESTARTING
  atomic_int isRunning;               // whether the threads exist
  atomic_int nextWorker;
  _Alignas(64) atomic_int run;        // counts runs; a change is the signal to start
  _Alignas(64) atomic_int remaining;  // workers that have not finished this run
  _Alignas(64) atomic_int idle;       // workers that sleep
  atomic_int waiting;                 // whether the caller sleeps
  atomic_int busy;
  atomic_int stopping;
};

// MARK: Waiting

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#if defined(__linux__)

// Sleeps if the value is still `old`; may return early.
static void sleep_while(atomic_int *value, int old) {
  syscall(SYS_futex, value, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
}

static void wake_all(atomic_int *value) { syscall(SYS_futex, value, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0); }

static void forget_sleepers(void) {}

#else

// One mutex and one condition variable for all sleepers.
static pthread_mutex_t bedroom = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t alarm_clock = PTHREAD_COND_INITIALIZER;

static void sleep_while(atomic_int *value, int old) {
  pthread_mutex_lock(&bedroom);
  if (atomic_load(value) == old) pthread_cond_wait(&alarm_clock, &bedroom);
  pthread_mutex_unlock(&bedroom);
}

static void wake_all(atomic_int *value) {
  (void)value;
  pthread_mutex_lock(&bedroom);
  pthread_cond_broadcast(&alarm_clock);
  pthread_mutex_unlock(&bedroom);
}

// Called after a fork by the only thread: another thread may have held the lock.
static void forget_sleepers(void) {
  pthread_mutex_init(&bedroom, NULL);
  pthread_cond_init(&alarm_clock, NULL);
}

#endif

// Returns when the value has changed. The thread that changes it wakes those that `sleepers` counts.
static inline void wait_while_equal(atomic_int *value, int old, atomic_int *sleepers, int pauses, int yields) {
  for (int i = 0; i < pauses; i++) {
    if (atomic_load_explicit(value, memory_order_acquire) != old) return;
    pause_briefly();
  }
  for (int i = 0; i < yields; i++) {
    if (atomic_load_explicit(value, memory_order_acquire) != old) return;
    sched_yield();
  }
  // Count first, then check the value again: either the other thread sees the count, or this one sees the value.
  atomic_fetch_add(sleepers, 1);
  while (atomic_load(value) == old) sleep_while(value, old);
  atomic_fetch_sub(sleepers, 1);
}

// MARK: Forks

#define RESTARTING -1

// The number of forks between the first process that made a pool and this one.
static atomic_int forks;

static void count_fork(void) {
  atomic_store(&forks, (int)((unsigned)atomic_load(&forks) + 1) & INT32_MAX);
  forget_sleepers();
}

static void watch_forks(void) { pthread_atfork(NULL, NULL, count_fork); }

// MARK: Threads

static void *work(void *argument) {
  rk_pool *pool = argument;
  const int worker = atomic_fetch_add(&pool->nextWorker, 1);
  own = pool->patience;
  rk_flush_denormals();
  int seen = 0;
  for (;;) {
    wait_while_equal(&pool->run, seen, &pool->idle, own->idlePauses, 0);
    seen = atomic_load_explicit(&pool->run, memory_order_acquire);
    if (atomic_load(&pool->stopping)) return NULL;
    pool->body(pool->context, worker, pool->threads);
    if (atomic_fetch_sub(&pool->remaining, 1) == 1 && atomic_load(&pool->waiting)) wake_all(&pool->remaining);
  }
}

static void start_run(rk_pool *pool) {
  atomic_fetch_add(&pool->run, 1);
  if (atomic_load(&pool->idle) > 0) wake_all(&pool->run);
}

static void stop_threads(rk_pool *pool, int count) {
  atomic_store(&pool->stopping, 1);
  start_run(pool);
  for (int i = 1; i < count; i++) pthread_join(pool->handles[i], NULL);
}

// Starts all threads or none; returns whether they were started.
static int start_threads(rk_pool *pool) {
  atomic_store(&pool->nextWorker, 1);
  atomic_store(&pool->run, 0);
  atomic_store(&pool->remaining, 0);
  atomic_store(&pool->idle, 0);
  atomic_store(&pool->waiting, 0);
  atomic_store(&pool->stopping, 0);
  for (int i = 1; i < pool->threads; i++) {
    if (pthread_create(&pool->handles[i], NULL, work, pool)) {
      stop_threads(pool, i);
      return 0;
    }
  }
  return 1;
}

// Whether the pool's threads can take part in a run. After a fork, the child process has neither the parent's threads
// nor their pending work: the first thread that gets here restarts them, and others work alone meanwhile.
static int has_threads(rk_pool *pool) {
  const int now = atomic_load_explicit(&forks, memory_order_relaxed);
  int mine = atomic_load_explicit(&pool->forks, memory_order_acquire);
  if (mine != now) {
    if (mine == RESTARTING || !atomic_compare_exchange_strong(&pool->forks, &mine, RESTARTING)) return 0;
    atomic_store(&pool->busy, 0);
    atomic_store(&pool->isRunning, start_threads(pool));
    atomic_store(&pool->forks, now);
  }
  return atomic_load_explicit(&pool->isRunning, memory_order_relaxed);
}

rk_pool *rk_pool_create(int threads, int processors) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  if (threads < 1 || pthread_once(&once, watch_forks)) return NULL;
  void *memory = NULL;
  if (posix_memalign(&memory, 64, sizeof(rk_pool))) return NULL;
  rk_pool *pool = memory;
  *pool = (rk_pool){.threads = threads, .patience = threads > processors ? &impatient : &patient};
  atomic_store(&pool->forks, atomic_load(&forks));
  pool->handles = calloc((size_t)threads, sizeof(pthread_t));
  if (!pool->handles || !start_threads(pool)) {
    free(pool->handles);
    free(pool);
    return NULL;
  }
  atomic_store(&pool->isRunning, 1);
  return pool;
}

void rk_pool_destroy(rk_pool *pool) {
  // A child process has no threads to wait for.
  if (atomic_load(&pool->forks) == atomic_load(&forks) && atomic_load(&pool->isRunning)) {
    stop_threads(pool, pool->threads);
  }
  free(pool->handles);
  free(pool);
}

int rk_pool_threads(const rk_pool *pool) { return pool->threads; }

int rk_pool_begin(rk_pool *pool, void (*body)(void *context, int worker, int workers), void *context) {
  if (pool->threads == 1 || !has_threads(pool) || atomic_exchange(&pool->busy, 1)) return 1;
  pool->before = own;
  own = pool->patience;
  pool->body = body;
  pool->context = context;
  atomic_store(&pool->remaining, pool->threads - 1);
  start_run(pool);
  return pool->threads;
}

void rk_pool_end(rk_pool *pool) {
  for (int left; (left = atomic_load_explicit(&pool->remaining, memory_order_acquire)) > 0;)
    wait_while_equal(&pool->remaining, left, &pool->waiting, own->waitPauses, own->yields);
  own = pool->before;
  atomic_store(&pool->busy, 0);
}

void rk_barrier_wait(rk_barrier *barrier, int workers) {
  if (workers <= 1) return;
  atomic_int *arrived = (atomic_int *)&barrier->arrived, *generation = (atomic_int *)&barrier->generation;
  atomic_int *sleepers = (atomic_int *)&barrier->sleepers;
  const int current = atomic_load_explicit(generation, memory_order_relaxed);
  if (atomic_fetch_add_explicit(arrived, 1, memory_order_acq_rel) + 1 == workers) {
    atomic_store_explicit(arrived, 0, memory_order_relaxed);
    // Unsigned, so that the count may wrap around.
    atomic_store(generation, (int)((unsigned)current + 1));
    if (atomic_load(sleepers) > 0) wake_all(generation);
  } else {
    wait_while_equal(generation, current, sleepers, own->waitPauses, own->yields);
  }
}

int32_t rk_take(int32_t *counter) { return atomic_fetch_add((atomic_int *)counter, 1); }
