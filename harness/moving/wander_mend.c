/* SPDX-License-Identifier: MIT
 *
 * wander_mend.c - after a slide: what has an address of the old place is given that of the new one.
 *
 *   table       nothing; the table of relocations is all that is applied (what the user's document describes)
 *   stack       the stack pointer, frame pointers along their chain, and the return address beside each: that is
 * precise, as every function of the wanderer has a frame pointer handles     that, and the table of master addresses
 *   relative    as stack: the other references hold
 *   registered  as stack, and what the program's map and its stack of roots say
 *
 * Source: master pointers as in Inside Macintosh, 1985; self-relative ones as offset_ptr of Boost.Interprocess; a stack
 * of roots as in F. Henderson, "Accurate garbage collection in an uncooperative environment", 2002.
 */
#include "wander_inside.h"

const hy_wander_strategy hy_wander_strategies[] = {
    {"still", "it is not moved", "", HY_WANDER_STAY, WANDERER_PLAIN, false, false, true},
    {"table", "slid, and only the table of relocations applied again", "", HY_WANDER_SLIDE, WANDERER_PLAIN, false,
     false, false},
    {"stack", "also registers and the chain of stack frames", "", HY_WANDER_SLIDE, WANDERER_PLAIN, true, false, false},
    {"kept", "as stack, and the old place stays as it was", "", HY_WANDER_SLIDE, WANDERER_PLAIN, true, true, false},
    {"handles", "references are numbers in a table of addresses", "Inside Macintosh 1985", HY_WANDER_SLIDE,
     WANDERER_HANDLES, true, false, true},
    {"relative", "references are distances from where they lie", "offset_ptr, Boost.Interprocess", HY_WANDER_SLIDE,
     WANDERER_RELATIVE, true, false, true},
    {"registered", "the program says where its references lie", "Henderson 2002", HY_WANDER_SLIDE, WANDERER_REGISTERED,
     true, false, true},
    {"frames", "its frames move, its addresses stay", "", HY_WANDER_FRAMES, WANDERER_PLAIN, false, false, true},
    {"mesh", "pages whose used slots are apart share a frame", "Powers et al. 2019, Mesh", HY_WANDER_MESH,
     WANDERER_PLAIN, false, false, true},
    {.name = NULL},
};

typedef struct mending {
    wander_range old;
    uint64_t distance; /* modulo 2^64 */
} mending;

static bool mend_word(const mending *how, uint64_t *word) {
    if (*word < how->old.start || *word >= how->old.end)
        return false;
    *word += how->distance;
    return true;
}

static void mend_words(const mending *how, void *words, uint64_t count) {
    for (uint64_t i = 0; i < count; i++)
        mend_word(how, (uint64_t *)words + i);
}

/* The chain ends where the first frame pointer, 0, was saved. */
static void mend_stack(const mending *how) {
    mend_word(how, &hy_wander_at.sp);
    mend_word(how, (uint64_t *)(uintptr_t)hy_wander_at.sp); /* where its call to us returns to */
    for (uint64_t *link = &hy_wander_at.bp; mend_word(how, link);) {
        uint64_t *const frame = (uint64_t *)(uintptr_t)*link;
        mend_word(how, frame + 1);
        link = frame;
    }
}

/* Each link that a bit of the map stands for. */
static void mend_heap(const wander *self, const mending *how) {
    const uint64_t *const map = wander_at(self, "wanderer_map");
    uint64_t *const heap = (uint64_t *)(void *)(self->base + self->heap);
    for (uint64_t i = 0; i < wander_symbol_size(self, "wanderer_map") / 8; i++)
        for (uint64_t bits = map[i]; bits; bits &= bits - 1)
            mend_word(how, heap + i * 64 + (unsigned)__builtin_ctzll(bits));
}

static void mend_registered(const wander *self, const mending *how) {
    const uint64_t listed = *(const uint64_t *)wander_at(self, "wanderer_listed_count");
    uint64_t **const list = wander_at(self, "wanderer_listed");
    mend_words(how, list, listed);
    for (uint64_t i = 0; i < listed; i++)
        mend_word(how, list[i]);
    mend_words(how, wander_at(self, "wanderer_root"), *(const uint64_t *)wander_at(self, "wanderer_roots"));
    mend_heap(self, how);
}

void wander_mend(wander *self, wander_range old) {
    const mending how = {old, (uint64_t)(uintptr_t)self->base - old.start};
    if (self->order->strategy->mends_stack)
        mend_stack(&how);
    if (self->order->strategy->links == WANDERER_HANDLES)
        mend_words(&how, wander_at(self, "wanderer_masters"), wander_symbol_size(self, "wanderer_masters") / 8);
    else if (self->order->strategy->links == WANDERER_REGISTERED)
        mend_registered(self, &how);
}

uint64_t wander_extra(const wander *self) {
    switch (self->order->strategy->links) {
    case WANDERER_HANDLES: return wander_symbol_size(self, "wanderer_masters") * 2; /* and the list of free numbers */
    case WANDERER_REGISTERED:
        return wander_symbol_size(self, "wanderer_map") + wander_symbol_size(self, "wanderer_root") +
               wander_symbol_size(self, "wanderer_listed");
    default:
        return self->order->strategy->how == HY_WANDER_FRAMES ? self->size /* frames to move into */
               : self->order->strategy->how == HY_WANDER_MESH ? wander_symbol_size(self, "wanderer_page_frame") * 2
                                                              : 0;
    }
}
