/* SPDX-License-Identifier: MIT
 *
 * pager.h - the contract of a page replacement policy: page references in, victims out.
 *
 * Its input is not alloc and free, so a policy is not a heap; its head is that of everything that has a name (summary,
 * source, parameters, create, destroy), and so is its spelling: `lru`, `2q:in=25%`.
 *
 * Words, used in one sense only:
 *   page       what a program refers to; numbered from 0 by the host, without gaps where it can
 *   frame      room for one page; the policy knows only how many there are, not which page is in which
 *   resident   in a frame now
 *   hit        a reference to a resident page
 *   miss       a reference to a page that is not resident: a page fault
 *   host       who calls the policy: the simulator, or the live pager
 *
 * What the host does for each reference to `page`, and nothing else (hy_pager_reference spells it out):
 *
 *   1. Is `page` resident: hit(page).
 *   2. Else, if all frames are taken: victim(page) names a resident page that is not `page`.  It has left when the call
 *      returns, and the host takes its frame (having written the page back, if it was written to).
 *   3. Then miss(page): `page` is resident from now on.
 *   4. A policy with `expired` is asked after each reference, hit or miss, until it has no more to give: pages that
 *      leave although there is room.  The page just referenced is never among them.
 *
 * Policies are freestanding: they call nothing but what the compiler puts in, and have no memory but what create was
 * given, so that a live pager may drive them from its fault handler.  One thread at a time.  The same setup and the
 * same calls give the same answers.
 */
#ifndef HEAPYARD_PAGER_H
#define HEAPYARD_PAGER_H

#include "heapyard.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HY_NO_PAGE UINT32_MAX          /* no page; also: a page is never used again */
#define HY_PAGES_MOST (UINT32_MAX / 2) /* pages and frames, at most, of one pager */

typedef struct hy_pager hy_pager;
typedef struct hy_pager_ops hy_pager_ops;

typedef struct hy_pager_setup {
    const void *params; /* the policy's own parameter struct, filled in and checked; dead after create */
    uint32_t frames;    /* 1 to HY_PAGES_MOST */
    uint32_t pages;     /* page numbers are below this; at most HY_PAGES_MOST */
    /* For policies with HY_PAGER_OFFLINE, else ignored: for each reference to come, in their order, when its page is
     * referenced next (the number of that reference), or HY_NO_PAGE.  Borrowed until destroy. */
    const uint32_t *next_use;
    uint64_t next_uses; /* how many; references beyond are taken as the last of their page */
} hy_pager_setup;

enum {
    HY_PAGER_OFFLINE = 1 << 0, /* must know all references beforehand (opt)                             */
    HY_PAGER_STACK = 1 << 1    /* with more frames there are never more misses (inclusion; Mattson 1970) */
};

/* A policy's data sheet.  `const`, one per policy, named hy_<name>_pager_ops. */
struct hy_pager_ops {
    const char *name;    /* lower case; what users type */
    const char *summary; /* one line */
    const char *source;  /* the paper or book that the algorithm is from */
    uint32_t flags;
    const hy_param *params;
    size_t params_size;

    /* Bytes of memory that create will want for this setup (only frames, pages and params are looked at). */
    size_t (*memory)(const hy_pager_setup *setup);
    /* Makes a pager at the start of `memory`: as many bytes as were asked for, all zero, aligned to 64.  Nothing is
     * resident.  It cannot fail.  Hosts call hy_pager_create, which sets `ops` in its head. */
    hy_pager *(*create)(const hy_pager_setup *setup, void *memory);
    /* The memory is the host's again.  Optional: NULL means that there is nothing to do. */
    void (*destroy)(hy_pager *pager);

    /* The calls of the rules above.  `write`: the reference writes to the page. */
    void (*hit)(hy_pager *pager, uint32_t page, bool write);
    uint32_t (*victim)(hy_pager *pager, uint32_t page);
    void (*miss)(hy_pager *pager, uint32_t page, bool write);
    /* Optional.  A page that has left, or HY_NO_PAGE. */
    uint32_t (*expired)(hy_pager *pager);
};

/* The head of every pager. */
struct hy_pager {
    const hy_pager_ops *ops;
};

static inline hy_pager *hy_pager_create(const hy_pager_ops *ops, const hy_pager_setup *setup, void *memory) {
    hy_pager *const pager = ops->create(setup, memory);
    pager->ops = ops;
    return pager;
}

static inline void hy_pager_destroy(hy_pager *pager) {
    if (pager->ops->destroy)
        pager->ops->destroy(pager);
}

/* For hosts: the rules above for one reference.  `resident` has a byte for each page and `*taken` counts those that are
 * set; both are the host's.  `left(context, page)` is called for each page that leaves; a victim leaves before `page`
 * comes in.  True: it was a miss. */
static inline bool hy_pager_reference(hy_pager *pager, uint32_t frames, uint8_t *resident, uint32_t *taken,
                                      uint32_t page, bool write, void (*left)(void *context, uint32_t page),
                                      void *context) {
    const hy_pager_ops *const ops = pager->ops;
    const bool miss = !resident[page];
    if (!miss) {
        ops->hit(pager, page, write);
    } else {
        if (*taken == frames) {
            const uint32_t victim = ops->victim(pager, page);
            resident[victim] = 0;
            --*taken;
            left(context, victim);
        }
        ops->miss(pager, page, write);
        resident[page] = 1;
        ++*taken;
    }
    uint32_t gone;
    while (ops->expired && (gone = ops->expired(pager)) != HY_NO_PAGE) {
        resident[gone] = 0;
        --*taken;
        left(context, gone);
    }
    return miss;
}

#ifdef __cplusplus
}
#endif

#endif
