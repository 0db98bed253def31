/* SPDX-License-Identifier: MIT
 *
 * reloc_trial.c - see reloc_trial.h.
 */
#include "reloc_trial.h"

#include "random.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define GIB (UINT64_C(1) << 30)

static _Thread_local _Alignas(4096) char tls_room[HY_RELOC_TRIAL_TLS];

static bool resolve(void *context, const char *name, bool tls, uint64_t *ret_address) {
    const void *const address = dlsym(RTLD_DEFAULT, name); /* of a thread-local one: in this thread */
    *ret_address = (uint64_t)(uintptr_t)address;
    return address != NULL;
}

static uint64_t thread_pointer(void) {
    uint64_t value;
    __asm__("movq %%fs:0, %0" : "=r"(value));
    return value;
}

uint64_t hy_reloc_trial_base(const hy_reloc_image *image, uint64_t seed, uint64_t n) {
    const uint64_t size = hy_reloc_size(image);
    const uint64_t from = hy_reloc_is_low(image) ? GIB / 64 : 4 * GIB;
    const uint64_t to = hy_reloc_is_low(image) ? 2 * GIB : UINT64_C(1) << 46;
    return (from + hy_random_below(seed, n, to - from - size)) & ~(hy_reloc_align(image) - 1);
}

/* ---------------------------------------------------------------------------------------------------- the child ----
 */

/* A machine may refuse executable memory: that is no crash of the function. */
static int protect(const hy_reloc_image *image, uint8_t *memory, hy_error *error) {
    size_t count;
    const hy_reloc_part *const parts = hy_reloc_parts(image, &count);
    for (size_t i = 0; i < count; i++)
        if (parts[i].size > 0 && mprotect(memory + parts[i].offset, parts[i].size, parts[i].protection) < 0)
            return hy_fail(error, -errno, "%ju bytes cannot be protected as %s: %s", (uintmax_t)parts[i].size,
                           parts[i].protection & PROT_EXEC ? "code" : "data", strerror(errno));
    return 0;
}

static uint64_t call_at(uint64_t address, const uint64_t *a) {
    uint64_t (*const function)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t) =
        (uint64_t(*)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t))(uintptr_t)address;
    return function(a[0], a[1], a[2], a[3], a[4], a[5]);
}

typedef struct trial_child {
    const hy_reloc_image *image;
    const hy_reloc_symbol *symbol;
    const hy_reloc_trial_call *call;
    uint64_t base;
    bool string;
} trial_child;

/* What goes through the pipe. */
typedef struct trial_message {
    int result; /* 0, or -errno of placing it */
    hy_reloc_trial trial;
    hy_error error;
} trial_message;

static void call_placed(const trial_child *c, const hy_reloc_placement *at, trial_message *message) {
    message->result = protect(c->image, at->memory, &message->error);
    if (message->result < 0)
        return;
    alarm(HY_RELOC_TRIAL_SECONDS); /* choosers are code of the object too */
    hy_reloc_choose(c->image, at);
    const uint64_t address = hy_reloc_address(c->image, c->symbol, at);
    message->trial.value = call_at(address, c->call->arguments);
    if (c->string && message->trial.value)
        snprintf(message->trial.text, sizeof message->trial.text, "%s", (const char *)(uintptr_t)message->trial.value);
}

static void child_work(const trial_child *c, trial_message *message) {
    uint64_t offset, size, align;
    hy_reloc_tls(c->image, &offset, &size, &align);
    uint8_t *const memory = mmap((void *)(uintptr_t)c->base, hy_reloc_size(c->image), PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (memory != (void *)(uintptr_t)c->base) {
        message->trial.end = HY_RELOC_TRIAL_TAKEN;
        return;
    }
    if (size > sizeof tls_room || align > 4096) {
        message->result = hy_fail(&message->error, -ENOTSUP, "%ju thread-local bytes; at most %zu are supported",
                                  (uintmax_t)size, sizeof tls_room);
        return;
    }
    const hy_reloc_placement at = {.memory = memory,
                                   .base = c->base,
                                   .resolve = resolve,
                                   .tls = (uint64_t)(uintptr_t)tls_room,
                                   .thread_pointer = thread_pointer()};
    message->result = hy_reloc_place(c->image, &at, &message->error);
    if (message->result < 0)
        return;
    memcpy(tls_room, memory + offset, size);
    call_placed(c, &at, message);
}

_Noreturn static void child_main(const trial_child *c, int pipe) {
    const struct rlimit none = {0, 0};
    trial_message message = {.trial = {.end = HY_RELOC_TRIAL_RETURNED}};
    setrlimit(RLIMIT_CORE, &none);
    for (int s = 1; s < 32; s++)
        signal(s, SIG_DFL); /* of a sanitizer, for instance */
    child_work(c, &message);
    fflush(NULL);
    const ssize_t written = write(pipe, &message, sizeof message);
    _exit(written == (ssize_t)sizeof message ? 0 : 1);
}

/* --------------------------------------------------------------------------------------------------- the parent ----
 */

static int judge(int status, bool told, const trial_message *message, hy_reloc_trial *ret_trial, hy_error *error) {
    if (told && message->result < 0)
        return hy_fail(error, message->result, "%s", message->error.text);
    *ret_trial = told ? message->trial : (hy_reloc_trial){.end = HY_RELOC_TRIAL_EXITED};
    if (WIFSIGNALED(status)) {
        ret_trial->end = HY_RELOC_TRIAL_KILLED;
        ret_trial->signal = WTERMSIG(status);
    } else if (!told) {
        ret_trial->exit_code = WEXITSTATUS(status);
    }
    return 0;
}

static int listen_to(pid_t child, int pipe, hy_reloc_trial *ret_trial, hy_error *error) {
    trial_message message;
    int status = 0;
    ssize_t got;
    do
        got = read(pipe, &message, sizeof message);
    while (got < 0 && errno == EINTR);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return judge(status, got == (ssize_t)sizeof message, &message, ret_trial, error);
}

int hy_reloc_trial_run(const hy_reloc_image *image, uint64_t base, const hy_reloc_trial_call *call, bool string,
                       hy_reloc_trial *ret_trial, hy_error *error) {
    int ends[2];
    const hy_reloc_symbol *const symbol = hy_reloc_find(image, call->function);
    if (!symbol || symbol->home != HY_RELOC_IMAGE)
        return hy_fail(error, -ENOENT, "no function %s in what was loaded", call->function);
    if (pipe(ends) < 0)
        return hy_fail(error, -errno, "no pipe: %s", strerror(errno));
    const trial_child work = {image, symbol, call, base, string};
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0)
        child_main(&work, ends[1]);
    const int failed = child < 0 ? errno : 0;
    close(ends[1]);
    const int r = failed ? hy_fail(error, -failed, "no process: %s", strerror(failed))
                         : listen_to(child, ends[0], ret_trial, error);
    close(ends[0]);
    return r;
}
