/* SPDX-License-Identifier: MIT */
#include "agenda.h"

#include <errno.h>
#include <stdlib.h>

static bool due_before(const hy_due *a, const hy_due *b) {
    if (a->gap != b->gap)
        return a->gap < b->gap;
    return a->place != b->place ? a->place < b->place : a->number < b->number;
}

int hy_agenda_add(hy_agenda *agenda, hy_due due, hy_error *error) {
    if (agenda->count == agenda->room) {
        const size_t room = agenda->room ? 2 * agenda->room : 1024;
        hy_due *const grown = realloc(agenda->heap, room * sizeof *grown);
        if (!grown)
            return hy_fail(error, -ENOMEM, "no memory for %zu living objects", room);
        agenda->heap = grown;
        agenda->room = room;
    }
    due.number = agenda->scheduled++;
    size_t at = agenda->count++;
    for (; at > 0 && due_before(&due, &agenda->heap[(at - 1) / 2]); at = (at - 1) / 2)
        agenda->heap[at] = agenda->heap[(at - 1) / 2];
    agenda->heap[at] = due;
    return 0;
}

static hy_due agenda_take(hy_agenda *self) {
    const hy_due first = self->heap[0], last = self->heap[--self->count];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < self->count; at = child) {
        child += child + 1 < self->count && due_before(&self->heap[child + 1], &self->heap[child]);
        if (!due_before(&self->heap[child], &last))
            break;
        self->heap[at] = self->heap[child];
    }
    self->heap[at] = last;
    return first;
}

int hy_agenda_play(hy_agenda *agenda, uint64_t gap, hy_script *script, hy_error *error) {
    int r = 0;
    while (r == 0 && agenda->count > 0 && agenda->heap[0].gap <= gap) {
        const hy_due due = agenda_take(agenda);
        const hy_event event = {
            .kind = due.kind, .thread = due.thread, .id = due.kind <= HY_EVENT_FREE ? due.id : 0, .size = due.size};
        r = hy_script_say(script, event, due.old_size, error);
    }
    return r;
}

void hy_agenda_clear(hy_agenda *agenda) {
    free(agenda->heap);
    *agenda = (hy_agenda){.count = 0};
}
