// Notes the calls that decide what of a file survives a power failure.

#ifndef FILE_CALLS_H
#define FILE_CALLS_H

/// Whether this build can note calls: on Linux, without a sanitizer.
int file_calls_can_be_noted(void);

/// Notes calls of the calling thread from here on.
void file_calls_begin(void);

/// Ends noting and returns a letter for each call, in order: `f` for a synchronized file, `d` for a synchronized
/// folder, `r` for a rename. Valid until the thread begins anew.
const char *file_calls_end(void);

#endif
