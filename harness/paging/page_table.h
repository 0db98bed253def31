/* SPDX-License-Identifier: MIT
 *
 * page_table.h - the tables by which x86-64 translates: a tree of nodes with 512 entries, four or five levels high.
 *
 *   level   5 PML5, 4 PML4, 3 PDPT, 2 PD, 1 PT; an entry of level l spans 2^(12 + 9 (l - 1)) bytes
 *   leaf    the level whose entries are pages: 1 for 4 KiB, 2 for 2 MiB, 3 for 1 GiB
 *   step    the reading of one entry; a walk from the root to a leaf takes levels - leaf + 1 of them
 *
 * Source: Intel 64 and IA-32 architectures software developer's manual, volume 3A, chapter 4 (paging); AMD64
 * architecture programmer's manual, volume 2, chapter 5.
 */
#ifndef HY_PAGE_TABLE_H
#define HY_PAGE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#define HY_TABLE_ENTRIES 512u
#define HY_TABLE_NODE_BYTES 4096u
#define HY_LEVELS_MOST 5u

typedef struct hy_page_table {
    unsigned levels, leaf;
    uint32_t *root;  /* of each space: its node plus 1, or 0 */
    uint32_t spaces; /* that `root` has room for */
    uint32_t (
        *node)[HY_TABLE_ENTRIES]; /* an entry: the node below plus 1, or the page's frame plus 1; 0: not present */
    uint32_t nodes, room;
} hy_page_table;

typedef struct hy_walk_step {
    unsigned level;
    uint32_t node, index; /* the entry `index` of that node is read */
} hy_walk_step;

typedef struct hy_walk {
    hy_walk_step step[HY_LEVELS_MOST];
    unsigned steps; /* that were taken: fewer if an entry was not present */
    bool present;
    uint32_t frame;
    uint64_t offset; /* in the page */
} hy_walk;

static inline unsigned hy_level_shift(unsigned level) {
    return 12 + 9 * (level - 1);
}

static inline uint32_t hy_level_index(uint64_t address, unsigned level) {
    return (uint32_t)(address >> hy_level_shift(level)) & (HY_TABLE_ENTRIES - 1);
}

/* "PML4" and so on. */
const char *hy_level_name(unsigned level);
/* The leaf of pages of 2^shift bytes: 12, 21 or 30.  0: there are no such pages. */
unsigned hy_leaf_of(unsigned shift);
/* Addresses have 48 bits with four levels and 57 with five; the ones above must be copies of the highest. */
bool hy_address_is_canonical(uint64_t address, unsigned levels);

void hy_page_table_start(hy_page_table *table, unsigned levels, unsigned leaf);
void hy_page_table_clear(hy_page_table *table);
/* Makes the nodes that are missing.  0 or -ENOMEM. */
int hy_page_table_map(hy_page_table *table, uint32_t space, uint64_t address, uint32_t frame);
void hy_page_table_walk(const hy_page_table *table, uint32_t space, uint64_t address, hy_walk *ret);

#endif
