// Vectors of eight floats, for template/vector.inc.

#include <immintrin.h>
#include <string.h>

#define WIDTH 8
#define VEC_MIN(a, b) ((vec)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define VEC_MAX(a, b) ((vec)_mm256_max_ps((__m256)(a), (__m256)(b)))

#define VEC_LOAD_PART(p, n) ((vec)_mm256_maskload_ps(p, _mm256_loadu_si256((const __m256i *)(first_floats + 8 - (n)))))

// Eight numbers from index 8 - n are the mask of the first n floats.
static const int32_t first_floats[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
