/* SPDX-License-Identifier: MIT
 *
 * bystanders.c - see bystanders.h.
 */
#include "bystanders.h"

#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

static uint32_t patterns; /* handed out so far, over all crowds */

/* The byte at `offset`: four bytes that no other member has, again and again. */
static unsigned char pattern_byte(uint32_t pattern, size_t offset) {
    return (unsigned char)(pattern >> (offset % 4 * 8));
}

static void member_fill(crowd_member *m) {
    volatile unsigned char *const bytes = victim_hide(m->block);
    m->pattern = ++patterns * 2654435761u;
    for (size_t i = 0; i < m->size; i++)
        bytes[i] = pattern_byte(m->pattern, i);
}

void crowd_admit(crowd *c, void *block, size_t size) {
    c->member[c->count] = (crowd_member){block, size, 0};
    member_fill(&c->member[c->count++]);
}

void *crowd_join(hy_victim *v, crowd *c, size_t size) {
    void *const block = victim_alloc(v, size);
    crowd_admit(c, block, size);
    return block;
}

void crowd_gather(hy_victim *v, crowd *c, size_t count, size_t size) {
    for (size_t i = 0; i < count && c->count < CROWD_MOST; i++)
        crowd_join(v, c, size);
}

/* Whether a new block shares its place; if not, it joins untouched. */
static bool shares_place(crowd *c, void *block, size_t size) {
    if (crowd_inside(c, block, size))
        return true;
    c->member[c->count++] = (crowd_member){block, size, 0};
    return false;
}

bool crowd_gather_shared(hy_victim *v, crowd *c, size_t count, size_t size) {
    for (size_t i = 0; i < count && c->count < CROWD_MOST; i++)
        if (shares_place(c, victim_alloc(v, size), size))
            return true;
    return false;
}

bool crowd_gather_shared_aligned(hy_victim *v, crowd *c, size_t count, size_t align, size_t size) {
    for (size_t i = 0; i < count && c->count < CROWD_MOST; i++) {
        void *const block = victim_aligned(v, align, size);
        if (block && shares_place(c, block, size))
            return true;
    }
    return false;
}

void crowd_settle(crowd *c) {
    for (size_t i = 0; i < c->count; i++)
        if (c->member[i].pattern == 0)
            member_fill(&c->member[i]);
}

void crowd_gather_mixed(hy_victim *v, crowd *c) {
    for (size_t round = 0; round < 4; round++) {
        for (size_t size = 8; size <= 648; size += 16)
            crowd_gather(v, c, 2, size);
        for (size_t size = 700; size < 20000; size += size / 3)
            crowd_gather(v, c, 2, size);
    }
}

static bool member_is_hurt(const crowd_member *m) {
    const volatile unsigned char *const bytes = victim_hide(m->block);
    for (size_t i = 0; i < m->size && m->pattern; i++)
        if (bytes[i] != pattern_byte(m->pattern, i))
            return true;
    return false;
}

const crowd_member *crowd_hurt(const crowd *c) {
    for (size_t i = 0; i < c->count; i++)
        if (member_is_hurt(&c->member[i]))
            return &c->member[i];
    return NULL;
}

const crowd_member *crowd_inside(const crowd *c, const volatile void *start, size_t size) {
    const uintptr_t from = (uintptr_t)start, to = from + size;
    for (size_t i = 0; i < c->count; i++) {
        const uintptr_t block = (uintptr_t)c->member[i].block;
        if (block < to && from < block + c->member[i].size)
            return &c->member[i];
    }
    return NULL;
}

const crowd_member *crowd_next(const crowd *c, const volatile void *block) {
    const crowd_member *next = NULL;
    for (size_t i = 0; i < c->count; i++) {
        const crowd_member *const m = &c->member[i];
        if ((uintptr_t)m->block > (uintptr_t)block && (!next || (uintptr_t)m->block < (uintptr_t)next->block))
            next = m;
    }
    return next;
}

void *crowd_expel(crowd *c, size_t number) {
    void *const block = c->member[number].block;
    c->member[number] = c->member[--c->count];
    return block;
}

static bool is_among_first(const crowd *c, size_t count, const void *block) {
    for (size_t i = 0; i < count; i++)
        if (c->member[i].block == block)
            return true;
    return false;
}

void crowd_disperse(hy_victim *v, crowd *c) {
    for (size_t i = 0; i < c->count; i++)
        if (!is_among_first(c, i, c->member[i].block))
            victim_free(v, c->member[i].block);
    c->count = 0;
}

/* Members 0, 1, 4, 5, ...: those who stay are the neighbours of those who go. */
static void crowd_disperse_half(hy_victim *v, crowd *c) {
    size_t stay = 0;
    for (size_t i = 0; i < c->count; i++)
        if (i % 4 < 2)
            victim_free(v, c->member[i].block);
        else
            c->member[stay++] = c->member[i];
    c->count = stay;
}

void crowd_aftermath(hy_victim *v, crowd *c) {
    static crowd later;
    const crowd_member *const hurt = crowd_hurt(c);
    if (hurt)
        victim_silent(v, "a live block of %zu bytes has changed", hurt->size);
    const size_t size = c->member[0].size;
    victim_stage(v, HY_AT_FREE);
    crowd_disperse_half(v, c);
    victim_stage(v, HY_LATER);
    crowd_gather_mixed(v, &later);
    crowd_gather(v, &later, 4, size);
    crowd_gather(v, &later, 4, 2 * size);
    const crowd_member *const old = crowd_hurt(c), *const shared = old ? old : crowd_hurt(&later);
    if (shared && !hurt)
        victim_silent(v, "a live block of %zu bytes and one that was given out later overlap", shared->size);
    crowd_disperse(v, c);
    crowd_disperse(v, &later);
    victim_shake(v);
    if (!hurt && !shared)
        victim_prevented(v, "no live block has changed, and none given out later overlaps one");
}

crowd_header crowd_header_of(const void *block) {
    crowd_header header = {{0, 0}};
    const struct iovec to = {&header, sizeof header},
                       from = {(char *)victim_hide(block) - sizeof header, sizeof header};
    if (process_vm_readv(getpid(), &to, 1, &from, 1, 0) != (ssize_t)sizeof header)
        return (crowd_header){{0, 0}};
    return header;
}

void crowd_forge(void *place, crowd_header header) {
    victim_write_word(place, -2, header.word[0]);
    victim_write_word(place, -1, header.word[1]);
}

bool crowd_is_mapped(const void *address) {
    unsigned char resident;
    return mincore((void *)((uintptr_t)address & ~(uintptr_t)4095), 1, &resident) == 0;
}

static bool is_far_and_mapped(uintptr_t address) {
    return address >= (uintptr_t)1 << 32 && crowd_is_mapped((void *)address); /* what is below may be any number */
}

/* link = address ^ (address >> 12): its upper 12 bits are plain, and tell the next 12 (how2heap, decrypt_safe_linking).
 */
static uintptr_t unmix(uintptr_t link) {
    uintptr_t address = link;
    for (int known = 12; known < 64; known += 12)
        address = link ^ address >> 12;
    return address;
}

bool crowd_tells_address(uintptr_t word) {
    return is_far_and_mapped(word) || (word < (uintptr_t)1 << 36 && is_far_and_mapped(word << 12)) ||
           is_far_and_mapped(unmix(word));
}
