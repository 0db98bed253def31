/* SPDX-License-Identifier: MIT
 *
 * har_die.c - see har_die.h.
 */
#include "har_die.h"

#include "har_area.h"
#include "har_large.h"

typedef struct die_text {
    char *at;
    char text[320];
} die_text;

static void put(die_text *t, const char *text) {
    while (*text && t->at < t->text + sizeof t->text - 1)
        *t->at++ = *text++;
    *t->at = '\0';
}

static void put_number(die_text *t, uint64_t number, unsigned base) {
    char digits[24], *at = digits + sizeof digits;
    *--at = '\0';
    do
        *--at = "0123456789abcdef"[number % base];
    while ((number /= base) > 0);
    put(t, at);
}

static void put_address(die_text *t, const void *address) {
    put(t, "0x");
    put_number(t, (uintptr_t)address, 16);
}

static void put_thread(die_text *t, const char *did, uint64_t number) {
    put(t, did);
    if (number == 0) {
        put(t, "an unknown thread");
        return;
    }
    put(t, "thread ");
    put_number(t, number, 10);
}

static const char *const die_calls[] = {[HAR_FREE] = "free of",
                                        [HAR_REALLOC] = "realloc of",
                                        [HAR_SIZE] = "size of",
                                        [HAR_END] = "at the end of the process,"};

static const char *stale(har_call call) {
    return call == HAR_FREE ? "double free" : "use after free";
}

static void start(die_text *t, const char *what, const char *call, const void *address) {
    t->at = t->text;
    put(t, "hardened: ");
    put(t, what);
    put(t, ": ");
    put(t, call);
    put(t, " ");
    put_address(t, address);
}

/* " is 16 bytes into a live block of 24 bytes at 0x..., allocated by thread 1" */
static void put_block(die_text *t, const char *kind, const void *address, const void *block, size_t size, uint64_t by,
                      uint64_t freed_by, bool freed) {
    const ptrdiff_t offset = (const char *)address - (const char *)block;
    put(t, " is ");
    if (offset != 0) {
        put_number(t, (uint64_t)(offset < 0 ? -offset : offset), 10);
        put(t, offset < 0 ? " bytes before " : " bytes into ");
    }
    put(t, kind);
    put(t, " of ");
    put_number(t, size, 10);
    put(t, " bytes at ");
    put_address(t, block);
    put_thread(t, ", allocated by ", by);
    if (freed)
        put_thread(t, ", freed by ", freed_by);
}

static uint64_t number_of(const har_slab *slab) {
    return slab->owner ? slab->owner->number : 0;
}

static void put_slot(die_text *t, const har_slab *slab, size_t i, const void *address) {
    const unsigned state = har_state(slab, i);
    const char *const block = har_slot_start(slab, i);
    if (har_is_live(state))
        put_block(t, "a live block", address, block, har_asked(slab, state), number_of(slab), 0, false);
    else if (state & HAR_FREED)
        put_block(t, "a freed slot", address, block, slab->slot_size, number_of(slab), state & HAR_BY, true);
    else
        put(t, " is memory that was never allocated");
}

static void die(har_heap *self, die_text *t) {
    self->host->fatal(t->text);
}

static void die_slab(har_heap *self, har_call call, const void *address, const har_slab *slab) {
    die_text t;
    const size_t i = har_slot_at(slab, address);
    const bool inside = slab->slots > 0 && i < slab->ready;
    const bool freed = inside && (har_state(slab, i) & HAR_FREED);
    const bool begins = inside && har_slot_start(slab, i) == address;
    start(&t, freed && begins ? stale(call) : "invalid pointer", die_calls[call], address);
    if (inside)
        put_slot(&t, slab, i, address);
    else
        put(&t, ", which was never allocated");
    die(self, &t);
}

void har_die_address(har_heap *self, har_call call, const void *address) {
    die_text t;
    const har_slab *const slab = har_slab_at(self, address);
    if (slab) {
        die_slab(self, call, address, slab);
        return;
    }
    har_large large;
    if (!har_large_near(self, address, &large)) {
        start(&t, "invalid pointer", die_calls[call], address);
        put(&t, ", which is no block of this heap");
    } else {
        const bool twice = large.freed && large.block == address;
        start(&t, twice ? stale(call) : "invalid pointer", die_calls[call], address);
        put_block(&t, large.freed ? "a freed block" : "a live block", address, large.block, large.size, large.by,
                  large.freed_by, large.freed);
    }
    die(self, &t);
}

void har_die_canary(har_heap *self, har_call call, const har_slab *slab, size_t i, const char *where) {
    die_text t;
    const char *const block = har_slot_start(slab, i);
    start(&t, where ? "overflow" : "underflow, or overflow of the block before", die_calls[call], block);
    put_slot(&t, slab, i, block);
    if (where) {
        put(&t, "; overwritten at offset ");
        put_number(&t, (uint64_t)(where - block), 10);
    } else {
        put(&t, "; the 8 bytes before it were overwritten");
    }
    die(self, &t);
}

void har_die_dirty(har_heap *self, const har_slab *slab, size_t i, const char *where) {
    die_text t;
    const char *const block = har_slot_start(slab, i);
    start(&t, "write after free", "the slot at", block);
    put_slot(&t, slab, i, block);
    put(&t, "; written to at offset ");
    put_number(&t, (uint64_t)(where - block), 10);
    die(self, &t);
}

void har_die_large(har_heap *self, har_call call, const har_large *large, const char *where) {
    die_text t;
    start(&t, where < large->block ? "underflow" : "overflow", die_calls[call], large->block);
    put_block(&t, "a live block", large->block, large->block, large->size, large->by, 0, false);
    put(&t, "; overwritten at ");
    put_address(&t, where);
    die(self, &t);
}

void har_die_held(har_heap *self, const har_slab *slab, size_t i) {
    die_text t;
    start(&t, "double free by two threads at once", "the slot at", har_slot_start(slab, i));
    put_slot(&t, slab, i, har_slot_start(slab, i));
    die(self, &t);
}

/* ------------------------------------------------------------------------------------------- for a handler ---- */

/* Behind the last slot that has memory, or in a slab that was given back. */
static bool explain_slab(const har_slab *slab, const void *address, die_text *t) {
    const char *const end = slab->start + slab->opened;
    if (slab->slots == 0 || (const char *)address < end)
        return false;
    start(t, "access to a guard page", "at", address);
    put(t, ", ");
    put_number(t, (uint64_t)((const char *)address - end), 10);
    put(t, " bytes behind the memory of a slab of ");
    put_number(t, slab->slot_size, 10);
    put(t, " byte slots at ");
    put_address(t, slab->start);
    return true;
}

static bool explain_large(har_heap *self, const void *address, die_text *t) {
    har_large large;
    if (!har_large_glimpse(self, address, &large))
        return false;
    const char *const at = (const char *)address;
    start(t, large.freed ? "use after free" : at < large.block ? "underflow" : "overflow", "access at", address);
    put_block(t, large.freed ? "a freed block" : "a live block", address, large.block, large.size, large.by,
              large.freed_by, large.freed);
    return true;
}

bool har_explain(hy_heap *heap, const void *address, char *text, size_t size) {
    har_heap *const self = (har_heap *)heap;
    const har_slab *const slab = har_slab_at(self, address);
    die_text t = {.at = t.text};
    if (!(slab ? explain_slab(slab, address, &t) : explain_large(self, address, &t)))
        return false;
    const size_t length = hy_min((size_t)(t.at - t.text), size - 1);
    __builtin_memcpy(text, t.text, length);
    text[length] = '\0';
    return true;
}
