/* SPDX-License-Identifier: MIT
 *
 * har_die.c - see har_die.h.
 */
#include "har_die.h"

#include "har_area.h"
#include "har_large.h"
#include "har_local.h"
#include "har_say.h"

static const char *const die_calls[] = {[HAR_FREE] = "free of",
                                        [HAR_REALLOC] = "realloc of",
                                        [HAR_SIZE] = "size of",
                                        [HAR_END] = "at the end of the process,"};

static const char *stale(har_call call) {
    return call == HAR_FREE ? "double free" : "use after free";
}

/* --------------------------------------------------------------------------------------------- what is known ---- */

static har_misuse misuse(const har_heap *self, const char *fault, const char *call, const void *address) {
    const har_local *const local = har_shared(self) ? NULL : har_slot_of(self)->local;
    return (har_misuse){.fault = fault,
                        .call = call,
                        .address = address,
                        .caller = {.thread = local ? local->number : 0, .code = hy_thread_caller}};
}

static void tell_slot(har_misuse *m, const har_slab *slab, size_t i) {
    const unsigned state = har_state(slab, i);
    if (state == 0) {
        m->note = " is memory that was never allocated";
        return;
    }
    m->block = har_slot_start(slab, i);
    m->freed = !har_is_live(state);
    m->kind = m->freed ? "a freed slot" : "a live block";
    m->size = m->freed ? slab->slot_size : har_asked(slab, state);
    m->maker.thread = slab->owner ? slab->owner->number : 0;
    m->freer.thread = m->freed ? state & HAR_BY : 0;
    if (slab->site) {
        m->maker.code = slab->site[i].made;
        m->freer.code = m->freed ? slab->site[i].freed : NULL;
    }
}

static void tell_large(const har_heap *self, har_misuse *m, const har_large *large) {
    m->block = large->block;
    m->kind = large->freed ? "a freed block" : "a live block";
    m->size = large->size;
    m->freed = large->freed;
    const har_trace *const trace = har_large_trace(self, large);
    m->maker = (har_doer){large->by, large->site.made, trace ? trace->made : NULL};
    m->freer = (har_doer){large->freed_by, large->site.freed, trace ? trace->freed : NULL};
}

static void die(har_heap *self, har_misuse *m) {
    char text[HAR_SAID];
    const void *stack[HAR_FRAMES] = {NULL};
    if (self->host->call_stack && m->caller.code && self->host->call_stack(stack, HAR_FRAMES) > 0)
        m->caller.stack = stack;
    har_say(self, m, self->set.json, text, sizeof text);
    self->host->fatal(text);
}

/* ------------------------------------------------------------------------------------------------------- calls ---- */

static void die_slab(har_heap *self, har_call call, const void *address, const har_slab *slab) {
    const size_t i = har_slot_at(slab, address);
    const bool inside = slab->slots > 0 && i < slab->ready;
    const bool freed = inside && (har_state(slab, i) & HAR_FREED);
    const bool begins = inside && har_slot_start(slab, i) == address;
    har_misuse m = misuse(self, freed && begins ? stale(call) : "invalid pointer", die_calls[call], address);
    if (inside)
        tell_slot(&m, slab, i);
    else
        m.note = ", which was never allocated";
    die(self, &m);
}

void har_die_address(har_heap *self, har_call call, const void *address) {
    const har_slab *const slab = har_slab_at(self, address);
    if (slab) {
        die_slab(self, call, address, slab);
        return;
    }
    har_large large;
    const bool near = har_large_near(self, address, &large);
    const bool twice = near && large.freed && large.block == address;
    har_misuse m = misuse(self, twice ? stale(call) : "invalid pointer", die_calls[call], address);
    if (near)
        tell_large(self, &m, &large);
    else
        m.note = ", which is no block of this heap";
    die(self, &m);
}

void har_die_canary(har_heap *self, har_call call, const har_slab *slab, size_t i, const char *where) {
    const char *const block = har_slot_start(slab, i);
    const char *const fault = where ? "overflow" : "underflow, or overflow of the block before";
    har_misuse m = misuse(self, fault, die_calls[call], block);
    tell_slot(&m, slab, i);
    m.damage = where ? where : block - HAR_TAIL;
    m.note = where ? NULL : ", in the 8 bytes before it";
    die(self, &m);
}

void har_die_dirty(har_heap *self, const har_slab *slab, size_t i, const char *where) {
    har_misuse m = misuse(self, "write after free", "the slot at", har_slot_start(slab, i));
    tell_slot(&m, slab, i);
    m.damage = m.block ? where : NULL;
    die(self, &m);
}

void har_die_large(har_heap *self, har_call call, const har_large *large, const char *where) {
    har_misuse m = misuse(self, where < large->block ? "underflow" : "overflow", die_calls[call], large->block);
    tell_large(self, &m, large);
    m.damage = where;
    die(self, &m);
}

void har_die_held(har_heap *self, const har_slab *slab, size_t i) {
    har_misuse m = misuse(self, "double free by two threads at once", "the slot at", har_slot_start(slab, i));
    tell_slot(&m, slab, i);
    die(self, &m);
}

/* ------------------------------------------------------------------------------------------- for a handler ---- */

/* Behind the last slot that has memory, which is named then; or in a slab that was given back. */
static bool explain_slab(const har_heap *self, const har_slab *slab, const void *address, har_misuse *ret) {
    if (slab->slots == 0 || (const char *)address < slab->start + slab->opened)
        return false;
    *ret = misuse(self, "access to a guard page", "at", address);
    if (slab->ready > 0)
        tell_slot(ret, slab, slab->ready - 1);
    ret->note = ret->block ? ", the last of its slab" : ", behind a slab";
    return true;
}

static bool explain_large(har_heap *self, const void *address, har_misuse *ret) {
    har_large large;
    if (!har_large_glimpse(self, address, &large))
        return false;
    const bool before = (const char *)address < large.block;
    *ret = misuse(self, large.freed ? "use after free" : before ? "underflow" : "overflow", "access at", address);
    tell_large(self, ret, &large);
    return true;
}

bool har_explain(hy_heap *heap, const void *address, char *text, size_t size) {
    har_heap *const self = (har_heap *)heap;
    const har_slab *const slab = har_slab_at(self, address);
    har_misuse m;
    if (!(slab ? explain_slab(self, slab, address, &m) : explain_large(self, address, &m)))
        return false;
    har_say(self, &m, self->set.json, text, size);
    return true;
}
