/* SPDX-License-Identifier: MIT
 *
 * fault_handover.c - how a child gives its page faults to the pager (see fault_handover.h).
 */
#include "fault_handover.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One message: the address, and the descriptor beside it. */
typedef struct letter {
    struct msghdr head;
    struct iovec body;
    _Alignas(struct cmsghdr) char side[CMSG_SPACE(sizeof(int))];
} letter;

static struct cmsghdr *letter_write(letter *l, uintptr_t *start) {
    *l = (letter){.body = {start, sizeof *start}};
    l->head =
        (struct msghdr){.msg_iov = &l->body, .msg_iovlen = 1, .msg_control = l->side, .msg_controllen = sizeof l->side};
    return CMSG_FIRSTHDR(&l->head);
}

static int handover_send(int socket, int fd, uintptr_t start) {
    letter l;
    struct cmsghdr *const side = letter_write(&l, &start);
    side->cmsg_level = SOL_SOCKET;
    side->cmsg_type = SCM_RIGHTS;
    side->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(side), &fd, sizeof fd);
    return sendmsg(socket, &l.head, MSG_NOSIGNAL) == (ssize_t)sizeof start ? 0 : -EPIPE;
}

/* Waits for hy_handover_begin. */
static bool handover_wait(int socket) {
    char byte;
    ssize_t got;
    do
        got = read(socket, &byte, 1);
    while (got < 0 && errno == EINTR);
    return got == 1;
}

int hy_handover_give(int socket, void *start, size_t size, bool kernel, hy_error *error) {
    const char refused = 0;
    int fd = -1;
    int r = hy_faults_open(kernel, &fd, error);
    if (r == 0)
        r = hy_faults_register(fd, start, size, error);
    if (r == -ENOTSUP && send(socket, &refused, sizeof refused, MSG_NOSIGNAL) < 0)
        return r; /* the pager has gone: nobody is left to be told */
    if (r == 0 && (handover_send(socket, fd, (uintptr_t)start) < 0 || !handover_wait(socket)))
        r = hy_fail(error, -EPIPE, "the pager has gone");
    return r; /* fd stays open */
}

int hy_handover_take(int socket, int *ret_faults_fd, uintptr_t *ret_start) {
    letter l;
    uintptr_t start = 0;
    letter_write(&l, &start);
    const ssize_t got = recvmsg(socket, &l.head, MSG_CMSG_CLOEXEC);
    if (got != (ssize_t)sizeof start)
        return got == 1 ? -ENOTSUP : -EPIPE;
    struct cmsghdr *const side = CMSG_FIRSTHDR(&l.head);
    if (!side || side->cmsg_type != SCM_RIGHTS)
        return -EPIPE;
    memcpy(ret_faults_fd, CMSG_DATA(side), sizeof *ret_faults_fd);
    *ret_start = start;
    return 0;
}

void hy_handover_begin(int socket) {
    const char byte = 0;
    const ssize_t ignored = send(socket, &byte, 1, MSG_NOSIGNAL);
    (void)ignored;
}

void hy_handover_keep(int fd) {
    fcntl(fd, F_SETFD, 0);
}
