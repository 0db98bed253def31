/* SPDX-License-Identifier: MIT
 *
 * source.c - see source.h.
 */
#include "source.h"

#include "format.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int source_fail(const hy_source *source, hy_error *error) {
    return hy_fail(error, -errno, "%s: %s", source->name, strerror(errno));
}

int hy_source_open(hy_source *ret_source, const char *path, hy_error *error) {
    const bool input = strcmp(path, "-") == 0;
    *ret_source = (hy_source){.fd = -1};
    hy_text_clean(ret_source->name, sizeof ret_source->name, input ? "standard input" : path);
    /* Not blocking, so that a FIFO which nobody writes to does not hold us up. */
    ret_source->fd = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    if (ret_source->fd < 0 || fstat(ret_source->fd, &status) < 0)
        return source_fail(ret_source, error);
    if (S_ISDIR(status.st_mode))
        return hy_fail(error, -EISDIR, "%s: a directory; expected a file", ret_source->name);
    if (!input && fcntl(ret_source->fd, F_SETFL, O_RDONLY) < 0)
        return source_fail(ret_source, error);
    ret_source->pipe = S_ISFIFO(status.st_mode);
    return 0;
}

int hy_source_read(hy_source *source, void *data, size_t size, size_t *ret_read) {
    size_t done = 0;
    while (done < size) {
        const ssize_t got = read(source->fd, (char *)data + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        done += (size_t)got;
        source->offset += (uint64_t)got;
    }
    *ret_read = done;
    return 0;
}

bool hy_source_is_same(const char *path, const char *other) {
    struct stat x, y;
    return strcmp(path, "-") != 0 && strcmp(other, "-") != 0 && stat(path, &x) == 0 && stat(other, &y) == 0 &&
           S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int hy_source_stream(const char *path, FILE **ret_stream, hy_error *error) {
    hy_source source;
    int r = hy_source_open(&source, path, error);
    if (r == 0) {
        const int fd = fcntl(source.fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        FILE *const stream = fd >= 0 ? fdopen(fd, "rb") : NULL;
        r = stream ? 0 : source_fail(&source, error);
        if (stream)
            *ret_stream = stream;
        else if (fd >= 0)
            close(fd);
    }
    hy_source_close(&source);
    return r;
}

bool hy_source_can_block(const char *path) {
    struct stat status;
    return strcmp(path, "-") == 0 || (stat(path, &status) == 0 && !S_ISREG(status.st_mode));
}

void hy_source_close(hy_source *source) {
    if (source->fd > STDIN_FILENO)
        close(source->fd);
    source->fd = -1;
}
