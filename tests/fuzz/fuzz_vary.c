/* SPDX-License-Identifier: MIT
 *
 * fuzz_vary.c - variations: any bytes are refused with a sentence or taken, for a parameter of every type.
 *
 * What a range gives must be values of the type, and no more of them than ranges may have.
 */
#include "vary.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const words[] = {"first", "best", NULL};
static const char *const rules[] = {"never", "every:COUNT", "bytes:SIZE", "ratio:REAL", NULL};
static const hy_param params[] = {
    {.name = "count", .type = HY_PARAM_COUNT},
    {.name = "size", .type = HY_PARAM_SIZE},
    {.name = "time", .type = HY_PARAM_TIME},
    {.name = "flag", .type = HY_PARAM_BOOL},
    {.name = "choice", .type = HY_PARAM_CHOICE, .choices = words},
    {.name = "rule", .type = HY_PARAM_RULE, .choices = rules},
    {.name = "text", .type = HY_PARAM_TEXT},
};

typedef struct walk {
    const hy_param *param;
    const char *input;
    size_t size, made; /* by ranges */
} walk;

static void expect(int is) {
    if (!is)
        abort();
}

static int take(void *context, hy_text value) {
    walk *const w = context;
    const bool made = value.at < w->input || value.at >= w->input + w->size; /* by a range, not a slice of the input */
    expect(value.size > 0);
    w->made += made;
    if (!made || value.size >= HY_TEXT_SIZE)
        return 0;
    char text[HY_TEXT_SIZE];
    uint64_t number = 0;
    memcpy(text, value.at, value.size);
    text[value.size] = '\0';
    if (w->param->type == HY_PARAM_COUNT)
        expect(hy_parse_count(text, &number) == 0);
    else if (w->param->type == HY_PARAM_SIZE)
        expect(hy_parse_size(text, &number) == 0);
    else if (w->param->type == HY_PARAM_TIME)
        expect(hy_parse_time(text, &number) == 0);
    else
        expect(w->param->type == HY_PARAM_RULE);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const hy_text text = {(const char *)data, size};
    hy_vary vary;
    hy_error error = {""};
    if (hy_vary_parse(text, &vary, &error) < 0) {
        expect(error.text[0] != '\0');
        return 0;
    }
    for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
        walk w = {.param = &params[i], .input = text.at, .size = text.size};
        error.text[0] = '\0';
        expect(hy_vary_each(&vary, &params[i], take, &w, &error) == 0 || error.text[0] != '\0');
        expect(w.made <= HY_VARY_MOST * (1 + size));
    }
    return 0;
}
