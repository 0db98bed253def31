/* SPDX-License-Identifier: MIT
 *
 * page_trace.h - which pages a program refers to, in which order.
 *
 *   granule    the unit that addresses are known in: 2^shift bytes.  Pages are as large or larger.
 *   space      an address space: that of a process.  The same address in two spaces is two granules.
 *   reference  one read, write or instruction fetch of one granule.  An access over the border of two is two.
 *
 * All references are in memory, four bytes each.
 */
#ifndef HY_PAGE_TRACE_H
#define HY_PAGE_TRACE_H

#include "error.h"
#include "simulate.h"

#define HY_GRANULE_SHIFT 12u     /* where nothing else is said: 4 KiB */
#define HY_GRANULE_SHIFT_LEAST 6 /* 64 bytes */
#define HY_GRANULE_SHIFT_MOST 30 /* 1 GiB */
#define HY_PAGE_TRACE_MOST ((uint64_t)1 << 28)
#define HY_PAGE_SPACES 4096u /* as many as a processor can tell apart (12 bits) */

typedef enum hy_page_kind { HY_PAGE_READ, HY_PAGE_WRITE, HY_PAGE_FETCH, HY_PAGE_KINDS } hy_page_kind;

typedef struct hy_granule {
    uint64_t number; /* address >> shift */
    uint32_t space;
} hy_granule;

typedef struct hy_page_trace {
    unsigned shift;
    char command[512];   /* what was recorded; "" if unknown */
    uint32_t *reference; /* the granule's index times 4, plus the kind */
    uint64_t count, room;
    uint64_t most; /* more references than this are refused, or left out if `cut` */
    bool cut;
    hy_granule *granule; /* by index, in order of first reference */
    uint32_t granules, granule_room;
    uint32_t *slot; /* a hash table of indices plus 1; 0: empty */
    unsigned slot_bits;
    struct {
        uint64_t number;
        uint32_t space, index;
    } last[HY_PAGE_KINDS]; /* of each kind: most references are to the same granule again */
} hy_page_trace;

/* An empty one. */
void hy_page_trace_start(hy_page_trace *trace, unsigned shift);
void hy_page_trace_clear(hy_page_trace *trace);

/* One reference to a granule, by its number, `times` over.  0; 1: it is full and says so (`cut`); -errno with a part of
 * a sentence. */
int hy_page_trace_add(hy_page_trace *trace, uint32_t space, uint64_t number, hy_page_kind kind, uint64_t times,
                      hy_error *error);
/* An access to bytes: every granule that it touches.  As above. */
int hy_page_trace_touch(hy_page_trace *trace, uint32_t space, uint64_t address, uint64_t size, hy_page_kind kind,
                        hy_error *error);

/* Which references: an option of commands. */
typedef enum hy_page_which { HY_PAGE_ALL, HY_PAGE_DATA, HY_PAGE_CODE } hy_page_which;

/* A trace as pages of 2^shift bytes, numbered densely: what policies are given. */
typedef struct hy_page_refs {
    hy_page_reference *ref;
    uint64_t count;
    uint32_t pages;
} hy_page_refs;

/* 0 or -errno with the sentence.  `shift` is not below the trace's. */
int hy_page_refs_make(const hy_page_trace *trace, unsigned shift, hy_page_which which, hy_page_refs *ret,
                      hy_error *error);
void hy_page_refs_clear(hy_page_refs *refs);

/* ---- from and to files ---- */

typedef struct hy_page_read_options {
    unsigned shift;      /* of what is read from text; files of ours say their own */
    uint64_t references; /* as many at most, the rest is left out; 0: all */
} hy_page_read_options;

/* page_file.c: a file of ours, or the text of valgrind's lackey, packed or not; "-": standard input.  0 or -errno with
 * the sentence; `trace` is empty then. */
int hy_page_trace_read(const char *path, const hy_page_read_options *options, hy_page_trace *trace, hy_error *error);
int hy_page_trace_write(const char *path, const hy_page_trace *trace, hy_error *error);
/* The unpacked content of a file of ours, for tests.  0 or -errno with a part of a sentence. */
int hy_page_trace_decode(const uint8_t *bytes, size_t size, hy_page_trace *trace, hy_error *error);

/* lackey.c: one line of `valgrind --tool=lackey --trace-mem=yes`.  1: a reference was added or the line says nothing of
 * memory; 0: the trace is full; -errno with a part of a sentence. */
int hy_lackey_line(char *line, uint32_t space, hy_page_trace *trace, hy_error *error);
/* All lines of a text or pipe. */
int hy_lackey_read(const char *path, uint32_t space, hy_page_trace *trace, hy_error *error);

/* page_text.c: page numbers in words, "1 2 3w 4", each a granule; w: it is written to. */
int hy_page_trace_parse(const char *text, hy_page_trace *trace, hy_error *error);

/* Several programs take turns of `slice` references each; each is a space of its own.  The parts keep their own. */
int hy_page_trace_interleave(const hy_page_trace *parts, size_t count, uint64_t slice, hy_page_trace *ret,
                             hy_error *error);

#endif
