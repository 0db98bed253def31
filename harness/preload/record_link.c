/* SPDX-License-Identifier: MIT
 *
 * record_link.c - connecting to the collector, entering a process, claiming and waiting for rings.
 *
 *   1. The first call of the family maps the shared memory: by the inherited descriptor, or, where the program closed
 *      it before exec, through the collector's /proc entry.  The mapping outlives any closing of descriptors.
 *   2. A process enters itself once after exec and once after fork; a ring is claimed by a thread's first record.
 *   3. Nothing is given back: the collector takes rings and processes back when their thread or process is gone,
 *      so no exit handler of any kind is needed, and calls from the very last destructors are recorded.
 *   4. A thread whose ring is full sleeps; if the collector is dead it stops recording and the program goes on.
 */
#include "record_link.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern void *__libc_stack_end; /* of the C library: where the first thread's stack begins */

enum { WAIT_MS = 10, MEET_MS = 250, DEAD_MS = 2000, CLAIM_TRIES = 2000 };

link_page link_state;
_Thread_local link_thread link_self __attribute__((tls_model("initial-exec")));

static struct {
    hy_record_head *head; /* NULL: not connected */
    uint32_t rings;       /* as many as could be mapped */
    uint32_t process;     /* index */
    bool foreign;         /* in another pid namespace than the collector */
} here;

static void link_set_mode(link_mode mode) {
    __atomic_store_n(&link_state.mode, mode, __ATOMIC_RELEASE);
}

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

static void link_append_number(char *to, uint64_t value) {
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

static uint32_t link_read_file(const char *path, char *to, size_t size) {
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
    process->stop = process->refused = process->crowded = process->mapped = 0;
    process->started = link_ticks();
    here.foreign = process->pid_space != here.head->pid_space;
}

/* Raises *word to at least `value`. */
static void link_raise(uint32_t *word, uint32_t value) {
    uint32_t old = __atomic_load_n(word, __ATOMIC_RELAXED);
    while (old < value && !__atomic_compare_exchange_n(word, &old, value, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        ;
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

/* ------------------------------------------------------------------------------------------------------ rings ---- */

static long link_futex(const void *word, int operation, uint32_t value, const struct timespec *timeout) {
    return syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
}

static void link_ring_bell(void) {
    __atomic_add_fetch(&here.head->bell, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&here.head->sleeping, __ATOMIC_SEQ_CST))
        link_futex(&here.head->bell, FUTEX_WAKE, 1, NULL);
}

/* Where this thread's frames can lie.  Of the first thread's stack no more is believed than what the kernel keeps free
 * of other things. */
static void link_find_stack(link_thread *self) {
    enum { FIRST_STACK = 64 << 20 };
    pthread_attr_t attributes;
    void *low;
    size_t size;
    self->stack_low = self->stack_high = 0;
    if (syscall(SYS_gettid) == getpid()) {
        self->stack_high = (uintptr_t)__libc_stack_end;
        self->stack_low = self->stack_high - FIRST_STACK;
    } else if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
            self->stack_low = (uintptr_t)low;
            self->stack_high = (uintptr_t)low + size;
        }
        pthread_attr_destroy(&attributes);
    }
}

static bool link_claim_once(link_thread *self, uint64_t owner) {
    for (uint32_t i = 0; i < here.rings; i++) {
        hy_record_ring *const ring = hy_record_ring_at(here.head, i);
        uint64_t none = 0;
        if (__atomic_load_n(&ring->owner, __ATOMIC_RELAXED) != 0 ||
            !__atomic_compare_exchange_n(&ring->owner, &none, owner, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            continue;
        link_raise(&here.head->rings_used, i + 1);
        self->ring = ring;
        self->slots = hy_record_slots_at(here.head, i);
        self->head = self->limit = ring->head;
        if (link_state.frames > 1)
            link_find_stack(self);
        return true;
    }
    return false;
}

static bool link_is_over(void) {
    return __atomic_load_n(&here.head->stopped, __ATOMIC_RELAXED) ||
           __atomic_load_n(&hy_record_process_at(here.head, here.process)->stop, __ATOMIC_RELAXED);
}

/* Rings of dead threads come back within milliseconds.  With more living threads than rings, recording ends. */
static bool link_claim(link_thread *self) {
    const uint64_t owner = (uint64_t)(here.process + 1) << 32 | (uint32_t)syscall(SYS_gettid);
    for (int tries = 0; tries < CLAIM_TRIES && !link_is_over(); tries++) {
        if (link_claim_once(self, owner))
            return true;
        __atomic_store_n(&here.head->hungry, 1, __ATOMIC_RELAXED);
        link_ring_bell();
        syscall(SYS_nanosleep, &(struct timespec){0, 1000000}, NULL);
    }
    __atomic_store_n(&hy_record_process_at(here.head, here.process)->crowded, 1, __ATOMIC_RELAXED);
    return false;
}

/* In another pid namespace the collector's id means nothing: there its pulse is felt. */
static bool link_collector_died(uint64_t *beat, unsigned *still) {
    if (!here.foreign)
        return kill((pid_t)here.head->collector, 0) < 0 && errno == ESRCH;
    const uint64_t now = __atomic_load_n(&here.head->beat, __ATOMIC_RELAXED);
    *still = now == *beat ? *still + 1 : 0;
    *beat = now;
    return *still >= DEAD_MS / WAIT_MS;
}

/* Sleeps until most of the ring is free: to sleep and be woken costs as much as a thousand records.  false: there is
 * nobody to wait for. */
static bool link_wait(hy_record_ring *ring) {
    const struct timespec timeout = {0, WAIT_MS * 1000000};
    const uint64_t start = link_ticks();
    uint64_t beat = 0;
    unsigned still = 0;
    ring->stalls++;
    for (;;) {
        __atomic_store_n(&ring->waiting, 1, __ATOMIC_SEQ_CST);
        if (ring->head - __atomic_load_n(&ring->tail, __ATOMIC_SEQ_CST) <= HY_RECORD_LOW)
            break;
        link_ring_bell();
        const long r = link_futex(&ring->waiting, FUTEX_WAIT, 1, &timeout);
        if (link_is_over() || (r < 0 && errno == ETIMEDOUT && link_collector_died(&beat, &still)))
            return false;
    }
    __atomic_store_n(&ring->waiting, 0, __ATOMIC_RELAXED);
    ring->stall_ticks += link_ticks() - start;
    return true;
}

static bool link_find_room(link_thread *self) {
    enum { HALF = HY_RECORD_SLOTS / 2, MOST = HY_RECORD_SLOTS - HY_RECORD_GROUP };
    if (link_is_over() || (!self->ring && !link_claim(self)))
        return false;
    uint64_t tail = __atomic_load_n(&self->ring->tail, __ATOMIC_ACQUIRE);
    if (self->head - tail >= HALF)
        link_ring_bell();
    if (self->head - tail > MOST) {
        if (!link_wait(self->ring))
            return false;
        tail = __atomic_load_n(&self->ring->tail, __ATOMIC_ACQUIRE);
    }
    const uint64_t half = tail + HALF, full = tail + MOST + 1;
    self->limit = self->head < half ? half : full;
    return true;
}

bool link_room(link_thread *self) {
    const int saved = errno;
    const bool found = link_find_room(self);
    if (!found) {
        self->head = self->limit;
        link_set_mode(LINK_OFF);
    }
    errno = saved;
    return found;
}

/* ------------------------------------------------------------------------------------------------ prefixes ---- */

/* Return addresses, innermost first.  Frames lie above each other, in the thread's stack: what is no frame, because
 * code was compiled without frame pointers, ends the walk, and never leads to memory that is not there. */
static uint32_t link_walk(const link_thread *self, void *const *frame, uint64_t ret[HY_RECORD_FRAMES]) {
    uint32_t count = 0;
    ret[count++] = (uintptr_t)frame[1];
    while (count < link_state.frames) {
        const uintptr_t at = (uintptr_t)frame, next = (uintptr_t)frame[0];
        if (at < self->stack_low || next <= at || next % sizeof(void *) != 0 || next >= self->stack_high ||
            self->stack_high - next < 2 * sizeof(void *))
            break;
        frame = (void *const *)next;
        if ((uintptr_t)frame[1] < 4096)
            break;
        ret[count++] = (uintptr_t)frame[1];
    }
    return count;
}

/* Writes what stands before a main slot, from slot `head` on; returns the slot after it. */
static uint64_t link_put_prefixes(const link_thread *self, uint64_t head, uint64_t address, uint64_t size,
                                  void *const *frame) {
    enum { OUTER_SHIFT = 16 };
    uint64_t site[HY_RECORD_FRAMES + 1];
    if (hy_raw_is_wide(address, size))
        self->slots[head++ % HY_RECORD_SLOTS] = hy_raw_wide(address, size);
    const uint32_t count = frame && link_state.frames > 0 ? link_walk(self, frame, site) : 0;
    site[count] = 0;
    for (uint32_t i = 0; i < count; i += 2)
        self->slots[head++ % HY_RECORD_SLOTS] = (hy_raw_slot){site[i + 1] << OUTER_SHIFT | HY_RAW_SITE, site[i]};
    return head;
}

__attribute__((noinline)) void link_put_slowly(link_thread *self, hy_raw_kind kind, uint64_t address, uint64_t size,
                                               uint32_t align, void *const *frame) {
    if (self->head >= self->limit && !link_room(self))
        return;
    hy_record_ring *const ring = self->ring;
    __atomic_store_n(&ring->active, 1, __ATOMIC_RELAXED);
    if (link_state.fenced)
        link_fence();
    __asm__ volatile("" ::: "memory");
    uint64_t head = link_put_prefixes(self, self->head, address, size, frame);
    self->slots[head++ % HY_RECORD_SLOTS] = hy_raw_main(kind, link_ticks(), address, size, align);
    self->head = head;
    __atomic_store_n(&ring->head, head, __ATOMIC_RELEASE);
    __atomic_store_n(&ring->active, 0, __ATOMIC_RELEASE);
}

void link_put_phase(link_thread *self, const char *name) {
    enum { FIRST = 7, BYTES = 15, BYTE = 8 };
    const size_t length = strnlen(name, HY_RECORD_NAME);
    if (self->head >= self->limit && !link_room(self))
        return;
    uint64_t head = self->head;
    __atomic_store_n(&self->ring->active, 1, __ATOMIC_RELAXED);
    if (link_state.fenced)
        link_fence();
    __asm__ volatile("" ::: "memory");
    for (size_t i = 0; i < length; i += BYTES) {
        hy_raw_slot slot = {HY_RAW_TEXT, 0};
        for (unsigned k = 0; k < BYTES && i + k < length; k++) {
            const uint64_t c = (unsigned char)name[i + k];
            if (k < FIRST)
                slot.first |= c << (BYTE * (k + 1));
            else
                slot.second |= c << (BYTE * (k - FIRST));
        }
        self->slots[head++ % HY_RECORD_SLOTS] = slot;
    }
    self->slots[head++ % HY_RECORD_SLOTS] = hy_raw_main(HY_RAW_PHASE, link_ticks(), 0, length, 0);
    self->head = head;
    __atomic_store_n(&self->ring->head, head, __ATOMIC_RELEASE);
    __atomic_store_n(&self->ring->active, 0, __ATOMIC_RELEASE);
}

/* ------------------------------------------------------------------------------------------------- waiting ---- */

static void link_nap(void) {
    link_ring_bell();
    syscall(SYS_nanosleep, &(struct timespec){0, 500000}, NULL);
}

void link_meet(void) {
    const uint32_t *const mapped = &hy_record_process_at(here.head, here.process)->mapped;
    const int saved = errno;
    for (int i = 0; i < 2 * MEET_MS && !__atomic_load_n(mapped, __ATOMIC_ACQUIRE) && !link_is_over(); i++)
        link_nap();
    errno = saved;
}

void link_drain(const link_thread *self) {
    const int saved = errno;
    for (int i = 0; self->ring && i < 2 * MEET_MS && !link_is_over(); i++) {
        if (__atomic_load_n(&self->ring->tail, __ATOMIC_ACQUIRE) == self->head)
            break;
        link_nap();
    }
    errno = saved;
}
