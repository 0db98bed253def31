/* SPDX-License-Identifier: MIT
 *
 * bystanders.h - live blocks that stand by while a fault happens, and whose bytes tell afterwards whether they were
 * hurt.
 *
 * Each block that joins is filled with a pattern of its own, over all the bytes that were asked for.  A block that no
 * longer shows its pattern was written to by somebody else, or shares its place with one that joined later.
 *
 * A crowd is large: keep it static.
 */
#ifndef HY_BYSTANDERS_H
#define HY_BYSTANDERS_H

#include "fault.h"

#define CROWD_MOST 4000

typedef struct crowd_member {
    void *block;
    size_t size;
    uint32_t pattern; /* 0: its bytes have not been touched */
} crowd_member;

typedef struct crowd {
    size_t count;
    crowd_member member[CROWD_MOST];
} crowd;

/* Allocates one block, fills it, and returns it.  The other one takes a block that is allocated already. */
void *crowd_join(hy_victim *victim, crowd *crowd, size_t size);
void crowd_admit(crowd *crowd, void *block, size_t size);
/* The same `count` times, and with blocks of many sizes from 8 bytes to 20 KiB. */
void crowd_gather(hy_victim *victim, crowd *crowd, size_t count, size_t size);
void crowd_gather_mixed(hy_victim *victim, crowd *crowd);

/* The same, but the new blocks are left as they are, so that a damaged free list leads on as an attacker would let it:
 * true as soon as a new one shares its place with a member.  crowd_settle fills them. */
bool crowd_gather_shared(hy_victim *victim, crowd *crowd, size_t count, size_t size);
bool crowd_gather_shared_aligned(hy_victim *victim, crowd *crowd, size_t count, size_t align, size_t size);
void crowd_settle(crowd *crowd);

/* The first member that no longer shows its pattern; the first that has bytes in [start, start + size); the one that
 * begins closest behind `block`.  NULL: there is none. */
const crowd_member *crowd_hurt(const crowd *crowd);
const crowd_member *crowd_inside(const crowd *crowd, const volatile void *start, size_t size);
const crowd_member *crowd_next(const crowd *crowd, const volatile void *block);

/* Ends one member's stay without freeing it, and returns its block; the last member takes its number. */
void *crowd_expel(crowd *crowd, size_t number);
/* Frees all, each address once, and empties the crowd. */
void crowd_disperse(hy_victim *victim, crowd *crowd);

/* What comes after a write that may have hurt: says silent if a member is hurt; frees two members of each four, the
 * ones in the middle among them (HY_AT_FREE); allocates much (HY_LATER), and says silent if what is given out overlaps
 * what lives; frees all.  Says prevented if it had nothing to say. */
void crowd_aftermath(hy_victim *victim, crowd *crowd);

/* The two words in front of a block, where its header is if it has one: read without touching them, as who knows an
 * allocator's format need not read at all.  Zeros, where nothing is mapped. */
typedef struct crowd_header {
    uintptr_t word[2];
} crowd_header;
crowd_header crowd_header_of(const void *block);
/* Writes it in front of a place that looks like a block then. */
void crowd_forge(void *place, crowd_header header);
/* Whether there is memory at an address. */
bool crowd_is_mapped(const void *address);

/* Whether a word that the program did not write tells where memory is: it is an address; one whose low 12 bits were cut
 * off; or one mixed with the upper bits of an address in the same page, which can be undone. */
bool crowd_tells_address(uintptr_t word);

#endif
