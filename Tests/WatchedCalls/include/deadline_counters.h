// Counts what code on a thread with a deadline must not do.

#ifndef DEADLINE_COUNTERS_H
#define DEADLINE_COUNTERS_H

#include <stdint.h>

/// Whether this build can count: with glibc, and without a sanitizer that has an allocator of its own.
int deadline_can_count(void);

/// Counts calls of the system's allocator by the calling thread from here on.
void deadline_count_begin(void);

/// Ends counting and returns how many there were.
uint64_t deadline_count_end(void);

/// Whether this system can forbid system calls.
int deadline_can_forbid_system_calls(void);

/// From here on the process is killed by SIGSYS if the calling thread calls the system, except to end the process.
void deadline_forbid_system_calls(void);

/// Ends the process without calling anything else.
void deadline_exit(int status) __attribute__((noreturn));

#endif
