/* SPDX-License-Identifier: MIT
 *
 * subject.h - the allocator under test, as a case sees it.  A case runs in a child process: it returns if all is well,
 * and ends the child with subject_fail or subject_skip otherwise.
 */
#ifndef HY_SUBJECT_H
#define HY_SUBJECT_H

#include "audit.h"
#include "conform.h"

/* What a child says to its parent; one write each, so that it arrives whole. */
typedef struct subject_message {
    char kind;        /* 'V' version, 'F' failed, 'S' skipped, 'D' done */
    char version[63]; /* of what is measured */
    char text[448];
} subject_message;

typedef struct subject {
    const hy_catalog *catalog;
    hy_text spec;
    uint64_t seed;
    int report;       /* where messages go */
    uint64_t rng;     /* the state of subject_random */
    hy_pages *raw;    /* below both audits */
    hy_pages *data;   /* audited */
    hy_pages *meta;   /* audited */
    hy_instance in;   /* after subject_open */
    hy_heap *heap;    /* in.heap */
    uint32_t flags;   /* of the heap */
    size_t largest;   /* a block of this size is surely served, when the heap is empty; at most 1 MiB */
    size_t room;      /* so much is surely served in all, in blocks of middling size; at most 64 MiB */
    size_t align;     /* the usual alignment: 16, or what the heap can do */
    size_t max_align; /* the largest that is tested: 4 MiB at most */
    bool small_align; /* blocks below 16 bytes need only be aligned to what an object of their size can need */
} subject;

typedef struct conform_case {
    const char *name, *summary;
    void (*run)(subject *s);
} conform_case;

/* The cases, a file each; every table ends with a NULL name. */
extern const conform_case cases_basic[], cases_contents[], cases_random[], cases_walk[], cases_pages[], cases_bulk[],
    cases_threads[], cases_handover[];

/* Ends the child. */
__attribute__((noreturn, format(printf, 2, 3))) void subject_fail(subject *s, const char *format, ...);
__attribute__((noreturn, format(printf, 2, 3))) void subject_skip(subject *s, const char *format, ...);

/* Fails unless `good`. */
#define EXPECT(s, good, ...)                                                                                           \
    do {                                                                                                               \
        if (!(good))                                                                                                   \
            subject_fail(s, __VA_ARGS__);                                                                              \
    } while (0)

/* Page sources, then the heap in s->in, with s->largest and s->room found out on an instance of its own. */
void subject_open(subject *s);
/* The same on memory that is not zero. */
void subject_open_dirty(subject *s);
/* The same for several threads: with the lock layer where it is needed. */
void subject_open_threads(subject *s);
/* Another heap in place of s->in, without finding out about it again: for what gives nothing back. */
void subject_renew(subject *s);
/* Destroys s->in; fails if a page is left or a page source was used wrongly. */
void subject_close(subject *s);

/* For cases that open by themselves: the page sources only; one more heap on them. */
void subject_pages(subject *s);
int subject_create(subject *s, bool threads, hy_instance *ret, hy_error *error);
void subject_check_pages(subject *s);

/* Skip unless... */
void subject_needs(subject *s, bool has, const char *what); /* "it has no walk" */
void subject_needs_contents(subject *s);                    /* skips fakes */
void subject_needs_own_pages(subject *s);                   /* skips foreign mallocs */

bool subject_has(const subject *s, uint32_t flags);

/* The most bytes that the heap had committed so far; of a foreign malloc, what is resident of this process now. */
size_t subject_peak(const subject *s);

uint64_t subject_random(subject *s);
size_t subject_below(subject *s, size_t limit);
/* A size from 1 to `most`, small ones as likely as large ones (logarithmically). */
size_t subject_size(subject *s, size_t most);
/* Mostly the usual alignment, now and then a larger one. */
size_t subject_any_align(subject *s);

/* Whether a block is aligned.  Of a foreign malloc it is not asked here: the cases `align` and `align-random` do that,
 * so that the others still prove what they are there for. */
bool subject_aligned(const subject *s, uintptr_t address, size_t align);

/* Fills and verifies a block with the pattern of `id`. */
void subject_fill(void *block, size_t size, uint64_t id);
/* The offset of the first wrong byte, or size. */
size_t subject_verify(const void *block, size_t size, uint64_t id);

#endif
