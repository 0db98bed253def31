/* SPDX-License-Identifier: MIT
 *
 * mmu.h - what translating costs a trace: TLBs, walks through page tables, and caches for the upper levels of them.
 *
 *   TLB         keeps translations of pages: sets of so many ways, the least recently used of a set leaves.  All TLBs
 * of a level are asked; then the next level.  What is found below is put into those above. walk        nobody knew the
 * page: its tables are read from the root, a step for each level walk cache  keeps entries of one upper level, fully
 * associative, least recently used: a walk begins below the deepest one that knows the address ASID        a number of
 * the address space in each entry; without, all is forgotten when the space changes
 *
 * Pages are mapped before the trace begins: a page fault is the pager's, not counted here.
 */
#ifndef HY_MMU_H
#define HY_MMU_H

#include "page_table.h"
#include "page_trace.h"

#define HY_TLBS_MOST 8u
#define HY_TLB_ENTRIES_MOST 65536u

typedef enum hy_tlb_side { HY_TLB_BOTH, HY_TLB_CODE, HY_TLB_DATA } hy_tlb_side;

typedef struct hy_tlb_shape {
    uint32_t entries, ways;
    hy_tlb_side side; /* which references it serves */
    unsigned level;   /* from 1 */
} hy_tlb_shape;

typedef struct hy_mmu_options {
    unsigned levels, shift;
    hy_tlb_shape tlb[HY_TLBS_MOST];
    size_t tlbs;
    uint32_t walk_cache; /* entries for each upper level; 0: there is none */
    bool asids;
    hy_page_which which;
} hy_mmu_options;

typedef struct hy_mmu_counts {
    uint64_t references;
    uint64_t hits[HY_TLBS_MOST]; /* of each TLB */
    uint64_t walks, steps;       /* misses of all TLBs; entries read by the walks */
    uint64_t switches;           /* of the space */
    uint32_t pages, nodes;       /* nodes: of all page tables */
} hy_mmu_counts;

/* "64x4,1536x12" or "i64x8,d64x4,1536x12": entries and ways; i: instruction fetches only, d: data only.  What has no
 * letter is a level of its own; neighbours with letters are one level.  0 or -EINVAL with the sentence. */
int hy_tlb_parse(const char *text, hy_mmu_options *options, hy_error *error);

/* 0 or -errno with the sentence. */
int hy_mmu_run(const hy_page_trace *trace, const hy_mmu_options *options, hy_mmu_counts *ret, hy_error *error);

#endif
