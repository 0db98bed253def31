/* SPDX-License-Identifier: MIT
 *
 * phases.c - see phases.h.
 */
#include "phases.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int hy_phases_set(hy_phases *phases, const hy_mark *mark, hy_error *error) {
    if (mark->thread >= phases->room) {
        const size_t room = 2 * (size_t)mark->thread + 16;
        void *const grown = realloc(phases->names, room * sizeof *phases->names);
        if (!grown)
            return hy_fail(error, -ENOMEM, "no memory for the phases of %zu threads", room);
        phases->names = grown;
        memset(phases->names + phases->room, 0, (room - phases->room) * sizeof *phases->names);
        phases->room = room;
    }
    memcpy(phases->names[mark->thread], mark->name, sizeof mark->name);
    return 0;
}

const char *hy_phases_get(const hy_phases *phases, uint32_t thread) {
    return thread < phases->room ? phases->names[thread] : "";
}

void hy_phases_clear(hy_phases *phases) {
    free(phases->names);
    *phases = (hy_phases){.names = NULL};
}
