/* SPDX-License-Identifier: MIT
 *
 * child.c - starts `heapyard-cell`, listens, watches clock and memory, and says how it ended (see child.h).
 *
 *   1. fork, the spec's environment, exec.  The answer comes through a pipe on descriptor 3; what the child (or the
 *      allocator in it) prints as an error comes through another, and its last line is kept for the sentence.
 *   2. Every 20 ms: is time up, has the child more memory than it may, were we told to stop?  Then it is killed.
 *   3. The child dies with its parent.
 */
#include "child.h"

#include "environment.h"
#include "feeder.h"
#include "paths.h"
#include "registry.h"
#include "resident.h"
#include "said.h"
#include "units.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MILLISECONDS 20
#define PROGRAM_FD 4 /* in the child; 3 is the answer */
#define FEED_FD 5

typedef struct heard {
    char *text;
    size_t size, room;
} heard;

typedef enum verdict { ENDED, TIMED_OUT, TOO_LARGE, STOPPED } verdict;

typedef struct child {
    pid_t process;
    int answer, complaint; /* read ends */
    heard said, complained;
    uint64_t start;
    hy_feeder *feeder; /* NULL: it has the whole program */
} child;

/* What the child inherits: descriptors above those that it will know them by. */
typedef struct legacy {
    int answer, complaint, program, feed; /* feed: -1 if there is none */
} legacy;

/* ------------------------------------------------------------------------------------------------------- start ---- */

/* The last core that we may use: interrupts mostly go to the first. */
static int last_cpu(void) {
    cpu_set_t set;
    int last = -1;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        for (int i = 0; i < CPU_SETSIZE; i++)
            if (CPU_ISSET((size_t)i, &set))
                last = i;
    return last;
}

/* Moves descriptors to where the child expects them; they are above 4 before (see open_pipes). */
static bool place_descriptors(const legacy *l) {
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    return nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(nothing, STDOUT_FILENO) >= 0 &&
           dup2(l->complaint, STDERR_FILENO) >= 0 && dup2(l->answer, 3) >= 0 && dup2(l->program, PROGRAM_FD) >= 0 &&
           (l->feed < 0 || dup2(l->feed, FEED_FD) >= 0);
}

static _Noreturn void become_cell(const hy_child_order *order, const hy_environment *environment, const char *path,
                                  const legacy *l) {
    static const char *const selves[] = {NULL, "raw", "handover"};
    const char *const pass = order->self ? selves[order->self] : hy_pass_names[order->pass];
    char touch[16], seed[24], most[24], cpu[16], yard[24], stack[24], failures[24], speed[32];
    snprintf(touch, sizeof touch, "%d", (int)order->touch);
    snprintf(seed, sizeof seed, "%020llu", (unsigned long long)order->seed); /* arguments move the stack, too */
    snprintf(stack, sizeof stack, "%06u", order->layout.stack);
    snprintf(most, sizeof most, "%llu", (unsigned long long)order->most_bytes);
    snprintf(yard, sizeof yard, "%llu", (unsigned long long)order->yard);
    snprintf(failures, sizeof failures, "%llu", (unsigned long long)order->yard_failures);
    snprintf(speed, sizeof speed, "%.9g", order->speed);
    snprintf(cpu, sizeof cpu, "%d", order->lanes ? -1 : last_cpu());
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_IGN); /* the parent kills us when the terminal says stop */
    hy_environment_forget();
    if (place_descriptors(l) && hy_environment_apply(environment) == 0 && hy_layout_apply(&order->layout) == 0)
        execl(path, "heapyard-cell", "4", order->spec, pass, touch, seed, most, cpu, yard, stack, failures,
              l->feed < 0 ? "0" : "5", speed, (char *)NULL);
    _exit(127);
}

/* A pipe whose ends are close-on-exec and above the descriptors that the child gets. */
static int open_pipe(int ends[2]) {
    int low[2];
    if (pipe2(low, O_CLOEXEC) < 0)
        return -errno;
    ends[0] = fcntl(low[0], F_DUPFD_CLOEXEC, 10);
    ends[1] = fcntl(low[1], F_DUPFD_CLOEXEC, 10);
    close(low[0]);
    close(low[1]);
    return ends[0] < 0 || ends[1] < 0 ? -EMFILE : 0;
}

/* The program and, if it is to be fed, the socket. */
static int take_program(const hy_child_order *order, child *c, legacy *l, hy_error *error) {
    const hy_prepared *const p = order->prepared;
    const int r = p && hy_prepared_is_streamed(p) ? hy_feeder_new(p, &c->feeder, error) : 0;
    if (r < 0)
        return r;
    const int program = c->feeder ? hy_feeder_program(c->feeder) : p ? p->fd : order->program_fd;
    l->program = fcntl(program, F_DUPFD_CLOEXEC, 10);
    l->feed = c->feeder ? fcntl(hy_feeder_socket(c->feeder), F_DUPFD_CLOEXEC, 10) : -1;
    return l->program < 0 || (c->feeder && l->feed < 0)
               ? hy_fail(error, -EMFILE, "too many open files to start a child")
               : 0;
}

static void close_legacy(const legacy *l) {
    const int fds[] = {l->answer, l->complaint, l->program, l->feed};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

static int fork_cell(const hy_child_order *order, const char *path, const hy_environment *environment, child *c,
                     legacy *l, hy_error *error) {
    int answer[2] = {-1, -1}, complaint[2] = {-1, -1};
    if (open_pipe(answer) < 0 || open_pipe(complaint) < 0)
        return hy_fail(error, -EMFILE, "too many open files to start a child");
    l->answer = answer[1];
    l->complaint = complaint[1];
    c->answer = answer[0];
    c->complaint = complaint[0];
    c->process = fork();
    if (c->process == 0)
        become_cell(order, environment, path, l);
    c->start = hy_now();
    return c->process < 0 ? hy_fail(error, -errno, "no child could be started: %s", strerror(errno)) : 0;
}

static int child_start(const hy_child_order *order, child *ret_child, hy_error *error) {
    static hy_environment environment;
    char path[HY_PATH_SIZE];
    legacy l = {-1, -1, -1, -1};
    int r = hy_find_part(HY_PART_PROGRAM, "heapyard-cell", path, error);
    if (r == 0)
        r = hy_spec_environment(&hy_registry, (hy_text){order->spec, strlen(order->spec)}, &environment, error);
    if (r == 0)
        r = take_program(order, ret_child, &l, error);
    if (r == 0)
        r = fork_cell(order, path, &environment, ret_child, &l, error);
    close_legacy(&l);
    return r == 0 && ret_child->feeder ? hy_feeder_start(ret_child->feeder, error) : r;
}

/* ------------------------------------------------------------------------------------------------------- watch ---- */

/* False: the other end is closed, or memory is out. */
static bool listen_to(int fd, heard *h) {
    if (h->room - h->size < 1 << 16) {
        const size_t room = h->room ? 2 * h->room : 1 << 18;
        char *const grown = realloc(h->text, room);
        if (!grown)
            return false;
        h->text = grown;
        h->room = room;
    }
    const ssize_t got = read(fd, h->text + h->size, h->room - h->size - 1);
    if (got < 0)
        return errno == EINTR;
    h->size += (size_t)got;
    h->text[h->size] = '\0';
    return got > 0;
}

static verdict judge(const child *c, const hy_child_order *order) {
    if (order->stop && *order->stop)
        return STOPPED;
    const uint64_t waited = c->feeder ? hy_feeder_spent(c->feeder) : 0;
    if (hy_now() - c->start > order->timeout + waited)
        return TIMED_OUT;
    return hy_resident_of(c->process) > order->most_bytes ? TOO_LARGE : ENDED;
}

/* Until both pipes are closed, or the child must be killed. */
static verdict child_watch(child *c, const hy_child_order *order) {
    struct pollfd fds[2] = {{.fd = c->answer, .events = POLLIN}, {.fd = c->complaint, .events = POLLIN}};
    heard *const heard_of[2] = {&c->said, &c->complained};
    verdict v = ENDED;
    while (v == ENDED && (fds[0].fd >= 0 || fds[1].fd >= 0)) {
        poll(fds, 2, LOOK_MILLISECONDS);
        for (int i = 0; i < 2; i++)
            if (fds[i].fd >= 0 && fds[i].revents && !listen_to(fds[i].fd, heard_of[i]))
                fds[i].fd = -1;
        v = judge(c, order);
    }
    return v;
}

/* --------------------------------------------------------------------------------------------------------- end ---- */

/* The last line that the child complained, without the line end. */
static const char *last_words(heard *h) {
    while (h->size > 0 && (h->text[h->size - 1] == '\n' || h->text[h->size - 1] == ' '))
        h->text[--h->size] = '\0';
    if (h->size == 0)
        return "";
    const char *const line = strrchr(h->text, '\n');
    return line ? line + 1 : h->text;
}

__attribute__((format(printf, 3, 4))) static void conclude(hy_cell_result *result, const char *outcome,
                                                           const char *format, ...) {
    va_list list;
    va_start(list, format);
    snprintf(result->outcome, sizeof result->outcome, "%s", outcome);
    vsnprintf(result->detail, sizeof result->detail, format, list);
    va_end(list);
}

static void child_conclude(child *c, const hy_child_order *order, verdict v, int status, hy_cell_result *result) {
    const char *const words = last_words(&c->complained);
    if (v == TIMED_OUT)
        conclude(result, "timeout", "not ready after %s", hy_show_time((double)order->timeout).text);
    else if (v == TOO_LARGE)
        conclude(result, "no-room", "took more memory than --max-heap, %s", hy_show_bytes(order->most_bytes).text);
    else if (WIFSIGNALED(status))
        conclude(result, "crash", "SIG%s, %s%s%s", sigabbrev_np(WTERMSIG(status)), strsignal(WTERMSIG(status)),
                 words[0] ? ": " : "", words);
    else if (WEXITSTATUS(status) != 0 || result->outcome[0] == '\0')
        conclude(result, "crash", "ended with exit code %d%s%s", WEXITSTATUS(status), words[0] ? ": " : "", words);
}

/* How long the whole child took is what a plan for the next campaign is made from. */
static bool child_note_seconds(const child *c, hy_cell_result *result) {
    char line[64];
    snprintf(line, sizeof line, "metric cell_seconds %.6f s\n", (double)(hy_now() - c->start) / 1e9);
    return strcmp(result->outcome, "ok") != 0 || hy_said_read(line, result);
}

static void child_close(const child *c) {
    if (c->answer >= 0)
        close(c->answer);
    if (c->complaint >= 0)
        close(c->complaint);
}

int hy_child_run(const hy_child_order *order, hy_cell_result *result, hy_error *error) {
    child c = {.answer = -1, .complaint = -1};
    int r = child_start(order, &c, error), status = 0;
    if (r < 0) {
        if (c.process > 0 && kill(c.process, SIGKILL) == 0)
            waitpid(c.process, NULL, 0);
        child_close(&c);
        hy_feeder_free(c.feeder);
        return r;
    }
    const verdict v = child_watch(&c, order);
    if (v != ENDED)
        kill(c.process, SIGKILL);
    while (waitpid(c.process, &status, 0) < 0 && errno == EINTR)
        continue;
    child_close(&c);
    hy_feeder_free(c.feeder);
    result->outcome[0] = result->detail[0] = result->version[0] = '\0';
    if (v == STOPPED)
        r = -EINTR;
    else if (c.said.text && (!hy_said_read(c.said.text, result) || !child_note_seconds(&c, result)))
        r = hy_fail(error, -ENOMEM, "no memory for the result of %s", order->spec);
    else
        child_conclude(&c, order, v, status, result);
    free(c.said.text);
    free(c.complained.text);
    return r;
}
