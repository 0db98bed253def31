/* SPDX-License-Identifier: MIT
 *
 * faults.h - what is wrong, or at least remarkable, in a trace or in the text that is to become one.
 *
 * A trace file cannot hold a free of a dead block: its writer refuses it.  Text can hold anything, so all of it is
 * looked at: a line that is wrong is counted, and what follows is judged as if it were not there.
 */
#ifndef HY_FAULTS_H
#define HY_FAULTS_H

#include "error.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum hy_fault {
    HY_FAULT_DOUBLE_FREE,  /* free of what is dead */
    HY_FAULT_UNKNOWN_FREE, /* free of what was never born */
    HY_FAULT_DEAD_REALLOC, /* realloc of what is dead or was never born */
    HY_FAULT_WRONG_BIRTH,  /* a birth that does not have the next number; with addresses, of one that is alive */
    HY_FAULT_OVERLAP,      /* a block over another one that lives; only with addresses */
    HY_FAULT_TIME,         /* before the time of the event before */
    HY_FAULT_THREAD,       /* a number that skips one */
    HY_FAULT_UNREADABLE,   /* a line that is no event; a file that is cut off or broken */
    HY_FAULT_ZERO_SIZE,    /* births of size 0: legal */
    HY_FAULT_LEAK,         /* never freed: legal */
    HY_FAULTS
} hy_fault;

/* "double-free", "unknown-free" ... */
extern const char *const hy_fault_names[HY_FAULTS + 1];

typedef struct hy_fault_count {
    uint64_t count;
    uint64_t place;   /* of the first: the line of a text, or the number of an event */
    char detail[200]; /* of the first */
} hy_fault_count;

typedef struct hy_faults {
    hy_fault_count of[HY_FAULTS];
    uint64_t events; /* that were read */
    bool text;       /* places are lines, from 1; else numbers of events, from 0 */
    uint64_t leaked_bytes;
    bool sites; /* it is a trace that says where calls come from */
} hy_faults;

/* Reads a trace file, or text as `heapyard info --events` prints it ("-": text from standard input).  With `addresses`
 * what text says for an object is the address of its block.  0 or -errno with the sentence: it could not be read. */
int hy_faults_find(const char *path, bool addresses, hy_faults *ret, hy_error *error);

/* The same for a piece of text in memory (which is what the fuzzer plays with). */
int hy_faults_find_text(const char *text, uint64_t size, bool addresses, hy_faults *ret, hy_error *error);

#endif
