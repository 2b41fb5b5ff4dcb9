// Compares the kernels of one instruction set with the naive ones, without anything but the C library, so that it runs
// under an emulator. The test suite does the same and more where Swift runs.
//
//   verify SET     one line per kernel; exit status 1 where one is wrong, 2 where the machine has not got the set

#include "RecurrentKernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 16384
#define ARRAYS 6
#define UNWRITTEN 3e33f
#define EPSILON 1.1920929e-7f

// Arguments, and what the two versions write. Filled anew for every comparison.
static float in[ARRAYS][SIZE], results[2][ARRAYS][SIZE];
static int32_t samples[64], labels[64], correct[2][64], present[2][64];
static uint8_t bytes[SIZE];
static const rk_kernels *sets[2];

// The largest error of the kernel at hand, as a share of what is allowed, and how many comparisons were made.
static double worst;
static long comparisons;
static int failures;

// The fractional parts of i φ, from -0.9 to 1.1.
static float value(long index, int seed) {
  const double turns = (double)index * 0.618033988749895 + seed * 0.414213562373095;
  return (float)(2 * (turns - floor(turns)) - 0.9);
}

static void fill(float scale, float unwritten) {
  for (int array = 0; array < ARRAYS; array++)
    for (long i = 0; i < SIZE; i++) {
      in[array][i] = scale * value(i, array);
      results[0][array][i] = results[1][array][i] = unwritten;
    }
}

// Makes what both versions start from, where a kernel reads what it writes.
static void start_from(int array, const float *values) {
  for (int s = 0; s < 2; s++) memcpy(results[s][array], values, SIZE * sizeof(float));
}

// Compares everything: what a kernel must not write is equal in both only if neither did.
static void compare(float tolerance) {
  const float *a = results[0][0], *b = results[1][0];
  for (long i = 0; i < ARRAYS * SIZE; i++) {
    if (a[i] == b[i] || (a[i] != a[i] && b[i] != b[i])) continue;
    const double error = tolerance > 0 ? fabs((double)a[i] - (double)b[i]) / tolerance : INFINITY;
    if (!(error <= worst)) worst = error;
  }
  comparisons++;
}

static void report(const char *kernel) {
  const int right = worst <= 1 && comparisons > 0;
  printf("%-20s %-5s  %5ld comparisons, largest error %.3f of what is allowed\n", kernel, right ? "right" : "WRONG",
         comparisons, worst);
  failures += !right;
  worst = 0;
  comparisons = 0;
}

// Runs a call for both versions: `kernels` writes to `out`.
#define BOTH(call)                                                       \
  for (int s = 0; s < 2; s++) {                                          \
    const rk_kernels *kernels = sets[s];                                 \
    float(*out)[SIZE] = results[s];                                      \
    call;                                                                \
  }

// Lane counts on both sides of every vector width.
static const ptrdiff_t lanes[] = {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 50, 56, 64};
#define EACH_LANES for (const ptrdiff_t *n = lanes; n < lanes + sizeof lanes / sizeof *lanes; n++)

static void verify_product(void) {
  static const ptrdiff_t rows[] = {1, 2, 3, 5, 6, 7, 8, 13, 80}, depths[] = {0, 1, 3, 20, 48};
  for (int start = RK_FROM_ZERO; start <= RK_FROM_ROW; start++)
    for (int m = 0; m < 9; m++)
      for (ptrdiff_t n = 8; n <= 136; n += 8 * (1 + m % 3))
        for (int k = 0; k < 5; k++) {
          fill(1, UNWRITTEN);
          start_from(0, in[3]);
          const rk_term terms[2] = {{in[0], 51, in[1], 139, depths[k]}, {in[1], 20, in[0], 141, k}};
          BOTH(kernels->product(out[0], 137, rows[m], n, (rk_start)start, in[2], terms, 2))
          // Each product, and the start, is at most 1.21.
          const float operations = (float)(depths[k] + k + 1);
          compare(operations * EPSILON * operations * 1.21f);
        }
  report("product");
}

static void verify_arrays(void) {
  EACH_LANES for (ptrdiff_t rows = 1; rows < 50; rows += 3) {
    fill(1, UNWRITTEN);
    BOTH(kernels->transpose(in[0], *n + 1, out[0], rows + 2, rows, *n))
    compare(0);
  }
  report("transpose");
  EACH_LANES for (ptrdiff_t rows = 1; rows < 50; rows += 3) {
    fill(1, UNWRITTEN);
    BOTH(kernels->transposeAdd(in[0], *n + 1, rows % 2 ? in[1] : NULL, out[0], rows + 2, rows, *n))
    compare(0);
  }
  report("transposeAdd");
  EACH_LANES for (ptrdiff_t rows = 1; rows < 20; rows++) {
    fill(1, UNWRITTEN);
    start_from(0, in[1]);
    BOTH(kernels->rowSums(in[0], *n + 3, out[0], rows, *n))
    compare((float)(*n + 1) * EPSILON * 1.1f * (float)(*n + 1));
  }
  report("rowSums");
  EACH_LANES for (ptrdiff_t count = 1; count < 5; count++) {
    fill(1, UNWRITTEN);
    BOTH(kernels->sumMatrices(in[0], *n + 1, 1000, count, out[0], *n + 2, 5, *n))
    compare(0);
  }
  report("sumMatrices");
  EACH_LANES {
    fill(1, UNWRITTEN);
    start_from(0, in[1]);
    BOTH(kernels->addScaled(-0.37f, in[0], out[0], *n))
    compare(2 * EPSILON * 1.6f);
  }
  report("addScaled");
  EACH_LANES {
    fill(1, UNWRITTEN);
    start_from(0, in[1]);
    BOTH(kernels->combine(-0.37f, in[0], 0.81f, out[0], *n))
    compare(3 * EPSILON * 1.3f);
  }
  report("combine");
  EACH_LANES {
    fill(1, UNWRITTEN);
    start_from(0, in[1]);
    BOTH(kernels->clip(0.4f, out[0], *n))
    compare(0);
  }
  report("clip");
  for (ptrdiff_t n = 0; n < 300; n++) {
    fill(1, UNWRITTEN);
    // As floats: what is left of an error of double precision is at most one rounding.
    BOTH(out[0][0] = (float)kernels->sumOfSquares(in[0], n))
    compare(EPSILON * 300);
  }
  report("sumOfSquares");
}

// Starts from weights, a mean, and a mean of squares.
static void start_update(void) {
  fill(1, UNWRITTEN);
  for (int array = 0; array < 3; array++) start_from(array, in[array]);
  for (int s = 0; s < 2; s++)
    for (long i = 0; i < SIZE; i++) results[s][2][i] = fabsf(results[s][2][i]) + 0.01f;
}

static void verify_updates(void) {
  EACH_LANES for (int32_t isNesterov = 0; isNesterov < 2; isNesterov++) {
    start_update();
    const rk_momentum settings = {0.1f, 0.9f, 0.2f, isNesterov};
    BOTH(kernels->momentum(settings, out[0], in[3], out[1], *n))
    compare(6 * EPSILON * 2.4f);
  }
  report("momentum");
  EACH_LANES {
    start_update();
    const rk_mean_square settings = {0.1f, 0.9f, 0.1f, 1e-8f, 0.2f};
    BOTH(kernels->meanSquare(settings, out[0], in[3], out[2], *n))
    // A root of a tenth of 1.1 and more, which a gradient of 1.3 is divided by.
    compare(8 * EPSILON * 2.4f);
  }
  report("meanSquare");
  EACH_LANES {
    start_update();
    const rk_adam settings = {0.9f, 0.999f, 0.1f, 0.01f, 31.6f, 1e-8f, 0.2f, 0.9f};
    BOTH(kernels->adam(settings, out[0], in[3], out[1], out[2], *n))
    compare(8 * EPSILON * 1.3f);
  }
  report("adam");
  EACH_LANES {
    start_update();
    const rk_lion settings = {0.1f, 0.9f, 0.99f, 0.2f};
    BOTH(kernels->lion(settings, out[0], in[3], out[1], *n))
    compare(4 * EPSILON * 1.2f);
  }
  report("lion");
}

static void verify_gather(void) {
  // Every seventh lane has no sample.
  for (int i = 0; i < 64; i++) samples[i] = i % 7 == 3 ? -1 : (i * 29 + 7) % 31;
  for (int i = 0; i < SIZE; i++) bytes[i] = (uint8_t)(i * 37 + 11);
  for (int kind = 0; kind < 2; kind++) {
    EACH_LANES for (ptrdiff_t features = 1; features < 70; features += 9) {
      fill(1, UNWRITTEN);
      if (kind == 0) {
        BOTH(kernels->gatherBytes(bytes, 500, samples, *n * 3 / 4, features, 1 / 255.0f, out[0], *n + 1, *n))
      } else {
        BOTH(kernels->gatherFloats(in[0], 500, samples, *n * 3 / 4, features, 0.3f, out[0], *n + 1, *n))
      }
      compare(0);
    }
    report(kind == 0 ? "gatherBytes" : "gatherFloats");
  }
  EACH_LANES for (ptrdiff_t features = 1; features < 70; features += 9) {
    fill(1, UNWRITTEN);
    start_from(0, in[1]);
    BOTH(kernels->scatterAddRows(in[0], *n + 2, *n, samples, *n * 3 / 4, features, out[0], features + 1))
    compare(0);
  }
  report("scatterAddRows");
}

// Each function errs by 2.5 ulps at most in either version; c' is the sum of two products of such results.
#define FUNCTION_ERROR (5 * EPSILON)

static void verify_gates(void) {
  EACH_LANES for (ptrdiff_t rows = 0; rows < 8; rows++) {
    fill(3, UNWRITTEN);
    start_from(0, in[0]);
    const rk_block block = {rows, *n, *n + rows % 3};
    BOTH(kernels->lstmForward(block, out[0], 600, in[1], out[1], out[2], out[3]))
    compare(3 * FUNCTION_ERROR * 4.3f);
  }
  report("lstmForward");
  EACH_LANES for (ptrdiff_t rows = 0; rows < 8; rows++) {
    fill(0.9f, UNWRITTEN);
    start_from(0, in[0]);
    start_from(1, in[4]);
    const rk_block block = {rows, *n, *n + rows % 3};
    BOTH(kernels->lstmBackward(block, out[0], 600, in[1], in[2], in[3], out[1]))
    compare(10 * EPSILON * 2);
  }
  report("lstmBackward");
#define VERIFY(name, scale, error, call)                       \
  EACH_LANES for (ptrdiff_t rows = 0; rows < 8; rows++) {      \
    fill(scale, UNWRITTEN);                                    \
    for (int array = 0; array < 2; array++) start_from(array, in[array]); \
    const rk_block block = {rows, *n, *n + rows % 3};          \
    BOTH(call)                                                 \
    compare(error);                                            \
  }                                                            \
  report(name);
  const float gruError = 3 * FUNCTION_ERROR * 4.3f;
  VERIFY("gruForward", 2, gruError, kernels->gruForward(block, out[0], 600, in[2], out[1]))
  VERIFY("gruBackward", 0.9f, 12 * EPSILON * 2, kernels->gruBackward(block, out[0], 600, in[2], in[3], out[1], rows % 2))
  VERIFY("gruGate", 2, gruError, kernels->gruGate(block, out[0], 600, in[2], out[1]))
  VERIFY("gruUpdate", 0.9f, gruError, kernels->gruUpdate(block, out[0], 600, in[2], out[1]))
  VERIFY("gruUpdateBackward", 0.9f, 12 * EPSILON * 2,
         kernels->gruUpdateBackward(block, out[0], 600, in[2], in[3], out[1], rows % 2))
  VERIFY("gruGateBackward", 0.9f, 12 * EPSILON * 2,
         kernels->gruGateBackward(block, out[0], 600, in[2], in[3], out[1]))
  // Masks are exact; what is kept is multiplied and added once.
  const rk_mask mask = {0x12345678u, 0x4ccccccdu, 77};
  VERIFY("dropout", 1, 2 * EPSILON * 3, kernels->dropout(block, mask, 1.25f, in[2], out[0], rows % 2))
  VERIFY("scale", 1, 2 * EPSILON * 3, kernels->scale(block, -0.3f, in[2], out[0], rows % 2))
  VERIFY("multiply", 1, 0, kernels->multiply(block, in[2], in[3], out[0]))
  VERIFY("zoneout", 1, 0, kernels->zoneout(block, mask, in[2], out[0]))
  VERIFY("zoneoutBackward", 1, EPSILON * 3, kernels->zoneoutBackward(block, mask, out[0], out[1], rows % 2))
  VERIFY("mix", 1, 2 * EPSILON * 3, kernels->mix(block, 0.3f, in[2], out[0]))
#undef VERIFY
  EACH_LANES {
    fill(3, UNWRITTEN);
    const rk_block block = {5, *n, *n + 1};
    BOTH(kernels->elmanForward(block, in[0], out[0]))
    compare(FUNCTION_ERROR);
  }
  report("elmanForward");
  EACH_LANES {
    fill(0.9f, UNWRITTEN);
    const rk_block block = {5, *n, *n + 1};
    BOTH(kernels->elmanBackward(block, out[0], in[0], in[1]))
    compare(3 * EPSILON);
  }
  report("elmanBackward");
}

// LSTM gates with each option and all of them; vectors over rows and, where there is one row, over lanes.
static void verify_lstm_options(void) {
  static const rk_activation functions[] = {{RK_SIGMOID_OF, 0, 0}, {RK_TANH, 0, 0}, {RK_SOFTSIGN, 0, 0},
                                            {RK_ELU, 0.7f, 0}, {RK_SCALED_TANH, 0.9f, 0.6f}};
  for (int backward = 0; backward < 2; backward++) {
    for (int options = 0; options < 64; options++)
      EACH_LANES {
        fill(backward ? 0.9f : 2, UNWRITTEN);
        if (backward) start_from(2, in[3]);
        start_from(1, in[4]);
        const int isGeneral = options >> 2 & 1, byLanes = options >> 5 & 1;
        const ptrdiff_t rows = byLanes ? 1 : 5;
        const rk_block block = {rows, *n, *n + 1};
        const rk_lstm cell = {.couplesInputAndForgetGates = options & 1,
                              .isGeneral = isGeneral,
                              .cellClip = options & 2 ? 0.7f : INFINITY,
                              .preactivationClip = isGeneral ? 0.8f : INFINITY,
                              .gate = functions[isGeneral && options & 8 ? 2 : 0],
                              .candidate = functions[isGeneral && options & 8 ? 3 : 1],
                              .cell = functions[isGeneral && options & 8 ? 4 : 1],
                              .peepholes = {options & 16 ? in[4] : NULL, 70, !byLanes, byLanes}};
        // Slopes are found in what forward has left.
        if (backward) sets[1]->lstmOptionsForward(block, cell, in[0], 600, in[1], in[2], in[5], in[3]);
        start_from(0, in[0]);
        if (backward) {
          BOTH(kernels->lstmOptionsBackward(block, cell, out[0], 600, in[1], in[5], in[3], out[1],
                                            options & 16 ? out[2] : NULL,
                                             *n % RK_LANE_MULTIPLE ? *n : *n - 3))
        } else {
          BOTH(kernels->lstmOptionsForward(block, cell, out[0], 600, in[1], out[1], out[2], out[3]))
        }
        compare(24 * EPSILON * 5);
      }
    report(backward ? "lstmOptionsBackward" : "lstmOptionsForward");
  }
}

// GRU gates with options, part by part.
static void verify_gru_options(void) {
  static const rk_activation functions[] = {{RK_SIGMOID_OF, 0, 0}, {RK_TANH, 0, 0}, {RK_SOFTSIGN, 0, 0},
                                            {RK_ELU, 0.7f, 0}};
  for (int backward = 0; backward < 2; backward++) {
    for (int options = 0; options < 24; options++)
      EACH_LANES {
        fill(backward ? 0.9f : 2, UNWRITTEN);
        const int isFresh = options >> 2 & 1;
        const rk_block block = {5, *n, *n + 1};
        const rk_gru cell = {.part = options % 3,
                             .preactivationClip = options & 8 ? 0.8f : INFINITY,
                             .gate = functions[options & 16 ? 2 : 0],
                             .candidate = functions[options & 16 ? 3 : 1]};
        // The update finds the gates there, and slopes are found in what forward has left.
        if (cell.part == RK_GRU_UPDATE) {
          rk_gru gates = cell;
          gates.part = RK_GRU_GATES;
          sets[1]->gruOptionsForward(block, gates, in[0], 600, in[1], in[2], in[5]);
        }
        if (backward) {
          sets[1]->gruOptionsForward(block, cell, in[0], 600, in[1], in[2], in[5]);
          start_from(1, in[3]);
        }
        start_from(0, in[0]);
        if (backward) {
          BOTH(kernels->gruOptionsBackward(block, cell, out[0], 600, in[1], in[5], in[4], out[1], isFresh))
        } else {
          BOTH(kernels->gruOptionsForward(block, cell, out[0], 600, in[1], out[1], out[2]))
        }
        compare(24 * EPSILON * 8);
      }
    report(backward ? "gruOptionsBackward" : "gruOptionsForward");
  }
}

// Layer normalization with each option; units as rows and, forward, as lanes with zeros behind them.
static void verify_layer_norm(void) {
  static float saved[SIZE], statistics[SIZE];
  for (int backward = 0; backward < 2; backward++) {
    for (int options = 0; options < (backward ? 8 : 16); options++)
      EACH_LANES {
        const int byLanes = options >> 3;
        if (byLanes && *n % RK_LANE_MULTIPLE) continue;
        fill(backward ? 0.9f : 2, UNWRITTEN);
        const ptrdiff_t rows = byLanes ? 1 : 5, row = *n + 1, gate = rows * row, units = byLanes ? *n - 3 : rows;
        if (byLanes)
          for (int part = 0; part < 13; part++)
            for (ptrdiff_t lane = units; lane < *n; lane++) {
              in[0][part % 4 * gate + lane] = in[1][lane] = in[4][part * 70 + lane] = 0;
            }
        const rk_block block = {rows, *n, row};
        const rk_norm_lstm cell = {.couplesInputAndForgetGates = options & 1,
                                   .hasPeepholes = options >> 1 & 1,
                                   .units = units,
                                   .cellClip = options & 4 ? 0.7f : INFINITY,
                                   .epsilon = 1e-3f,
                                   .vectors = {in[4], 70, !byLanes, byLanes}};
        if (backward) sets[1]->lstmNormForward(block, cell, in[0], gate, in[1], in[2], saved, statistics, in[5]);
        start_from(0, in[0]);
        start_from(1, in[4]);
        if (backward) {
          const ptrdiff_t running = *n % RK_LANE_MULTIPLE ? *n : *n - 3;
          start_from(3, in[5]);
          BOTH(kernels->lstmNormBackward(block, cell, out[0], gate, in[1], saved, statistics, in[3], out[1], out[2],
                                         out[3], running))
          // The total of a row counts, not which lane holds how much.
          for (int s = 0; s < 2; s++)
            for (float *sums = results[s][3]; sums < results[s][3] + 13 * gate; sums += row)
              for (ptrdiff_t lane = 1; lane < running; lane++) {
                sums[0] += sums[lane];
                sums[lane] = 0;
              }
        } else {
          BOTH(kernels->lstmNormForward(block, cell, out[0], gate, in[1], out[1], out[2], out[4], out[3]))
          // What lanes without a unit get does not matter.
          for (int s = 0; s < 2 && byLanes; s++)
            for (ptrdiff_t lane = units; lane < *n; lane++)
              for (int array = 0; array < 4; array++)
                for (int part = 0; part < 4; part++) results[s][array][part * gate + lane] = 0;
        }
        // A norm of nearly equal numbers widens errors some ten times, one after another and on the way back.
        compare((24 + 5) * EPSILON * 5 * 100);
      }
    report(backward ? "lstmNormBackward" : "lstmNormForward");
  }
}

static void verify_minimal(void) {
  static const char *names[] = {"mguForward", "mguBackward", "mguGate", "mguUpdate", "mguUpdateBackward",
                                "mguGateBackward"};
  for (int kernel = 0; kernel < 6; kernel++) {
    EACH_LANES for (int isFresh = 0; isFresh < 2; isFresh++) {
      fill(0.9f, UNWRITTEN);
      for (int array = 0; array < 3; array++) start_from(array, in[array]);
      const rk_block block = {5, *n, *n + 1};
      switch (kernel) {
        case 0: BOTH(kernels->mguForward(block, out[0], 600, in[3], out[1])) break;
        case 1: BOTH(kernels->mguBackward(block, out[0], 600, in[3], in[4], out[1], isFresh)) break;
        case 2: BOTH(kernels->mguGate(block, out[0], in[3], out[1])) break;
        case 3: BOTH(kernels->mguUpdate(block, out[0], 600, in[3], out[1])) break;
        case 4: BOTH(kernels->mguUpdateBackward(block, out[0], 600, in[3], in[4], out[2], out[1], isFresh)) break;
        default: BOTH(kernels->mguGateBackward(block, out[0], in[3], in[4], out[2], out[1])) break;
      }
      compare(12 * EPSILON * 2);
    }
    report(names[kernel]);
  }
}

static void verify_activations(void) {
  for (int backward = 0; backward < 2; backward++) {
    for (int kind = RK_TANH; kind <= RK_SOFTPLUS; kind++)
      EACH_LANES for (int isHeld = 0; isHeld < 2; isHeld++) {
        fill(3, UNWRITTEN);
        const float clip = isHeld ? 0.7f : INFINITY;
        start_from(0, in[0]);
        const rk_activation function = {kind, 0.3f, 0.6f};
        const rk_block block = {5, *n, *n + 1};
        // Slopes from the functions' own results.
        BOTH(kernels->activate(block, function, clip, in[0], out[1]))
        if (backward) BOTH(kernels->activateBackward(block, function, clip, out[0], out[1], in[2]))
        compare(10 * EPSILON * 4);
      }
    report(backward ? "activateBackward" : "activate");
  }
  for (int byLanes = 0; byLanes < 2; byLanes++)
    EACH_LANES for (int adds = 0; adds < 2; adds++) {
      fill(1, UNWRITTEN);
      start_from(0, in[0]);
      const rk_block block = {byLanes ? 1 : 5, *n, *n + 1};
      const rk_vectors vector = {in[1], 0, !byLanes, byLanes};
      BOTH(kernels->scaleByVector(block, vector, in[2], out[0], adds))
      compare(3 * EPSILON * 3);
    }
  report("scaleByVector");
  EACH_LANES {
    fill(1, UNWRITTEN);
    start_from(0, in[0]);
    const rk_block block = {5, *n, *n + 1};
    BOTH(kernels->addProducts(block, in[1], in[2], out[0]))
    compare(3 * EPSILON * 3);
  }
  report("addProducts");
}

static void verify_loss(void) {
  // As labels, and as something else: some classes have no target.
  static const float hit[12] = {1, 0.9f, 2, 0, 1.5f, 1, 0.25f, 3, 1, 1, 1, 0.5f};
  static const float miss[12] = {0, 0.1f, 0.2f, 0, 0.15f, 0, 0, 0.3f, 0.1f, 0, 0.1f, 0.05f};
  for (int scale = 1; scale <= 100; scale *= 10) {
    EACH_LANES for (ptrdiff_t classes = 1; classes < 12; classes++) {
      fill((float)scale, UNWRITTEN);
      start_from(0, in[0]);
      // Every seventh lane has no label.
      for (int i = 0; i < 64; i++) labels[i] = i % 7 == 3 ? -1 : (int32_t)((i * 7 + 2) % classes);
      float totals[12] = {0};
      for (int label = 0; label < classes; label++)
        for (int k = 0; k < classes; k++) totals[label] += k == label ? hit[k] : miss[k];
      BOTH(kernels->softmaxCrossEntropy(out[0], *n + 1, classes, *n, labels, hit, miss, totals, 1, out[1], correct[s]))
      // Targets add up to 4 at most.
      compare((float)(2 * classes + 8) * EPSILON * 4 * (1 + 2 * (float)scale));
      if (memcmp(correct[0], correct[1], (size_t)*n * sizeof(int32_t))) worst = INFINITY;
    }
  }
  report("softmaxCrossEntropy");
}

// Losses of independent labels and of values; every fifth target is missing.
static void verify_row_losses(void) {
  for (int scale = 1; scale <= 100; scale *= 10) {
    EACH_LANES for (ptrdiff_t rows = 0; rows < 12; rows++) {
      fill((float)scale, UNWRITTEN);
      start_from(0, in[0]);
      for (int i = 0; i < SIZE; i++) in[1][i] = i % 5 == 2 ? NAN : (float)(i % 3) / 2;
      BOTH(kernels->sigmoidCrossEntropy(out[0], *n + 1, rows, *n, in[1], *n + 2, rows % 2 ? in[2] + 9 : NULL, 0.7f,
                                        out[1], correct[s], present[s]))
      // Weights and logits are at most 1.1 times the scale.
      compare((float)(10 * (rows + 1)) * EPSILON * 1.1f * (float)scale * (1 + 1.1f * (float)scale));
      if (memcmp(correct[0], correct[1], (size_t)*n * sizeof(int32_t))) worst = INFINITY;
      if (memcmp(present[0], present[1], (size_t)*n * sizeof(int32_t))) worst = INFINITY;
    }
  }
  report("sigmoidCrossEntropy");
  for (int32_t kind = RK_SQUARED; kind <= RK_HUBER; kind++) {
    EACH_LANES for (ptrdiff_t rows = 0; rows < 12; rows++) {
      fill(1, UNWRITTEN);
      start_from(0, in[0]);
      for (int i = 0; i < SIZE; i += 5) in[1][i] = NAN;
      const rk_regression loss = {kind, 0.6f};
      BOTH(kernels->regressionLoss(out[0], *n + 1, rows, *n, in[1], *n + 2, loss, 0.7f, out[1], present[s]))
      compare(0);
      if (memcmp(present[0], present[1], (size_t)*n * sizeof(int32_t))) worst = INFINITY;
    }
  }
  report("regressionLoss");
}

// The functions by themselves, against double precision; see the bounds in template/functions.inc.
static void verify_functions(void) {
  static const char *names[] = {"exponential", "sigmoid", "hyperbolicTangent"};
  static const double bounds[] = {1.1, 2.5, 2.5};
  for (int function = RK_EXPONENTIAL; function <= RK_HYPERBOLIC_TANGENT; function++) {
    const rk_accuracy seen = rk_measure_accuracy(sets[0], (rk_function)function, 0, UINT32_MAX, 1021);
    const int right = seen.largestError <= bounds[function] && seen.wrongNumbers == 0 &&
                      seen.largestErrorBelowNormal <= 1.1755e-38;
    printf("%-20s %-5s  %llu floats, largest error %.3f ulp at %.9g\n", names[function], right ? "right" : "WRONG",
           (unsigned long long)seen.count, seen.largestError, (double)seen.worst);
    failures += !right;
  }
}

static void verify_rounding(void) {
  volatile float smallest = 1.1754944e-38f;
  const uint64_t before = rk_flush_denormals();
  const float flushed = smallest * 0.25f;
  rk_restore_rounding(before);
  const int right = flushed == 0 && smallest * 0.25f > 0;
  printf("%-20s %-5s\n", "flushDenormals", right ? "right" : "WRONG");
  failures += !right;
}

int main(int count, char **arguments) {
  sets[1] = rk_kernels_for(RK_NAIVE);
  for (int set = 0; set < RK_INSTRUCTION_SETS; set++) {
    const rk_kernels *kernels = rk_kernels_for((rk_instruction_set)set);
    if (kernels && count > 1 && strcmp(kernels->name, arguments[1]) == 0) sets[0] = kernels;
  }
  if (!sets[0]) {
    fprintf(stderr, "usage: verify SET, where SET is one this machine has\n");
    return 2;
  }
  verify_product();
  verify_arrays();
  verify_updates();
  verify_gather();
  verify_gates();
  verify_lstm_options();
  verify_gru_options();
  verify_layer_norm();
  verify_minimal();
  verify_activations();
  verify_loss();
  verify_row_losses();
  verify_functions();
  verify_rounding();
  return failures > 0;
}
