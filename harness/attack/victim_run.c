/* SPDX-License-Identifier: MIT
 *
 * victim_run.c - see victim_run.h.
 */
#include "victim_run.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_NS 10000000

typedef struct place {
    pid_t pid; /* 0: nobody */
    hy_victim_order order;
    uint64_t start; /* ns */
    bool timed_out, too_large;
    int page_fd, said_fd;
    hy_victim_page *page;
} place;

struct hy_victims {
    size_t room, running;
    sigset_t before;
    struct rlimit core_before;
    int nothing;
    place place[HY_VICTIMS_MOST];
};

/* -------------------------------------------------------------------------------------------------------- open ---- */

static int place_open(place *p, hy_error *error) {
    p->page_fd = memfd_create("heapyard-page", MFD_CLOEXEC);
    p->said_fd = memfd_create("heapyard-said", MFD_CLOEXEC);
    if (p->page_fd < 0 || p->said_fd < 0 || ftruncate(p->page_fd, sizeof *p->page) != 0)
        return hy_fail(error, -errno, "no memory to share with a victim: %s", strerror(errno));
    p->page = mmap(NULL, sizeof *p->page, PROT_READ | PROT_WRITE, MAP_SHARED, p->page_fd, 0);
    if (p->page != MAP_FAILED)
        return 0;
    p->page = NULL;
    return hy_fail(error, -errno, "no memory to share with a victim: %s", strerror(errno));
}

static void place_close(place *p) {
    if (p->page)
        munmap(p->page, sizeof *p->page);
    close(p->page_fd);
    close(p->said_fd);
}

int hy_victims_open(size_t room, hy_victims **ret_victims, hy_error *error) {
    hy_victims *const victims = calloc(1, sizeof *victims);
    if (!victims)
        abort();
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &victims->before);
    getrlimit(RLIMIT_CORE, &victims->core_before);
    const struct rlimit no_core = {0, victims->core_before.rlim_max};
    setrlimit(RLIMIT_CORE, &no_core);
    victims->nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    int r = 0;
    while (r == 0 && victims->room < room && victims->room < HY_VICTIMS_MOST)
        r = place_open(&victims->place[victims->room++], error);
    if (r < 0)
        hy_victims_close(victims);
    else
        *ret_victims = victims;
    return r;
}

static void end_victim(const place *p) {
    kill(-p->pid, SIGKILL);
    kill(p->pid, SIGKILL);
}

void hy_victims_close(hy_victims *victims) {
    for (size_t i = 0; i < victims->room; i++) {
        place *const p = &victims->place[i];
        if (p->pid)
            end_victim(p);
        while (p->pid && waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        place_close(p);
    }
    close(victims->nothing);
    setrlimit(RLIMIT_CORE, &victims->core_before);
    sigprocmask(SIG_SETMASK, &victims->before, NULL);
    free(victims);
}

bool hy_victims_have_room(const hy_victims *victims) {
    return victims->running < victims->room;
}

bool hy_victims_running(const hy_victims *victims) {
    return victims->running > 0;
}

/* ------------------------------------------------------------------------------------------------------- start ---- */

/* posix_spawn: a fork of this process would copy its page tables for each of thousands of victims. */
static int spawn(const hy_victims *victims, const place *p, const hy_victim_order *order, pid_t *ret_pid) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    char *const argv[] = {(char *)(uintptr_t)order->program, (char *)(uintptr_t)order->fault,
                          (char *)(uintptr_t)(order->draw      ? "draw"
                                              : order->control ? "control"
                                                               : "fault"),
                          (char *)(uintptr_t)order->spec, NULL};
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, order->draw ? victims->nothing : p->said_fd, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&files, p->page_fd, HY_VICTIM_PAGE_FD);
    posix_spawn_file_actions_adddup2(&files, victims->nothing, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, order->draw ? p->said_fd : victims->nothing, STDOUT_FILENO);
    posix_spawnattr_init(&how);
    posix_spawnattr_setsigmask(&how, &victims->before);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
    const int r = posix_spawn(ret_pid, order->program, &files, &how, argv, order->environment);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return r;
}

int hy_victims_start(hy_victims *victims, const hy_victim_order *order, hy_error *error) {
    place *p = victims->place;
    while (p->pid)
        p++;
    memset(p->page, 0, sizeof *p->page);
    if (ftruncate(p->said_fd, 0) != 0 || lseek(p->said_fd, 0, SEEK_SET) != 0)
        return hy_fail(error, -errno, "cannot empty a file in memory: %s", strerror(errno));
    p->order = *order;
    p->timed_out = p->too_large = false;
    p->start = hy_now();
    const int r = spawn(victims, p, order, &p->pid);
    if (r != 0) {
        p->pid = 0;
        return hy_fail(error, -r, "%s could not be started: %s", order->program, strerror(r));
    }
    victims->running++;
    return 0;
}

/* -------------------------------------------------------------------------------------------------------- wait ---- */

static uint64_t resident(pid_t pid) {
    char path[32], text[64];
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    unsigned long long pages = 0;
    if (fd >= 0)
        close(fd);
    text[size > 0 ? size : 0] = '\0';
    return sscanf(text, "%*u %llu", &pages) == 1 ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static void look_at(place *p) {
    if (p->timed_out || p->too_large)
        return;
    p->timed_out = hy_now() - p->start > p->order.timeout;
    p->too_large = resident(p->pid) > p->order.memory;
    if (p->timed_out || p->too_large)
        end_victim(p);
}

static void tell_end(place *p, int status, hy_victim_end *ret_end) {
    const off_t size = lseek(p->said_fd, 0, SEEK_END);
    const ssize_t kept = pread(p->said_fd, ret_end->said, sizeof ret_end->said - 1, 0);
    ret_end->said[kept > 0 ? kept : 0] = '\0';
    ret_end->said_size = size > 0 ? (uint64_t)size : 0;
    ret_end->tag = p->order.tag;
    ret_end->control = p->order.control;
    ret_end->status = status;
    ret_end->timed_out = p->timed_out;
    ret_end->too_large = p->too_large;
    ret_end->page = *p->page;
    kill(-p->pid, SIGKILL); /* what it has started and left behind */
    p->pid = 0;
}

void hy_victims_wait(hy_victims *victims, hy_victim_end *ret_end) {
    const struct timespec moment = {.tv_nsec = LOOK_NS};
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    for (;;) {
        for (place *p = victims->place; p < victims->place + victims->room; p++) {
            int status;
            if (p->pid && waitpid(p->pid, &status, WNOHANG) == p->pid) {
                tell_end(p, status, ret_end);
                victims->running--;
                return;
            }
        }
        if (sigtimedwait(&child, NULL, &moment) < 0 && errno == EAGAIN)
            for (place *p = victims->place; p < victims->place + victims->room; p++)
                if (p->pid)
                    look_at(p);
    }
}
