/* SPDX-License-Identifier: MIT
 *
 * search_state.h - a partial packing that knows how low each of the buffers that are left could lie (see search.h).
 */
#ifndef HY_SEARCH_STATE_H
#define HY_SEARCH_STATE_H

#include "bound.h"

#include <stdbool.h>

#define SEARCH_NONE UINT32_MAX

/* A buffer.  They are kept in the order of their first sections. */
typedef struct search_item {
    uint64_t size, mask;  /* mask: its offset has none of these bits */
    uint32_t left, right; /* sections [left, right) */
    uint32_t twin;        /* the item before it that is just like it, or SEARCH_NONE */
    uint32_t buffer;      /* in the job */
    uint64_t key;         /* random; twins have the same */
} search_item;

/* A section: nothing is born or dies in it. */
typedef struct search_section {
    uint64_t top;   /* of what is placed in it */
    uint64_t rest;  /* bytes that are left to be placed in it */
    uint64_t floor; /* the least offset of what is left; UINT64_MAX: nothing is */
    uint64_t left;  /* so many buffers */
    uint64_t cross; /* so many of them are in the section before, too */
    bool loose;     /* the floor has to be found again */
} search_section;

/* What a word was before, so that every step can be taken back. */
typedef struct search_change {
    uint64_t *word, before;
} search_change;

typedef struct search_state {
    search_item *item;
    uint64_t *offset; /* of each item: where it is, or the least possible */
    uint64_t *placed; /* 0 or 1 */
    uint64_t *least;  /* the same as offset, but UINT64_MAX for what is placed */
    uint32_t count;
    search_section *section;
    uint32_t sections;
    uint32_t *first;      /* of each section, and one more: the first item that begins there or later */
    uint32_t *member;     /* items of the sections, one section after another */
    uint32_t *member_end; /* of each section; it starts where the one before ends */
    uint32_t *other;      /* of each item, one after another: those that live at some time while it does */
    uint32_t *other_end;  /* of each item; it starts where the one before ends */
    search_change *trail;
    size_t changes, trail_capacity;
    uint64_t capacity; /* no top may be above this */
    bool no_memory;    /* for the trail */
} search_state;

/* 0 or -ENOMEM. */
int search_state_make(const hy_job *job, search_state *ret_state);
void search_state_free(search_state *state);

/* Whether the item can lie at its least offset as far as its own sections know. */
bool search_fits(const search_state *state, uint32_t item);
/* Puts it there.  Sets no_memory if that cannot be taken back. */
void search_place(search_state *state, uint32_t item);
/* Takes back what was done since there were so many changes. */
void search_undo(search_state *state, size_t changes);

/* The first section of [left, right) that has no room for what is left, if nothing lies below `last`; or SEARCH_NONE.
 */
static inline uint32_t search_find_full(const search_state *state, uint32_t left, uint32_t right, uint64_t last) {
    for (uint32_t s = left; s < right; s++) {
        const search_section *const section = &state->section[s];
        const uint64_t floor = section->floor > last ? section->floor : last;
        if (section->left && (floor > state->capacity || section->rest > state->capacity - floor))
            return s;
    }
    return SEARCH_NONE;
}

#endif
