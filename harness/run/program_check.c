/* SPDX-License-Identifier: MIT
 *
 * program_check.c - see program_check.h.
 */
#include "program_check.h"

#include "capture.h"
#include "shell.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool hy_program_checks(const hy_program_check *check) {
    return check->output || (check->files && check->files[0]);
}

void hy_program_check_clear(const hy_program_check *check) {
    for (char *const *file = check->files; file && *file; file++)
        unlink(*file);
}

static int hash_filtered(const char *filter, int fd, const char *name, uint64_t *hash, hy_error *error) {
    const int plain = hy_capture_open(error);
    if (plain < 0)
        return plain;
    lseek(fd, 0, SEEK_SET);
    int r = hy_run_shell(filter, filter, fd, plain, error);
    if (r == 0)
        r = hy_capture_hash(plain, name, hash, error);
    close(plain);
    return r;
}

static int hash_one(const hy_program_check *check, int fd, const char *name, uint64_t *hash, hy_error *error) {
    return check->filter ? hash_filtered(check->filter, fd, name, hash, error) : hy_capture_hash(fd, name, hash, error);
}

static int hash_file(const hy_program_check *check, const char *path, uint64_t *hash, hy_error *error) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return hy_fail(error, -ENOENT, "%.200s was not written", path);
    if (fd < 0)
        return hy_fail(error, -errno, "%.200s: cannot be read: %s", path, strerror(errno));
    const int r = hash_one(check, fd, path, hash, error);
    close(fd);
    return r;
}

int hy_program_check_hash(const hy_program_check *check, int output, uint64_t *ret_hash, hy_error *error) {
    uint64_t hash = 0;
    int r = check->output ? hash_one(check, output, "the program's output", &hash, error) : 0;
    for (char *const *file = check->files; r == 0 && file && *file; file++)
        r = hash_file(check, *file, &hash, error);
    if (r == 0)
        *ret_hash = hash;
    return r;
}
