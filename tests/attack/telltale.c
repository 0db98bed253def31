/* SPDX-License-Identifier: MIT
 *
 * telltale.c - a malloc that does on a double free what TELLTALE says: speak, abort, trap, exit, crash, warn, hang,
 * eat, or nothing.  It never reuses memory.  With TELLTALE=odd no program that uses it ends well.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
enum { ROOM = 64 << 20 };

typedef struct head {
    size_t size;
    size_t freed;
} head;

static _Alignas(16) char room[ROOM];
static size_t used;
static volatile int *volatile nowhere; /* NULL */

static bool told(const char *what) {
    const char *const word = getenv("TELLTALE");
    return word && strcmp(word, what) == 0;
}

static void speak(void) {
    static const char words[] = "telltale: double free\n";
    const ssize_t ignored = write(STDERR_FILENO, words, sizeof words - 1);
    (void)ignored;
}

static void eat(void) {
    for (size_t at = used; at < ROOM; at += 4096)
        room[at] = 1;
    for (;;)
        pause();
}

static void found_out(void) {
    if (told("speak") || told("warn"))
        speak();
    if (told("speak") || told("abort"))
        abort();
    if (told("trap"))
        __builtin_trap();
    if (told("exit"))
        _exit(3);
    if (told("crash"))
        *nowhere = 0;
    if (told("eat"))
        eat();
    while (told("hang"))
        pause();
}

EXPORT void *malloc(size_t size) {
    const size_t need = (size + sizeof(head) + 15) & ~(size_t)15;
    if (size > ROOM || need > ROOM - used)
        return NULL;
    head *const h = (head *)(void *)(room + used);
    used += need;
    h->size = size;
    return h + 1;
}

EXPORT void free(void *block) {
    head *const h = (head *)block - 1;
    if (!block)
        return;
    if (told("odd"))
        abort();
    if (h->freed++)
        found_out();
}

EXPORT void *calloc(size_t count, size_t size) {
    return malloc(count * size); /* fresh memory is zero */
}

EXPORT void *realloc(void *block, size_t size) {
    void *const fresh = malloc(size);
    if (fresh && block)
        memcpy(fresh, block, ((head *)block - 1)->size < size ? ((head *)block - 1)->size : size);
    return fresh;
}

EXPORT void *memalign(size_t align, size_t size) {
    (void)align;
    return malloc(size);
}

EXPORT size_t malloc_usable_size(void *block) {
    return block ? ((head *)block - 1)->size : 0;
}
