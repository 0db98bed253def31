/* SPDX-License-Identifier: MIT
 *
 * page_input.c - the references that the parts of `heapyard page` look at: traces of pages, text of lackey, words by
 * hand, or allocation traces placed by allocators (see page.h).
 */
#include "page.h"

#include "heap_pages.h"

#include <stdlib.h>
#include <string.h>

static page_input *input_add(page_inputs *inputs, const char *name, const char *more) {
    page_input *const grown = realloc(inputs->at, (inputs->count + 1) * sizeof *grown);
    if (!grown)
        abort();
    inputs->at = grown;
    page_input *const input = &grown[inputs->count++];
    const char *const slash = strrchr(name, '/');
    memset(input, 0, sizeof *input);
    snprintf(input->name, sizeof input->name, "%s%s%s", slash ? slash + 1 : name, more ? " " : "", more ? more : "");
    return input;
}

void page_inputs_free(page_inputs *inputs) {
    for (size_t i = 0; i < inputs->count; i++)
        hy_page_trace_clear(&inputs->at[i].trace);
    free(inputs->at);
    *inputs = (page_inputs){NULL, 0};
}

static bool is_allocation_trace(const char *path) {
    const size_t size = strlen(path);
    return size > 4 && strcmp(path + size - 4, ".hyt") == 0;
}

static int place_one(const page_options *options, const char *path, const char *spec, page_inputs *ret) {
    hy_page_trace *const trace = &input_add(ret, path, spec)->trace;
    uint64_t refused = 0;
    hy_error error;
    hy_page_trace_start(trace, options->read.shift);
    if (options->read.references) {
        trace->most = options->read.references;
        trace->cut = true;
    }
    if (hy_heap_pages(path, spec, trace, &refused, &error) < 0)
        return cmd_fail("%s", error.text);
    if (refused > 0) {
        snprintf(error.text, sizeof error.text, "%s refused %llu requests of %s; their blocks are left out", spec,
                 (unsigned long long)refused, path);
        cmd_warn(error.text);
    }
    return 0;
}

static int place_all(const page_options *options, const char *path, page_inputs *ret) {
    hy_specs specs = {NULL, 0};
    int code = 0;
    if (!options->allocators)
        return cmd_fail("%s: an allocation trace has no addresses; say whose with -a, as in -a segregated,system",
                        path);
    if (cmd_add_specs(&specs, options->allocators) < 0)
        return HY_EXIT_INPUT;
    for (size_t i = 0; i < specs.count && code == 0; i++)
        code = place_one(options, path, specs.text[i], ret);
    cmd_free_specs(&specs);
    return code;
}

static int read_one(const page_options *options, const char *path, page_inputs *ret) {
    hy_error error;
    if (is_allocation_trace(path))
        return place_all(options, path, ret);
    page_input *const input = input_add(ret, path, NULL);
    return hy_page_trace_read(path, &options->read, &input->trace, &error) < 0 ? cmd_fail("%s", error.text) : 0;
}

static int read_string(const page_options *options, page_inputs *ret) {
    hy_error error;
    page_input *const input = input_add(ret, "string", NULL);
    hy_page_trace_start(&input->trace, HY_GRANULE_SHIFT);
    if (hy_page_trace_parse(options->string, &input->trace, &error) < 0)
        return cmd_fail("--string: %s", error.text);
    return 0;
}

/* All of them become one. */
static int take_turns(const page_options *options, page_inputs *inputs) {
    hy_page_trace all, *const parts = calloc(inputs->count, sizeof *parts);
    hy_error error;
    if (!parts)
        abort();
    for (size_t i = 0; i < inputs->count; i++)
        parts[i] = inputs->at[i].trace;
    const int r = inputs->count <= HY_PAGE_SPACES
                      ? hy_page_trace_interleave(parts, inputs->count, options->slice, &all, &error)
                      : hy_fail(&error, -1, "at most %u traces can take turns", HY_PAGE_SPACES);
    free(parts);
    if (r < 0)
        return cmd_fail("%s", error.text);
    const size_t count = inputs->count;
    page_inputs_free(inputs);
    page_input *const input = input_add(inputs, "turns", NULL);
    snprintf(input->name, sizeof input->name, "%zu in turns", count);
    input->trace = all;
    return 0;
}

int page_inputs_read(const page_options *options, page_inputs *ret) {
    page_inputs inputs = {NULL, 0};
    int code = 0;
    if (options->string && options->count > 0)
        return cmd_fail("--string and a trace: expected one of them");
    if (!options->string && options->count == 0)
        return cmd_fail("which references?  Expected a trace, or --string \"1 2 3\"");
    if (options->string)
        code = read_string(options, &inputs);
    for (size_t i = 0; i < options->count && code == 0; i++)
        code = read_one(options, options->paths[i], &inputs);
    for (size_t i = 0; i < inputs.count && code == 0; i++)
        if (inputs.at[i].trace.count == 0)
            code = cmd_fail("%s: not one reference", inputs.at[i].name);
    if (code == 0 && options->slice && inputs.count > 1)
        code = take_turns(options, &inputs);
    if (code == 0)
        *ret = inputs;
    else
        page_inputs_free(&inputs);
    return code;
}

int page_look_at(const page_look *look, int argc, char **argv) {
    page_options options;
    page_inputs inputs = {NULL, 0};
    page_options_start(&options, argc, argv);
    int code = cmd_parse(look->argp, argc, argv, &options);
    if (code == 0)
        code = look->complete(&options);
    if (code == 0)
        code = page_inputs_read(&options, &inputs);
    if (code == 0)
        code = look->look(&options, &inputs);
    page_inputs_free(&inputs);
    page_options_free(&options);
    return code;
}
