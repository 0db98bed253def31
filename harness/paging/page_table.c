/* SPDX-License-Identifier: MIT
 *
 * page_table.c - building and walking page tables (see page_table.h).
 */
#include "page_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *hy_level_name(unsigned level) {
    static const char *const names[] = {"?", "PT", "PD", "PDPT", "PML4", "PML5"};
    return names[level <= HY_LEVELS_MOST ? level : 0];
}

unsigned hy_leaf_of(unsigned shift) {
    return shift == 12 ? 1 : shift == 21 ? 2 : shift == 30 ? 3 : 0;
}

bool hy_address_is_canonical(uint64_t address, unsigned levels) {
    const unsigned above = 64 - (12 + 9 * levels);
    return (uint64_t)((int64_t)(address << above) >> above) == address;
}

void hy_page_table_start(hy_page_table *table, unsigned levels, unsigned leaf) {
    *table = (hy_page_table){.levels = levels, .leaf = leaf};
}

void hy_page_table_clear(hy_page_table *table) {
    free(table->root);
    free(table->node);
    hy_page_table_start(table, table->levels, table->leaf);
}

/* *entry becomes a new, empty node plus 1.  Entries may move: `entry` is dead afterwards. */
static int add_node(hy_page_table *table, uint32_t *ret) {
    if (table->nodes == table->room) {
        const uint32_t room = table->room ? 2 * table->room : 16;
        void *const grown = realloc(table->node, room * sizeof *table->node);
        if (!grown)
            return -ENOMEM;
        table->node = grown;
        table->room = room;
    }
    memset(table->node[table->nodes], 0, sizeof *table->node);
    *ret = ++table->nodes;
    return 0;
}

static int root_of(hy_page_table *table, uint32_t space, uint32_t *ret) {
    if (space >= table->spaces) {
        uint32_t *const grown = realloc(table->root, ((size_t)space + 1) * sizeof *grown);
        if (!grown)
            return -ENOMEM;
        memset(grown + table->spaces, 0, (space + 1 - table->spaces) * sizeof *grown);
        table->root = grown;
        table->spaces = space + 1;
    }
    const int r = table->root[space] ? 0 : add_node(table, &table->root[space]);
    *ret = table->root[space];
    return r;
}

int hy_page_table_map(hy_page_table *table, uint32_t space, uint64_t address, uint32_t frame) {
    uint32_t node = 0, below = 0;
    int r = root_of(table, space, &node);
    for (unsigned level = table->levels; r == 0 && level > table->leaf; level--) {
        const uint32_t index = hy_level_index(address, level);
        below = table->node[node - 1][index];
        if (below == 0 && (r = add_node(table, &below)) == 0)
            table->node[node - 1][index] = below;
        node = below;
    }
    if (r == 0)
        table->node[node - 1][hy_level_index(address, table->leaf)] = frame + 1;
    return r;
}

void hy_page_table_walk(const hy_page_table *table, uint32_t space, uint64_t address, hy_walk *ret) {
    hy_walk walk = {.offset = address & (((uint64_t)1 << hy_level_shift(table->leaf)) - 1)};
    uint32_t entry = space < table->spaces ? table->root[space] : 0;
    for (unsigned level = table->levels; entry != 0 && level >= table->leaf; level--) {
        const uint32_t index = hy_level_index(address, level);
        walk.step[walk.steps++] = (hy_walk_step){level, entry - 1, index};
        entry = table->node[entry - 1][index];
    }
    walk.present = entry != 0;
    walk.frame = entry ? entry - 1 : 0;
    *ret = walk;
}
