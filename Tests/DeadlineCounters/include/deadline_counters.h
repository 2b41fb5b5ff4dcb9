// Counts what code on a thread with a deadline must not do.

#ifndef DEADLINE_COUNTERS_H
#define DEADLINE_COUNTERS_H

#include <stdint.h>

/// What one thread has done since `deadline_count_begin`.
typedef struct {
  uint64_t allocations;  // calls that take memory from the system's allocator, or return it
  uint64_t objects;      // objects that Swift has made
  uint64_t references;   // retains and releases of Swift's objects
} deadline_counts;

/// Whether this build and this machine can count: with glibc, without a sanitizer that has an allocator of its own, and
/// with a Swift runtime whose entry points can be replaced.
int deadline_can_count(void);

/// Counts what the calling thread does from here on. Only in a process of its own: while the runtime's functions are
/// replaced, it takes a string's storage for an object.
void deadline_count_begin(void);

/// Ends counting.
deadline_counts deadline_count_end(void);

/// Whether this system can forbid system calls.
int deadline_can_forbid_system_calls(void);

/// From here on the process is killed by SIGSYS if the calling thread calls the system, except to end the process.
void deadline_forbid_system_calls(void);

/// Ends the process without calling anything else.
void deadline_exit(int status) __attribute__((noreturn));

#endif
