/* SPDX-License-Identifier: MIT
 *
 * scenario.h - little plays for a heap: blocks with names come and go, and a file says what must then be true.
 *
 * The text format is described in docs/scenarios.md.  A scenario is parsed once and played on any number of specs; each
 * play, and each `case` in it, has a heap of its own in a storage of fixed size.
 */
#ifndef HY_SCENARIO_H
#define HY_SCENARIO_H

#include "heap.h"

#include <stdio.h>

#define HY_SCENARIO_NAME 32                /* bytes of a block's name, terminator included */
#define HY_SCENARIO_SIZE ((size_t)1 << 20) /* bytes of a file */

typedef enum hy_step_kind {
    /* settings */
    HY_STEP_ON,      /* text: a spec to play on if the user names none */
    HY_STEP_STORAGE, /* number: bytes */
    HY_STEP_UNIT,    /* number: bytes */
    HY_STEP_HEADER,  /* number: bytes */
    HY_STEP_CASE,    /* text: its title */
    /* what is done */
    HY_STEP_ALLOC,   /* name, number: units, align: bytes */
    HY_STEP_REALLOC, /* name, number: units */
    HY_STEP_GRANT,   /* name, number: least units, preferred */
    HY_STEP_FREE,    /* name */
    HY_STEP_MERGE,
    HY_STEP_COMPACT,
    HY_STEP_MAP, /* number: units a row */
    /* what is expected; numbers are units */
    HY_STEP_EXPECT_AT,      /* name, number */
    HY_STEP_EXPECT_FAILS,   /* name, number: 1 if enough is free */
    HY_STEP_EXPECT_GETS,    /* name, number */
    HY_STEP_EXPECT_HOLE,    /* holes: one */
    HY_STEP_EXPECT_HOLES,   /* holes: all */
    HY_STEP_EXPECT_LARGEST, /* number */
    HY_STEP_EXPECT_FREE,    /* number */
    HY_STEP_EXPECT_WASTE,   /* number: of what live blocks have, what nobody asked for */
    HY_STEP_EXPECT_MOVED,   /* number: by all compactions */
    HY_STEP_EXPECT_MAP      /* text: rows of one width, without separators; number: the width */
} hy_step_kind;

typedef struct hy_step_hole {
    uint64_t start, size;
} hy_step_hole;

typedef struct hy_step {
    hy_step_kind kind;
    unsigned line;
    char *condition; /* what stands between [ and ], or NULL */
    char name[HY_SCENARIO_NAME];
    uint64_t number, align, preferred;
    char *text;
    hy_step_hole *holes;
    size_t hole_count;
} hy_step;

typedef struct hy_scenario {
    char *name; /* of the file, for sentences */
    hy_step *steps;
    size_t count;
} hy_scenario;

/* 0 or -EINVAL with the sentence, which says the line.  `name` is what the file is called. */
int hy_scenario_parse(const char *text, size_t size, const char *name, hy_scenario **ret, hy_error *error);
void hy_scenario_free(hy_scenario *scenario);

/* The n-th spec that the file itself names, or NULL. */
const char *hy_scenario_spec(const hy_scenario *scenario, size_t n);

/* Whether a condition ("policy=first|best !merge=never") holds for a spec that hy_spec_check has passed. */
bool hy_condition_holds(const hy_catalog *catalog, hy_text spec, const char *condition);
/* 0, or -EINVAL with a sentence: it is malformed. */
int hy_condition_check(const char *condition, hy_error *error);

typedef struct hy_play {
    size_t held;      /* expectations that held */
    bool failed;      /* one did not: */
    hy_error failure; /* the first of them, in words, with file and line */
} hy_play;

/* Plays it; `out` gets the maps that it asks for.  0: it was played, see *ret_play; -errno: it could not be, with the
 * sentence. */
int hy_scenario_play(const hy_scenario *scenario, const hy_catalog *catalog, hy_text spec, FILE *out, hy_play *ret_play,
                     hy_error *error);

#endif
