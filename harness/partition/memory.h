/* SPDX-License-Identifier: MIT
 *
 * memory.h - the memory of a machine, of any size: address space that is reserved, with an allocator of ours in charge.
 *
 * Programs are blocks in it, and nobody runs them: so what is not moved or written costs no memory at all.
 */
#ifndef HY_MEMORY_H
#define HY_MEMORY_H

#include "heap.h"

typedef struct hy_memory {
    void *start;
    size_t size, mapped; /* bytes, as asked for and as mapped */
    size_t unit;         /* the least that a program gets: a block, with fixed partitions */
    hy_pages *pages;
    hy_instance instance;
    hy_heap *heap; /* of the instance */
} hy_memory;

/* Opens `spec` over `size` bytes.  *ret stays where it is while it is open.  `fit`, which ends its storage with a mark
 * of one byte if metadata is out of band and grain is 1, gets that byte more.  0 or -errno with the sentence. */
int hy_memory_open(size_t size, const char *spec, hy_memory *ret, hy_error *error);
void hy_memory_close(hy_memory *memory);

/* What the allocator is called that gives whole blocks, and the one that gives what is asked for to the byte. */
#define HY_FIXED_SPEC "partitions:block=%zu,policy=%s"
#define HY_DYNAMIC_SPEC "fit:policy=%s,metadata=out-of-band,grain=1,structure=list,order=address"

/* Where in the memory a program begins. */
static inline size_t hy_memory_base(const hy_memory *memory, const void *program) {
    return (size_t)((const char *)program - (const char *)memory->start);
}

#endif
