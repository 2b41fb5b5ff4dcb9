// Memory for tiles, and the treatment of denormal numbers.

#ifndef RK_MEMORY_H
#define RK_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// Allocates aligned, zeroed memory for tiles; null if there is none left.
void *_Nullable rk_allocate(size_t bytes);
void rk_free(void *_Nullable memory);

/// The number of calls of rk_allocate, for the test that a steady training step makes none.
uint64_t rk_allocation_count(void);

/// Makes the calling thread flush denormal numbers to zero: each costs about a hundred cycles and is negligible here.
/// Returns the previous setting, for rk_restore_rounding.
uint64_t rk_flush_denormals(void);
void rk_restore_rounding(uint64_t previous);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
