/* SPDX-License-Identifier: MIT
 *
 * fuzz_spec.c - lists of specs, their parts and parameters: any bytes are taken or refused, and nothing else happens.
 */
#include "spec.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A value that is taken is one of the choices, and one that is refused has a reason. */
static void read_rule(const char *value) {
    static const char *const choices[] = {"never", "every:COUNT", "bytes:SIZE", "ratio:REAL", NULL};
    static const hy_param rule = {.name = "merge", .help = "", .type = HY_PARAM_RULE, .choices = choices};
    hy_rule got = {UINT32_MAX, 0};
    hy_error error = {""};
    if (hy_param_set(&rule, "fit", value, &got, &error) == 0 ? got.choice > 3 || (got.choice == 0) != (got.number == 0)
                                                             : error.text[0] == '\0' || got.choice != UINT32_MAX)
        abort();
}

static void read_parameters(hy_text params) {
    char key[HY_TEXT_SIZE], value[HY_TEXT_SIZE];
    hy_error error = {""};
    uint64_t number;
    while (hy_params_next(&params, key, value, &error) == 1) {
        hy_parse_size(value, &number);
        hy_parse_count(value, &number);
        hy_parse_time(value, &number);
        read_rule(value);
    }
}

static void read_spec(hy_text text) {
    hy_spec spec;
    hy_error error = {""};
    if (hy_spec_parse(text, &spec, &error) < 0) {
        if (error.text[0] == '\0')
            abort(); /* a refusal has a reason */
        return;
    }
    for (size_t i = 0; i < spec.count; i++) {
        const hy_spec_part *const part = &spec.part[i];
        if (part->name.size == 0 || part->name.at < text.at ||
            part->params.at + part->params.size > text.at + text.size)
            abort();
        read_parameters(part->params);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hy_text list = {(const char *)data, size}, spec;
    while (hy_spec_next(&list, &spec))
        read_spec(spec);
    return 0;
}
