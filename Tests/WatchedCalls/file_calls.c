// Takes the place of fsync and rename of the C library, and notes who calls them.

#define _GNU_SOURCE
#include "file_calls.h"
#include "sanitizer.h"

#include <stddef.h>

static _Thread_local char calls[64];
static _Thread_local size_t count;
static _Thread_local int noting;

#if defined(__linux__) && !defined(HAS_SANITIZER)
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void note(char call) {
  if (noting && count + 1 < sizeof calls) calls[count++] = call;
}

// A program's own functions come before those of the C library.
int fsync(int file) {
  struct stat status;
  note(fstat(file, &status) == 0 && S_ISDIR(status.st_mode) ? 'd' : 'f');
  return (int)syscall(SYS_fsync, file);
}

int rename(const char *from, const char *to) {
  note('r');
  return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int file_calls_can_be_noted(void) { return 1; }
#else
int file_calls_can_be_noted(void) { return 0; }
#endif

void file_calls_begin(void) {
  count = 0;
  noting = 1;
}

const char *file_calls_end(void) {
  noting = 0;
  calls[count] = 0;
  return calls;
}
