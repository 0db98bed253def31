/* SPDX-License-Identifier: MIT
 *
 * heaplog.c - the range log of a living heap, through walk (see rangelog.h).
 *
 * Which headers were set is not asked of the heap: the tables before and after an operation tell.  Metadata between
 * blocks is shown as allocated: nobody else can have it.
 */
#include "heap.h"
#include "rangelog.h"

#include <errno.h>
#include <stdlib.h>

typedef struct table {
    hy_log_line *rows;
    size_t count, room;
} table;

struct hy_log_writer {
    hy_heap *heap;
    FILE *out;
    hy_log_options options;
    bool has_base;
    uintptr_t base; /* what rebased addresses count from */
    table before, now;
};

static int note_range(void *context, const hy_range *range) {
    hy_log_writer *const self = context;
    table *const now = &self->now;
    if (now->count == now->room) {
        now->room = now->room ? 2 * now->room : 64;
        hy_log_line *const grown = realloc(now->rows, now->room * sizeof *grown);
        if (!grown)
            abort();
        now->rows = grown;
    }
    const uint64_t state = range->kind == HY_FREE ? 0 : HY_LOG_ALLOCATED_BIT;
    now->rows[now->count++] = (hy_log_line){.kind = HY_LOG_ROW,
                                            .start = (int64_t)range->start,
                                            .end = (int64_t)(range->start + range->size),
                                            .header = range->size | state};
    return 0;
}

/* Walks the heap into `now`, without addresses rebased yet; what was there becomes `before`. */
static void take_table(hy_log_writer *self) {
    const table spare = self->before;
    self->before = self->now;
    self->now = spare;
    self->now.count = 0;
    self->heap->ops->walk(self->heap, note_range, self);
    if (!self->has_base && self->now.count > 0) {
        self->has_base = true;
        self->base = (uintptr_t)self->now.rows[0].start;
    }
}

/* Prints a line with its addresses as the user wants them. */
static void put(const hy_log_writer *self, hy_log_line line) {
    const int64_t base = self->options.rebase ? (int64_t)self->base : 0;
    line.start -= base;
    line.end -= base;
    hy_log_print(self->out, &line);
}

static void put_kind(const hy_log_writer *self, hy_log_kind kind) {
    put(self, (hy_log_line){.kind = kind});
}

static void put_block(const hy_log_writer *self, hy_log_kind kind, const void *block, size_t size) {
    put(self, (hy_log_line){.kind = kind, .start = (int64_t)(uintptr_t)block, .size = size});
}

static bool was_there(const table *before, const hy_log_line *row, size_t *from) {
    while (*from < before->count && before->rows[*from].start < row->start)
        ++*from;
    return *from < before->count && before->rows[*from].start == row->start &&
           before->rows[*from].header == row->header;
}

/* The rows of `now` that `before` had not. */
static void put_headers(const hy_log_writer *self) {
    size_t from = 0;
    for (size_t i = 0; i < self->now.count; i++) {
        const hy_log_line *const row = &self->now.rows[i];
        if (!was_there(&self->before, row, &from))
            put(self, (hy_log_line){.kind = HY_LOG_HEADER, .start = row->start, .header = row->header});
    }
}

static void put_table(const hy_log_writer *self) {
    for (size_t i = 0; i < self->now.count; i++)
        put(self, self->now.rows[i]);
}

/* One line for each run of ranges without gaps. */
static void put_storage(const hy_log_writer *self) {
    const table *const now = &self->now;
    for (size_t i = 0, first = 0; i < now->count; i++) {
        if (i + 1 < now->count && now->rows[i].end == now->rows[i + 1].start)
            continue;
        put(self, (hy_log_line){.kind = HY_LOG_STORAGE, .start = now->rows[first].start, .end = now->rows[i].end});
        first = i + 1;
    }
}

int hy_log_start(hy_heap *heap, FILE *out, const hy_log_options *options, hy_log_writer **ret_writer, hy_error *error) {
    if (!heap->ops->walk)
        return hy_fail(error, -ENOTSUP, "%s cannot be walked, so its ranges cannot be logged", heap->ops->name);
    hy_log_writer *const self = calloc(1, sizeof *self);
    if (!self)
        return hy_fail(error, -ENOMEM, "no memory for a log");
    self->heap = heap;
    self->out = out;
    self->options = *options;
    take_table(self);
    if (!options->table_only) {
        put_kind(self, HY_LOG_INIT);
        put_storage(self);
        put_headers(self);
    }
    put_table(self);
    *ret_writer = self;
    return 0;
}

void hy_log_stop(hy_log_writer *writer) {
    free(writer->before.rows);
    free(writer->now.rows);
    free(writer);
}

void *hy_log_alloc(hy_log_writer *writer, size_t size, size_t align) {
    if (size == 0 && writer->options.zero_is_null)
        return NULL;
    put_kind(writer, HY_LOG_EMPTY);
    put(writer, (hy_log_line){.kind = HY_LOG_TRYING, .size = size});
    void *const block = hy_alloc(writer->heap, size, align);
    if (!block) {
        put_kind(writer, HY_LOG_EXHAUSTED);
        return NULL;
    }
    take_table(writer);
    put_headers(writer);
    put_block(writer, HY_LOG_ALLOCATED, block, size);
    put_table(writer);
    return block;
}

void hy_log_release(hy_log_writer *writer, void *block, size_t size) {
    if (!block)
        return;
    put_kind(writer, HY_LOG_EMPTY);
    put_block(writer, HY_LOG_FREEING, block, 0);
    hy_free(writer->heap, block, size);
    take_table(writer);
    put_headers(writer);
    put_block(writer, HY_LOG_FREED, block, 0);
    put_table(writer);
}

void hy_log_table(hy_log_writer *writer) {
    take_table(writer);
    put_table(writer);
}
