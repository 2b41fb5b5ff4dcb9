// Whether a sanitizer is built in, which replaces functions of the C library itself.

#ifndef SANITIZER_H
#define SANITIZER_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

#endif
