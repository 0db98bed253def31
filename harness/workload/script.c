/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static int script_say(hy_script *self, const hy_event *event, hy_error *error) {
    self->events++;
    self->time += self->pace;
    return self->writer ? hy_trace_append(self->writer, event, error) : 0;
}

/* Blocks of a heap that cannot align to 16 (simple) are taken as it gives them. */
static void *script_ask(hy_script *self, size_t size) {
    const size_t most = self->heap->max_align;
    return hy_alloc(self->heap, size, most && most < HY_MALLOC_ALIGN ? most : HY_MALLOC_ALIGN);
}

static int script_place(hy_script *self, hy_scripted *block, hy_error *error) {
    const void *const at = script_ask(self, block->size);
    if (!at)
        return hy_fail(error, -ENOMEM, "the heap has no room for %zu bytes, after %" PRIu64 " events", block->size,
                       self->events);
    block->address = (uintptr_t)at;
    self->low = self->low && self->low < block->address ? self->low : block->address;
    self->high = self->high > block->address + block->size ? self->high : block->address + block->size;
    return 0;
}

int hy_script_alloc(hy_script *script, size_t size, hy_scripted *ret_block, hy_error *error) {
    hy_scripted block = {.id = script->births, .size = size};
    int r = script->heap ? script_place(script, &block, error) : 0;
    if (r == 0)
        r = script_say(script, &(hy_event){.kind = HY_EVENT_MALLOC, .id = block.id, .size = size, .time = script->time},
                       error);
    if (r < 0)
        return r;
    script->births++;
    script->live_bytes += size;
    if (script->live_bytes > script->peak_bytes)
        script->peak_bytes = script->live_bytes;
    *ret_block = block;
    return 0;
}

int hy_script_free(hy_script *script, const hy_scripted *block, hy_error *error) {
    if (script->heap)
        hy_free(script->heap, (void *)block->address, block->size);
    script->live_bytes -= block->size;
    return script_say(script, &(hy_event){.kind = HY_EVENT_FREE, .id = block->id, .time = script->time}, error);
}

/* The trace's number of a thread. */
static int script_thread(hy_script *self, uint32_t *thread, hy_error *error) {
    if (*thread >= self->threads_room) {
        const size_t room = 2 * (size_t)*thread + 16;
        uint32_t *const grown = realloc(self->threads, room * sizeof *grown);
        if (!grown)
            return hy_fail(error, -ENOMEM, "no memory for %zu threads", room);
        for (size_t i = self->threads_room; i < room; i++)
            grown[i] = 0;
        self->threads = grown;
        self->threads_room = room;
    }
    if (self->threads[*thread] == 0)
        self->threads[*thread] = ++self->threads_seen;
    *thread = self->threads[*thread] - 1;
    return 0;
}

int hy_script_say(hy_script *script, hy_event event, uint64_t old_size, hy_error *error) {
    const int r = script_thread(script, &event.thread, error);
    if (r < 0)
        return r;
    event.time = script->time;
    script->births += hy_event_is_birth(&event) ? 1 : 0;
    script->live_bytes += event.size - old_size;
    if (script->live_bytes > script->peak_bytes)
        script->peak_bytes = script->live_bytes;
    return script_say(script, &event, error);
}

void hy_script_clear(hy_script *script) {
    free(script->threads);
    script->threads = NULL;
}
