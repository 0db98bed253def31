/* SPDX-License-Identifier: MIT
 *
 * program.c - the child's view of a program (see program.h).  No malloc, so that nothing of the harness lies in the
 * heap that is measured.
 */
#include "program.h"

#include "feed.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

static bool phases_are_whole(const hy_program_head *head) {
    const hy_program_phases *const p = &head->phases;
    uint64_t before = 0;
    if (p->rows > HY_PROGRAM_PHASES || p->bounds > HY_PROGRAM_BOUNDS)
        return false;
    for (uint64_t i = 0; i < p->bounds; i++) {
        if (p->bound[i].row >= p->rows || p->bound[i].entry < before || p->bound[i].entry > head->entries)
            return false;
        before = p->bound[i].entry;
    }
    return true;
}

static bool window_is_whole(const hy_program_head *head) {
    if (head->entries > head->room || !phases_are_whole(head))
        return false;
    for (uint64_t i = 0; i < head->lanes; i++)
        if (head->lane[i].start > head->entries || head->lane[i].count > head->entries - head->lane[i].start)
            return false;
    return true;
}

static bool program_is_whole(const hy_program_head *head, size_t size) {
    if (size < sizeof *head || head->magic != HY_PROGRAM_MAGIC || head->lanes > HY_PROGRAM_MAX_LANES)
        return false;
    const size_t entry = sizeof(hy_op) + (head->timed ? sizeof(uint64_t) : 0);
    return head->room <= (size - sizeof *head) / entry && window_is_whole(head);
}

int hy_program_map(int fd, hy_program *ret_program, hy_error *error) {
    struct stat status;
    if (fstat(fd, &status) < 0)
        return hy_fail(error, -errno, "no program on file descriptor %d: %s", fd, strerror(errno));
    const size_t size = (size_t)status.st_size;
    void *const start = size ? mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0) : MAP_FAILED;
    if (start == MAP_FAILED)
        return hy_fail(error, -ENOMEM, "the program of %zu bytes on file descriptor %d cannot be mapped", size, fd);
    const hy_program_head *const head = start;
    if (!program_is_whole(head, size)) {
        munmap(start, size);
        return hy_fail(error, -EINVAL, "file descriptor %d holds no program", fd);
    }
    const hy_op *const ops = (const hy_op *)(head + 1);
    *ret_program = (hy_program){.head = head,
                                .ops = ops,
                                .times = head->timed ? (const uint64_t *)(ops + head->room) : NULL,
                                .size = size,
                                .feed = -1};
    return 0;
}

static int feed_ask(int feed, hy_feed_answer *ret_answer) {
    const char next = HY_FEED_NEXT;
    ssize_t got = send(feed, &next, 1, MSG_NOSIGNAL);
    while (got >= 0 && (got = recv(feed, ret_answer, sizeof *ret_answer, 0)) < 0 && errno == EINTR)
        got = 0;
    return got == (ssize_t)sizeof *ret_answer ? 0 : -EPIPE;
}

int hy_program_next(const hy_program *program, hy_error *error) {
    hy_feed_answer answer;
    if (!program->head->streamed)
        return 0;
    if (feed_ask(program->feed, &answer) < 0)
        return hy_fail(error, -EPIPE, "nobody prepares the rest of the trace any more");
    if (answer.status < 0)
        return hy_fail(error, answer.status, "%s", answer.error.text);
    if (answer.status > 0 && !window_is_whole(program->head))
        return hy_fail(error, -EINVAL, "a window of the trace is no program");
    return answer.status;
}

void hy_program_unmap(hy_program *program) {
    if (program->head)
        munmap((void *)(uintptr_t)program->head, program->size);
    *program = (hy_program){0};
}
