/* SPDX-License-Identifier: MIT
 *
 * malloc_ask.c - what programs ask of malloc beside memory: settings, figures, reports; runs under a preload library.
 */
#include "blocks.h"
#include "churn.h"
#include "life.h"
#include "tap.h"

#include <ctype.h>
#include <malloc.h>

static const char *settings_are_accepted(void) {
    static const int known[] = {M_MXFAST,  M_TRIM_THRESHOLD, M_TOP_PAD,    M_MMAP_THRESHOLD, M_MMAP_MAX,
                                M_PERTURB, M_CHECK_ACTION,   M_ARENA_TEST, M_ARENA_MAX};
    errno = 77;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        EXPECT(mallopt(known[i], 64) == 1);
    EXPECT(mallopt(12345, 0) == 0 && mallopt(-12345, 0) == 0);
    EXPECT(errno == 77);
    EXPECT(churn(1, 1000, 10000));
    return NULL;
}

/* ---------------------------------------------------------------------------------------------------- figures ---- */

static bool plausible(const struct mallinfo2 *info) {
    return info->arena > 0 && info->uordblks <= info->arena && info->fordblks == info->arena - info->uordblks;
}

static const char *figures_follow_the_blocks(void) {
    static void *blocks[2000];
    errno = 77;
    const struct mallinfo2 before = mallinfo2();
    for (size_t i = 0; i < 2000; i++) {
        blocks[i] = malloc(3000);
        EXPECT(blocks[i]);
    }
    const struct mallinfo2 during = mallinfo2();
    for (size_t i = 0; i < 2000; i++)
        free(blocks[i]);
    const struct mallinfo2 after = mallinfo2();
    EXPECT(errno == 77);
    EXPECT(plausible(&before) && plausible(&during) && plausible(&after));
    EXPECT(during.uordblks >= before.uordblks + 2000 * 3000);
    EXPECT(during.uordblks < before.uordblks + 2 * 2000 * 3000);
    EXPECT(after.uordblks + 2000 * 2700 < during.uordblks);
    return NULL;
}

static const char *figures_count_large_blocks(void) {
    const size_t size = (size_t)64 << 20;
    const struct mallinfo2 before = mallinfo2();
    void *const block = malloc(size);
    EXPECT(block);
    const struct mallinfo2 during = mallinfo2();
    free(block);
    const struct mallinfo2 after = mallinfo2();
    EXPECT(plausible(&during) && during.uordblks >= before.uordblks + size);
    EXPECT(plausible(&after) && after.uordblks + size / 10 * 9 < during.uordblks);
    return NULL;
}

static const char *narrow_figures_are_the_wide_ones(void) {
    const struct mallinfo2 wide = mallinfo2();
    const struct mallinfo narrow = mallinfo();
    EXPECT((size_t)narrow.arena == wide.arena && (size_t)narrow.uordblks == wide.uordblks);
    EXPECT((size_t)narrow.fordblks == wide.fordblks && (size_t)narrow.ordblks == wide.ordblks);
    return NULL;
}

static bool stop_now;

static const char *questions_while_threads_allocate(void) {
    pthread_t thread;
    void *wrong = NULL;
    FILE *const nowhere = fopen("/dev/null", "w");
    EXPECT(nowhere && pthread_create(&thread, NULL, churn_until_stopped, &stop_now) == 0);
    for (int i = 0; i < 200; i++) {
        const struct mallinfo2 info = mallinfo2();
        EXPECT(plausible(&info));
        malloc_trim(0);
        EXPECT(malloc_info(0, nowhere) == 0);
    }
    __atomic_store_n(&stop_now, true, __ATOMIC_RELAXED);
    pthread_join(thread, &wrong);
    fclose(nowhere);
    return wrong;
}

/* ---------------------------------------------------------------------------------------------- trim, reports ---- */

static const char *trim_gives_memory_back(void) {
    static unsigned char *blocks[16000];
    EXPECT(malloc_trim(0) == 0 || malloc_trim(0) == 0); /* a second time there is nothing left */
    const size_t before = resident();
    for (size_t i = 0; i < 16000; i++) {
        blocks[i] = malloc(2000);
        EXPECT(blocks[i]);
        memset(blocks[i], 1, 2000);
    }
    for (size_t i = 0; i < 16000; i++)
        free(blocks[i]);
    errno = 77;
    const size_t freed = resident();
    const int trimmed = malloc_trim(0);
    EXPECT(errno == 77 && (trimmed == 0 || trimmed == 1));
    EXPECT(!trimmed || resident() < freed);
    EXPECT(!trimmed || resident() < before + 8000000);
    EXPECT(churn(2, 1000, 100000));
    return NULL;
}

/* What a function writes to stderr. */
static size_t said(void (*function)(void), char *ret, size_t size) {
    int ends[2];
    if (pipe(ends) < 0)
        return 0;
    const int before = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    function();
    dup2(before, STDERR_FILENO);
    close(ends[1]);
    const ssize_t got = read(ends[0], ret, size - 1);
    close(ends[0]);
    ret[got > 0 ? got : 0] = '\0';
    return got > 0 ? (size_t)got : 0;
}

static const char *stats_are_lines_of_label_and_number(void) {
    char text[4096], label[64], *rest = text;
    unsigned long long number = 0;
    EXPECT(said(malloc_stats, text, sizeof text) > 0);
    EXPECT(strstr(text, "system bytes     =") && strstr(text, "in use bytes     ="));
    for (char *line = strsep(&rest, "\n"); line && *line; line = strsep(&rest, "\n"))
        EXPECT(sscanf(line, "%63[a-z ] = %llu", label, &number) == 2 && number > 0);
    EXPECT(rest == NULL); /* the last line ended, too */
    return NULL;
}

static const char *read_name(const char *at, char *ret, size_t size) {
    size_t length = 0;
    while ((isalnum((unsigned char)*at) || *at == '-') && length < size - 1)
        ret[length++] = *at++;
    ret[length] = '\0';
    return at;
}

/* name="value" of printable characters.  NULL: it is not that. */
static const char *read_attribute(const char *at) {
    char name[32];
    at = read_name(at, name, sizeof name);
    if (!*name || *at++ != '=' || *at++ != '"')
        return NULL;
    while (isprint((unsigned char)*at) && !strchr("\"<>&", *at))
        at++;
    return *at == '"' ? at + 1 : NULL;
}

/* Elements, nested, with attributes; no text between them but white space.  What is behind it, or NULL. */
static const char *read_element(const char *at, int *count) {
    char name[32], end[32];
    if (*at++ != '<')
        return NULL;
    ++*count;
    at = read_name(at, name, sizeof name);
    while (at && *at == ' ')
        at = read_attribute(at + 1);
    if (at && at[0] == '/' && at[1] == '>')
        return at + 2;
    if (!at || *at++ != '>')
        return NULL;
    for (;;) {
        at += strspn(at, " \n");
        if (at[0] == '<' && at[1] == '/')
            break;
        at = read_element(at, count);
        if (!at)
            return NULL;
    }
    at = read_name(at + 2, end, sizeof end);
    return strcmp(name, end) == 0 && *at == '>' ? at + 1 : NULL;
}

static const char *info_is_well_formed_xml(void) {
    char *text = NULL;
    size_t size = 0;
    int count = 0;
    FILE *const file = open_memstream(&text, &size);
    errno = 0;
    EXPECT(file && malloc_info(1, file) != 0 && errno == EINVAL);
    EXPECT(malloc_info(0, file) == 0 && fclose(file) == 0);
    EXPECT(strncmp(text, "<malloc version=", 16) == 0);
    const char *const end = read_element(text, &count);
    EXPECT(end && strcmp(end, "\n") == 0 && count >= 3);
    free(text);
    return NULL;
}

int main(int argc, char **argv) {
    tap_limit(argc, argv);
    static const tap_case tests[] = {
        TAP_CASE(settings_are_accepted),
        TAP_REUSE_CASE(figures_follow_the_blocks),
        TAP_REUSE_CASE(figures_count_large_blocks),
        TAP_CASE(narrow_figures_are_the_wide_ones),
        TAP_REUSE_CASE(questions_while_threads_allocate),
        TAP_CASE(trim_gives_memory_back),
        TAP_CASE(stats_are_lines_of_label_and_number),
        TAP_CASE(info_is_well_formed_xml),
    };
    return tap_run(tests, sizeof tests / sizeof *tests);
}
