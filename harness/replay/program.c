/* SPDX-License-Identifier: MIT
 *
 * program.c - the child's view of a program (see program.h).  No malloc, so that nothing of the harness lies in the
 * heap that is measured.
 */
#include "program.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static bool program_is_whole(const hy_program_head *head, size_t size) {
    if (size < sizeof *head || head->magic != HY_PROGRAM_MAGIC || head->lanes > HY_PROGRAM_MAX_LANES)
        return false;
    if (head->entries > (size - sizeof *head) / sizeof(hy_op))
        return false;
    for (uint64_t i = 0; i < head->lanes; i++)
        if (head->lane[i].start > head->entries || head->lane[i].count > head->entries - head->lane[i].start)
            return false;
    return true;
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
    *ret_program = (hy_program){.head = head, .ops = (const hy_op *)(head + 1), .size = size};
    return 0;
}

void hy_program_unmap(hy_program *program) {
    if (program->head)
        munmap((void *)(uintptr_t)program->head, program->size);
    *program = (hy_program){0};
}
