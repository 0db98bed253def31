/* SPDX-License-Identifier: MIT
 *
 * record_link.c - connecting to the collector, entering a process, and what a fork means.
 *
 *   1. The first call of the family maps the shared memory: by the inherited descriptor, or, where the program closed
 *      it before exec, through the collector's /proc entry.  The mapping outlives any closing of descriptors.
 *   2. A process enters itself once after exec and once after fork.
 *   3. Nothing is given back: the collector takes a process back when it is gone, so no exit handler of any kind is
 *      needed, and calls from the very last destructors are recorded.
 */
#include "record_here.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

link_page link_state;
_Thread_local link_thread link_self __attribute__((tls_model("initial-exec")));

link_here here;

/* ------------------------------------------------------------------------------------------------- connecting ---- */

/* The number after `key` in "fd=1000,collector=7,inode=9". */
static uint64_t link_number(const char *text, const char *key) {
    const char *at = strstr(text, key);
    uint64_t value = 0;
    if (!at)
        return 0;
    for (at += strlen(key); *at >= '0' && *at <= '9'; at++)
        value = value * 10 + (uint64_t)(*at - '0');
    return value;
}

void link_append_number(char *to, uint64_t value) {
    char digits[24];
    size_t i = sizeof digits;
    do
        digits[--i] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    const size_t used = strlen(to);
    memcpy(to + used, digits + i, sizeof digits - i);
    to[used + sizeof digits - i] = '\0';
}

static bool link_is_memory(int fd, uint64_t inode) {
    struct stat st;
    return fd >= 0 && fstat(fd, &st) == 0 && st.st_ino == inode && st.st_size >= (off_t)HY_RECORD_AT_SLOTS;
}

/* The other road to the memory: it costs a descriptor only while it is mapped. */
static int link_reopen(uint64_t collector, uint64_t fd) {
    char path[64] = "/proc/";
    link_append_number(path, collector);
    strcat(path, "/fd/");
    link_append_number(path, fd);
    return open(path, O_RDWR | O_CLOEXEC);
}

/* Maps as many rings as the address space allows. */
static hy_record_head *link_map(int fd) {
    for (uint32_t rings = HY_RECORD_RINGS; rings >= 16; rings /= 2) {
        void *const memory = mmap(NULL, HY_RECORD_BYTES(rings), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (memory == MAP_FAILED)
            continue;
        madvise(memory, HY_RECORD_BYTES(rings), MADV_DONTDUMP);
        here.rings = rings;
        return memory;
    }
    return NULL;
}

static bool link_connect(const char *text) {
    const uint64_t fd = link_number(text, "fd="), inode = link_number(text, "inode=");
    const bool inherited = link_is_memory((int)fd, inode);
    const int use = inherited ? (int)fd : link_reopen(link_number(text, "collector="), fd);
    hy_record_head *const head = link_is_memory(use, inode) ? link_map(use) : NULL;
    if (!inherited && use >= 0)
        close(use);
    if (!head || head->magic != HY_RECORD_MAGIC || head->version != HY_RECORD_VERSION)
        return false;
    here.head = head;
    madvise(&link_state, sizeof link_state, MADV_WIPEONFORK);
    return true;
}

/* -------------------------------------------------------------------------------------------------- processes ---- */

uint32_t link_read_file(const char *path, char *to, size_t size) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    const ssize_t got = read(fd, to, size);
    close(fd);
    return got > 0 ? (uint32_t)got : 0;
}

static void link_describe(hy_record_process *process) {
    struct stat st;
    const ssize_t image = readlink("/proc/self/exe", process->image, sizeof process->image);
    process->image_size = image > 0 ? (uint32_t)image : 0;
    process->command_size = link_read_file("/proc/self/cmdline", process->command, sizeof process->command);
    process->pid_space = stat("/proc/self/ns/pid", &st) == 0 ? st.st_ino : here.head->pid_space;
    process->pid = (uint32_t)getpid();
    process->inherits = link_self.forked;
    process->stop = process->refused = process->crowded = process->mapped = process->threaded = 0;
    process->started = link_ticks();
    here.foreign = process->pid_space != here.head->pid_space;
}

static bool link_enter_process(void) {
    for (uint32_t i = 0; i < HY_RECORD_PROCESSES; i++) {
        hy_record_process *const process = hy_record_process_at(here.head, i);
        uint32_t none = 0;
        if (!__atomic_compare_exchange_n(&process->state, &none, 1, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            continue;
        link_describe(process);
        here.process = i;
        __atomic_store_n(&process->state, 2, __ATOMIC_SEQ_CST);
        link_raise(&here.head->processes_used, i + 1);
        return true;
    }
    __atomic_fetch_add(&here.head->lost, 1, __ATOMIC_RELAXED);
    return false;
}

static link_mode link_decide(void) {
    if (!here.head) {
        const char *const text = environ ? getenv(HY_RECORD_VARIABLE) : NULL;
        if (!environ)
            return LINK_UNKNOWN; /* the C library is not up yet */
        if (!text || !link_connect(text))
            return LINK_OFF;
    }
    hy_record_head *const head = here.head;
    if (__atomic_load_n(&head->stopped, __ATOMIC_RELAXED) || (!head->follow && (uint32_t)getpid() != head->root))
        return LINK_OFF;
    link_state.frames = head->sites < HY_RECORD_FRAMES ? head->sites : HY_RECORD_FRAMES;
    link_state.fenced = head->fenced;
    if (!head->fenced)
        syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0);
    return link_enter_process() ? LINK_RECORDING : LINK_OFF;
}

void link_start(void) {
    uint32_t unknown = LINK_UNKNOWN;
    if (__atomic_compare_exchange_n(&link_state.mode, &unknown, LINK_STARTING, false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST)) {
        const int saved = errno;
        const uint32_t depth = link_self.depth;
        link_self = (link_thread){.forked = link_self.forked, .depth = depth + 1};
        link_set_mode(link_decide());
        link_self.depth = depth;
        errno = saved;
        return;
    }
    while (link_get_mode() == LINK_STARTING)
        syscall(SYS_sched_yield);
}

void link_refuse(void) {
    if (link_get_mode() != LINK_RECORDING)
        return;
    hy_record_process *const process = hy_record_process_at(here.head, here.process);
    __atomic_store_n(&process->refused, 1, __ATOMIC_SEQ_CST);
    link_set_mode(LINK_OFF);
    if (!here.foreign && process->pid == here.head->root)
        _exit(127);
}

void link_before_fork(void) {
    if (link_get_mode() != LINK_RECORDING || !here.head->follow)
        return;
    link_self.forked = __atomic_add_fetch(&here.head->forks, 1, __ATOMIC_SEQ_CST);
    link_self.depth++; /* a signal handler must not write to the same slot */
    link_put(&link_self, HY_RAW_FORK, link_self.forked, 0, 0, NULL);
    link_self.depth--;
    if (link_get_mode() != LINK_RECORDING)
        link_self.forked = 0;
}

void link_after_fork(void) {
    if (link_get_mode() == LINK_UNKNOWN) {
        link_start();
        if (link_state.frames > 0 && link_get_mode() == LINK_RECORDING)
            link_meet();
    }
    link_self.forked = 0;
}
