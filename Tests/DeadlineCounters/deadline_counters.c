#include "deadline_counters.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static _Thread_local int counting;
static _Thread_local deadline_counts counts;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

#if defined(__GLIBC__) && !defined(HAS_SANITIZER)
#define COUNTS_ALLOCATIONS 1

// A program's own functions come before those of the C library, which has each under a second name.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

void *malloc(size_t size) {
  counts.allocations += (uint64_t)counting;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  counts.allocations += (uint64_t)counting;
  return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
  counts.allocations += (uint64_t)counting;
  return __libc_realloc(memory, size);
}

void free(void *memory) {
  counts.allocations += (uint64_t)counting;
  __libc_free(memory);
}

void *aligned_alloc(size_t alignment, size_t size) {
  counts.allocations += (uint64_t)counting;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  counts.allocations += (uint64_t)counting;
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : 12;  // ENOMEM
}
#else
#define COUNTS_ALLOCATIONS 0
#endif

#if defined(__linux__)
// Swift's runtime calls these through pointers if the flag is set, so that tools can count.
extern void *(*_swift_allocObject)(const void *, size_t, size_t) __attribute__((weak));
extern void *(*_swift_retain)(void *) __attribute__((weak));
extern void *(*_swift_retain_n)(void *, uint32_t) __attribute__((weak));
extern void (*_swift_release)(void *) __attribute__((weak));
extern void (*_swift_release_n)(void *, uint32_t) __attribute__((weak));
extern atomic_bool _swift_enableSwizzlingOfAllocationAndRefCountingFunctions_forInstrumentsOnly
    __attribute__((weak));

static void *(*make)(const void *, size_t, size_t);
static void *(*retain)(void *);
static void *(*retain_n)(void *, uint32_t);
static void (*release)(void *);
static void (*release_n)(void *, uint32_t);

static void *counted_make(const void *type, size_t size, size_t alignment) {
  counts.objects += (uint64_t)counting;
  return make(type, size, alignment);
}

static void *counted_retain(void *object) {
  counts.references += (uint64_t)counting;
  return retain(object);
}

static void *counted_retain_n(void *object, uint32_t n) {
  counts.references += (uint64_t)counting;
  return retain_n(object, n);
}

static void counted_release(void *object) {
  counts.references += (uint64_t)counting;
  release(object);
}

static void counted_release_n(void *object, uint32_t n) {
  counts.references += (uint64_t)counting;
  release_n(object, n);
}

static int replace(void) {
  if (retain) return 1;
  if (!&_swift_enableSwizzlingOfAllocationAndRefCountingFunctions_forInstrumentsOnly || !&_swift_allocObject ||
      !&_swift_retain || !&_swift_retain_n || !&_swift_release || !&_swift_release_n)
    return 0;
  make = _swift_allocObject;
  retain = _swift_retain;
  retain_n = _swift_retain_n;
  release = _swift_release;
  release_n = _swift_release_n;
  _swift_allocObject = counted_make;
  _swift_retain = counted_retain;
  _swift_retain_n = counted_retain_n;
  _swift_release = counted_release;
  _swift_release_n = counted_release_n;
  return 1;
}

static void use_replaced(int isUsed) {
  if (retain) atomic_store(&_swift_enableSwizzlingOfAllocationAndRefCountingFunctions_forInstrumentsOnly, isUsed);
}
#else
static int replace(void) { return 0; }
static void use_replaced(int isUsed) { (void)isUsed; }
#endif

int deadline_can_count(void) { return COUNTS_ALLOCATIONS && replace(); }

void deadline_count_begin(void) {
  counts = (deadline_counts){0};
  use_replaced(1);
  counting = 1;
}

deadline_counts deadline_count_end(void) {
  counting = 0;
  use_replaced(0);
  return counts;
}

#if defined(__linux__)
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

int deadline_can_forbid_system_calls(void) { return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0; }

void deadline_forbid_system_calls(void) {
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) _exit(70);
}
#else
int deadline_can_forbid_system_calls(void) { return 0; }
void deadline_forbid_system_calls(void) {}
#endif

void deadline_exit(int status) { _exit(status); }
