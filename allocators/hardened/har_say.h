/* SPDX-License-Identifier: MIT
 *
 * har_say.h - what is known of a misuse, as one sentence for people and one line of JSON for programs.
 *
 * Neither allocates nor waits: it may be said from a signal handler.
 */
#ifndef HAR_SAY_H
#define HAR_SAY_H

#include "har_heap.h"

#define HAR_SAID ((size_t)3000) /* room for both */

/* Who did something, and where: the return address of the call, and those of the calls that led to it. */
typedef struct har_doer {
    uint64_t thread;          /* 0: not known */
    const void *code;         /* NULL: not known */
    const void *const *stack; /* HAR_FRAMES, the innermost first, until NULL; or NULL */
} har_doer;

typedef struct har_misuse {
    const char *fault;   /* "double free", … */
    const char *call;    /* "free of", … */
    const void *address; /* that the call was given, or that was touched */
    const char *block;   /* NULL: it is in or near no block that is known */
    const char *kind;    /* "a live block", … of that block */
    size_t size;
    bool freed;
    har_doer maker, freer; /* of the block */
    har_doer caller;       /* of the call; or the instruction that touched it */
    const char *damage;    /* the first byte that is not what it was, or NULL */
    const char *note;      /* what else there is to say, or NULL */
} har_misuse;

/* The sentence, without a newline; with `json`, a newline and the line of JSON.  Its length. */
size_t har_say(const har_heap *self, const har_misuse *misuse, bool json, char *text, size_t size);

#endif
