/* SPDX-License-Identifier: MIT
 *
 * sizes.h - sizes of blocks, drawn at random: the n-th of a seed is always the same.
 */
#ifndef HY_SIZES_H
#define HY_SIZES_H

#include "spec.h"

/* How sizes are drawn from [least, largest]:
 *   uniform      each as likely as any other
 *   exponential  small ones most likely: least plus an exponential of mean (largest - least) / 8, cut at the largest
 *   powers       least, 2 least, 4 least ... with probability 1/2, 1/4, 1/8 ... (the last one takes the rest) */
typedef enum hy_sizes_kind { HY_SIZES_UNIFORM, HY_SIZES_EXPONENTIAL, HY_SIZES_POWERS } hy_sizes_kind;

/* A params struct of a generator that draws sizes begins with this. */
typedef struct hy_sizes {
    size_t least, largest;
    uint32_t kind; /* hy_sizes_kind */
    uint64_t seed;
} hy_sizes;

extern const char *const hy_sizes_words[];

#define HY_SIZES_TABLE                                                                                                 \
    {.name = "sizes",                                                                                                  \
     .type = HY_PARAM_CHOICE,                                                                                          \
     .offset = offsetof(hy_sizes, kind),                                                                               \
     .def = "exponential",                                                                                             \
     .choices = hy_sizes_words,                                                                                        \
     .help = "how sizes are drawn; powers: twice the size is half as likely"},                                         \
        {.name = "least",                                                                                              \
         .type = HY_PARAM_SIZE,                                                                                        \
         .offset = offsetof(hy_sizes, least),                                                                          \
         .def = "16",                                                                                                  \
         .min = 1,                                                                                                     \
         .max = (uint64_t)1 << 32,                                                                                     \
         .help = "the smallest size"},                                                                                 \
        {.name = "largest",                                                                                            \
         .type = HY_PARAM_SIZE,                                                                                        \
         .offset = offsetof(hy_sizes, largest),                                                                        \
         .def = "4K",                                                                                                  \
         .min = 1,                                                                                                     \
         .max = (uint64_t)1 << 32,                                                                                     \
         .help = "the largest size"},                                                                                  \
    {                                                                                                                  \
        .name = "seed", .type = HY_PARAM_COUNT, .offset = offsetof(hy_sizes, seed), .def = "1",                        \
        .help = "the same seed makes the same trace"                                                                   \
    }

/* 0, or -EINVAL with the sentence if least is more than largest. */
int hy_sizes_check(const hy_sizes *sizes, const char *owner, hy_error *error);
size_t hy_sizes_draw(const hy_sizes *sizes, uint64_t n);

#endif
