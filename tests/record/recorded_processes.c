/* SPDX-License-Identifier: MIT
 *
 * Processes: fork, vfork, spawn, exec, and what they do to descriptors.
 */
#include "recorded.h"

#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void wait_for(pid_t pid) {
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        give_up("a child failed");
}

/* 30 blocks are alive at the fork; the child frees 10 of them and makes 5. */
static void run_fork(const char *argument) {
    void *blocks[30];
    for (size_t i = 0; i < 30; i++)
        blocks[i] = malloc(31013);
    const pid_t pid = fork();
    if (pid == 0) {
        for (size_t i = 0; i < 10; i++)
            free(blocks[i]);
        for (size_t i = 0; i < 5; i++)
            keep(malloc(31019));
        _exit(0);
    }
    wait_for(pid);
    for (size_t i = 0; i < 30; i++)
        free(blocks[i]);
    expect("malloc", 31013, 30);
    expect("free", 31013, 30);
    expect("malloc", 31019, 0);
}

static bool stop;

static void *churn(void *base) {
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
        free(keep(malloc(32003)));
    return NULL;
}

static void *one_block(void *base) {
    free(keep(malloc(32027)));
    return NULL;
}

/* Forks while another thread allocates; the children start threads and fork again. */
static void run_forks(const char *argument) {
    pthread_t thread;
    pthread_create(&thread, NULL, churn, NULL);
    for (int i = 0; i < 20; i++) {
        const pid_t pid = fork();
        if (pid == 0) {
            pthread_t inner;
            pthread_create(&inner, NULL, one_block, NULL);
            pthread_join(inner, NULL);
            const pid_t again = fork();
            if (again == 0)
                _exit(malloc(32029) == NULL);
            wait_for(again);
            _exit(0);
        }
        wait_for(pid);
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    expect("malloc", 32027, 0);
    free(keep(malloc(32051)));
    expect("malloc", 32051, 1);
}

/* A child that no handler is told of. */
static void run_raw_fork(const char *argument) {
    void *const block = malloc(34019);
    const pid_t pid = (pid_t)syscall(SYS_fork);
    if (pid == 0) {
        free(block);
        for (size_t i = 0; i < 1000; i++)
            free(keep(malloc(34031)));
        _exit(0);
    }
    wait_for(pid);
    free(block);
    expect("malloc", 34019, 1);
    expect("free", 34019, 1);
    expect("malloc", 34031, 0);
}

static pid_t be_vforked(char *const *child) {
    const pid_t pid = vfork();
    if (pid == 0) {
        execv(child[0], child);
        _exit(1);
    }
    return pid;
}

static void run_spawn(const char *argument) {
    char *const child[] = {"/bin/true", NULL};
    for (int i = 0; i < 5; i++) {
        pid_t pid;
        if (posix_spawn(&pid, child[0], NULL, NULL, child, environ) != 0)
            give_up("posix_spawn");
        wait_for(pid);
        wait_for(be_vforked(child));
        free(keep(malloc(35023)));
    }
    if (system("true") != 0)
        give_up("system");
    expect("malloc", 35023, 5);
    expect("free", 35023, 5);
}

static void close_all(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = 3; fd < (int)limit.rlim_cur && fd < 70000; fd++)
        close(fd);
}

/* Closes all descriptors, as daemons do, and executes itself. */
static void run_close_exec(const char *program) {
    free(keep(malloc(36007)));
    close_all();
    execl(program, program, "closed", NULL);
    give_up("exec");
}

static void run_closed(const char *argument) {
    close_all();
    for (size_t i = 0; i < 20000; i++)
        free(keep(malloc(36011)));
    pthread_t thread;
    pthread_create(&thread, NULL, one_block, NULL);
    pthread_join(thread, NULL);
    expect("malloc", 36011, 20000);
    expect("malloc", 32027, 1);
    expect("malloc", 36007, 0); /* the image that was replaced */
}

/* Leaves a process behind that outlives it. */
static void run_daemon(const char *argument) {
    free(keep(malloc(37003)));
    if (fork() == 0) {
        setsid();
        usleep(300000);
        for (size_t i = 0; i < 100; i++)
            free(keep(malloc(37013)));
        _exit(0);
    }
    expect("malloc", 37003, 1);
}

/* Whoever records is killed, and its parent does not ask for it yet. */
static void run_orphan(const char *argument) {
    kill(getppid(), SIGKILL);
    for (size_t i = 0; i < 100000; i++)
        free(keep(malloc(34019)));
    expect("malloc", 34019, 100000);
}

const recorded_mode recorded_processes[] = {
    {"orphan", run_orphan},     {"fork", run_fork},     {"forks", run_forks},
    {"raw-fork", run_raw_fork}, {"spawn", run_spawn},   {"close-exec", run_close_exec},
    {"closed", run_closed},     {"daemon", run_daemon}, {NULL, NULL}};
