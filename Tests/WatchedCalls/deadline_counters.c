// Takes the place of the C library's allocator, and counts its calls; forbids a thread to call the system.

#include "deadline_counters.h"
#include "sanitizer.h"

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static _Thread_local int counting;
static _Thread_local uint64_t allocations;

#if defined(__GLIBC__) && !defined(HAS_SANITIZER)
#define COUNTS_ALLOCATIONS 1

// A program's own functions come before those of the C library, which has each under a second name.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

void *malloc(size_t size) {
  allocations += (uint64_t)counting;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  allocations += (uint64_t)counting;
  return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
  allocations += (uint64_t)counting;
  return __libc_realloc(memory, size);
}

void free(void *memory) {
  allocations += (uint64_t)counting;
  __libc_free(memory);
}

void *aligned_alloc(size_t alignment, size_t size) {
  allocations += (uint64_t)counting;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  allocations += (uint64_t)counting;
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : 12;  // ENOMEM
}
#else
#define COUNTS_ALLOCATIONS 0
#endif

int deadline_can_count(void) { return COUNTS_ALLOCATIONS; }

void deadline_count_begin(void) {
  allocations = 0;
  counting = 1;
}

uint64_t deadline_count_end(void) {
  counting = 0;
  return allocations;
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
