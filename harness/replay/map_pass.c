/* SPDX-License-Identifier: MIT
 *
 * map_pass.c - the map pass: where every block lies, over the allocation clock.
 *
 *   1. One thread, in trace order; every page of every block is touched, as in the footprint pass.
 *   2. Each life (map_pass.h) is noted: address, size, birth, death, call.
 *   3. Before the operation that takes the clock past a frame's moment, the pages are looked at (map_chunks.h).
 *   4. Afterwards the lives become a picture (map_picture.c, map_say.c).
 *
 * Bad at: traces whose lives do not fit into memory, 32 bytes each.
 */
#include "map_pass.h"

#include "replay.h"

#include <sys/mman.h>

typedef struct map_pass {
    hy_replay *replay;
    hy_map map;
    uint32_t *life_of; /* of each slot: an index into map.lives */
    uint64_t clock;
    unsigned frame; /* the next one */
} map_pass;

/* The operation at hand will take the clock to `clock`. */
static void pass_frames(map_pass *self, uint64_t clock) {
    for (; self->frame < HY_MAP_FRAMES && hy_map_moment(self->map.facts, self->frame) < clock; self->frame++)
        hy_map_chunks_look(&self->map.chunks, self->replay->heap, self->frame);
    self->clock = clock;
}

static void pass_birth(map_pass *self, const hy_op *op, const void *block) {
    const uintptr_t address = (uintptr_t)block;
    self->life_of[op->slot] = (uint32_t)self->map.count;
    self->map.lives[self->map.count++] = (hy_life){
        .address = address, .born = self->clock, .died = UINT64_MAX, .size = op->size, .kind = (unsigned)op->kind};
    hy_map_chunks_note(&self->map.chunks, address, op->size);
}

static void pass_death(map_pass *self, const hy_op *op) {
    self->map.lives[self->life_of[op->slot]].died = self->clock;
}

/* NULL, or the operation that found no room. */
static const hy_op *pass_loop(map_pass *self) {
    hy_replay *const replay = self->replay;
    const hy_op *end, *op = hy_program_lane(replay->program, 0, &end);
    for (; op != end; op++) {
        if (op->kind == HY_OP_FREE) {
            replay->heap->ops->free(replay->heap, replay->slot[op->slot], op->size & replay->known_sizes);
            pass_death(self, op);
        } else if (op->kind <= HY_OP_REALLOC) {
            const uint64_t old = op->kind == HY_OP_REALLOC ? op[1].size : 0;
            pass_frames(self, self->clock + (op->size > old ? op->size - old : 0));
            void *const block = hy_op_obtain(replay, op);
            if (!block)
                return op;
            if (op->kind == HY_OP_REALLOC)
                pass_death(self, op);
            replay->slot[op->slot] = block;
            hy_touch_block(block, op->size, HY_TOUCH_PAGE);
            pass_birth(self, op, block);
        }
    }
    return NULL;
}

static void pass_run(map_pass *self, FILE *out, hy_ending *ret_ending) {
    self->replay->failed = pass_loop(self);
    hy_replay_ending(self->replay, ret_ending);
    if (self->replay->failed)
        return;
    if (self->map.chunks.full)
        *ret_ending = (hy_ending){"failed", "blocks lie in more than 4 GiB of addresses; a map has no room for that"};
    else if (!hy_map_say(&self->map, out))
        *ret_ending = (hy_ending){"failed", "no memory for the picture of the map"};
}

void hy_pass_map(hy_replay *replay, FILE *out, hy_ending *ret_ending) {
    const hy_program_head *const head = replay->program->head;
    const size_t lives_size = (head->entries + 1) * sizeof(hy_life), slots_size = head->slots * sizeof(uint32_t);
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    if (head->streamed) {
        *ret_ending = (hy_ending){"refused", "a map needs the whole trace at once, and this one is too long for that: "
                                             "`heapyard cut` makes a shorter one, --window lets more be there"};
        return;
    }
    map_pass self = {.replay = replay, .map = {.facts = &head->facts, .walks = replay->heap->ops->walk}};
    void *const memory = mmap(NULL, lives_size + slots_size, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (memory != MAP_FAILED && hy_map_chunks_start(&self.map.chunks)) {
        self.map.lives = memory;
        self.life_of = (uint32_t *)((char *)memory + lives_size);
        pass_run(&self, out, ret_ending);
        hy_map_chunks_end(&self.map.chunks);
    } else {
        *ret_ending = (hy_ending){"failed", "no memory for a record of all blocks"};
    }
    if (memory != MAP_FAILED)
        munmap(memory, lives_size + slots_size);
}
