/* SPDX-License-Identifier: MIT
 *
 * last_words.c - what a heap has to say when its process dies.
 *
 *  1. A fault of access (SIGSEGV, SIGBUS): the heap is asked what was there, and its sentence is written.  Then the
 *     fault happens again without a handler, so that the process dies of it as it would have anyway.
 *  2. A program that has a handler of its own, or installs one later, is left alone.
 *  3. At the end of the process the heap may look once more at what lives.
 */
#include "last_words.h"

#include "caller.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

static hy_heap *last_words_heap;

enum { WORDS = 3000 };

static void write_line(char *text) {
    static const char head[] = "heapyard: ";
    const size_t size = strlen(text);
    ssize_t ignored = write(STDERR_FILENO, head, sizeof head - 1);
    text[size] = '\n';
    ignored = write(STDERR_FILENO, text, size + 1);
    (void)ignored;
}

/* The instruction that it was. */
static const void *place_of(const void *context) {
#ifdef REG_RIP
    const ucontext_t *const at = context;
    return (const void *)(uintptr_t)at->uc_mcontext.gregs[REG_RIP];
#else
    (void)context;
    return NULL;
#endif
}

/* The default does the rest when the instruction is tried again; a signal that was sent comes again, too. */
static void on_fault(int number, siginfo_t *info, void *context) {
    const int saved = errno;
    char text[WORDS];
    YARD_CALLED_FROM(place_of(context));
    if (info->si_code > 0 && last_words_heap->ops->explain(last_words_heap, info->si_addr, text, sizeof text - 1))
        write_line(text);
    signal(number, SIG_DFL);
    if (info->si_code <= 0)
        raise(number);
    errno = saved;
}

static void catch_fault(int number) {
    struct sigaction now, ours = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
    ours.sa_sigaction = on_fault;
    if (sigaction(number, NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) && now.sa_handler == SIG_DFL)
        sigaction(number, &ours, NULL);
}

void last_words_open(hy_heap *heap) {
    last_words_heap = heap;
    if (!heap->ops->explain)
        return;
    catch_fault(SIGSEGV);
    catch_fault(SIGBUS);
}

static __attribute__((destructor)) void last_words_end(void) {
    YARD_CALLED_FROM(NULL);
    if (last_words_heap && last_words_heap->ops->farewell)
        last_words_heap->ops->farewell(last_words_heap);
}
