/* SPDX-License-Identifier: MIT
 *
 * lanes.c - see lanes.h.
 */
#include "lanes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool hy_grow(void *array, size_t *room, size_t wanted, size_t entry) {
    if (wanted <= *room)
        return true;
    const size_t now = wanted > 2 * *room ? wanted + 1024 : 2 * *room;
    void **const pointer = array;
    void *const grown = realloc(*pointer, now * entry);
    if (!grown)
        return false;
    *pointer = grown;
    *room = now;
    return true;
}

bool hy_lanes_append(hy_lanes *lanes, uint32_t lane, hy_op op, uint64_t time) {
    hy_lane_list *const l = &lanes->lane[lane];
    if (l->count >= l->room && !hy_grow(&l->op, &l->room, l->count + 1, sizeof *l->op))
        return false;
    if (lanes->timed && l->count >= l->time_room && !hy_grow(&l->time, &l->time_room, l->count + 1, sizeof *l->time))
        return false;
    if (lanes->timed)
        l->time[l->count] = time;
    l->op[l->count++] = op;
    l->operations += op.kind <= HY_OP_FREE;
    lanes->entries++;
    return true;
}

/* ----------------------------------------------------------------------------------------------------- writing ---- */

static int write_at(int fd, const void *from, size_t size, uint64_t *offset, hy_error *error) {
    const char *at = from;
    while (size > 0) {
        const ssize_t written = pwrite(fd, at, size, (off_t)*offset);
        if (written < 0 && errno != EINTR)
            return hy_fail(error, -errno, "no shared memory for the prepared trace: %s", strerror(errno));
        const size_t done = written > 0 ? (size_t)written : 0;
        at += done;
        size -= done;
        *offset += done;
    }
    return 0;
}

static void fill_head(const hy_lanes *lanes, hy_program_head *head) {
    uint64_t start = 0;
    head->entries = lanes->entries;
    for (uint32_t i = 0; i < lanes->count; i++) {
        head->lane[i] = (hy_lane){start, lanes->lane[i].count, lanes->lane[i].before};
        start += lanes->lane[i].count;
    }
}

int hy_lanes_write(hy_lanes *lanes, int fd, hy_program_head *head, hy_error *error) {
    uint64_t offset = 0, times = sizeof *head + head->room * sizeof(hy_op);
    fill_head(lanes, head);
    int r = write_at(fd, head, sizeof *head, &offset, error);
    for (uint32_t i = 0; r == 0 && i < lanes->count; i++)
        r = write_at(fd, lanes->lane[i].op, lanes->lane[i].count * sizeof(hy_op), &offset, error);
    for (uint32_t i = 0; r == 0 && lanes->timed && i < lanes->count; i++)
        r = write_at(fd, lanes->lane[i].time, lanes->lane[i].count * sizeof(uint64_t), &times, error);
    hy_lanes_skip(lanes);
    return r;
}

void hy_lanes_skip(hy_lanes *lanes) {
    for (uint32_t i = 0; i < lanes->count; i++) {
        hy_lane_list *const l = &lanes->lane[i];
        l->before += l->operations;
        l->count = l->operations = 0;
    }
    lanes->entries = 0;
}

void hy_lanes_free(hy_lanes *lanes) {
    for (uint32_t i = 0; i < lanes->count; i++) {
        free(lanes->lane[i].op);
        free(lanes->lane[i].time);
    }
}
