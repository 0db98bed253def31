/* SPDX-License-Identifier: MIT */
#include "generator.h"

#include "registry.h"
#include "source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

extern const hy_generator hy_robson_generator, hy_first_fit_worst_generator, hy_best_fit_worst_generator,
    hy_steady_generator, hy_sawtooth_generator, hy_table_generator, hy_handover_generator, hy_clone_generator;

const hy_generator *const hy_generators[] = {
    &hy_robson_generator,   &hy_first_fit_worst_generator, &hy_best_fit_worst_generator,
    &hy_steady_generator,   &hy_sawtooth_generator,        &hy_table_generator,
    &hy_handover_generator, &hy_clone_generator,           NULL};

#define PACE 100u /* ns from one event to the next */

const hy_generator *hy_generator_find(hy_text name) {
    for (const hy_generator *const *g = hy_generators; *g; g++)
        if (hy_text_is(name, (*g)->name))
            return *g;
    return NULL;
}

static int refuse_name(hy_text name, hy_error *error) {
    const char *names[32];
    size_t count = 0;
    for (; hy_generators[count] && count < 31; count++)
        names[count] = hy_generators[count]->name;
    names[count] = NULL;
    const hy_hint hint = hy_did_you_mean(name.at, name.size, names, "`heapyard generate` lists them");
    return hy_fail(error, -EINVAL, "no generator is called \"%.*s\"%s", (int)name.size, name.at, hint.text);
}

/* The generator of a spec and its parameters (HY_PARAMS_SIZE bytes). */
static int read_spec(const char *text, const hy_generator **ret_generator, void *ret_params, hy_error *error) {
    hy_spec spec;
    const int r = hy_spec_parse((hy_text){text, strlen(text)}, &spec, error);
    if (r < 0)
        return r;
    if (spec.count != 1)
        return hy_fail(error, -EINVAL, "\"%s\": a generator has no layers", text);
    *ret_generator = hy_generator_find(spec.part[0].name);
    if (!*ret_generator)
        return refuse_name(spec.part[0].name, error);
    return hy_params_parse((*ret_generator)->params, (*ret_generator)->name, spec.part[0].params, ret_params,
                           (*ret_generator)->params_size, error);
}

static int open_heap(const hy_generator *generator, const char *allocator, hy_instance *ret, hy_error *error) {
    if (generator->looks && !allocator)
        return hy_fail(error, -EINVAL, "%s looks at addresses: name the allocator that it is made against with -a",
                       generator->name);
    if (!generator->looks && allocator)
        return hy_fail(error, -EINVAL,
                       "%s does not look at addresses, so it is the same for every allocator; leave "
                       "-a out",
                       generator->name);
    if (!allocator)
        return 0;
    const hy_heap_ops *ops = NULL;
    const hy_text spec = {allocator, strlen(allocator)};
    const int r = hy_spec_check(&hy_registry, spec, &ops, error);
    if (r < 0)
        return r;
    if (ops->flags & (HY_FAKE | HY_LIFO | HY_FIXED_SIZE | HY_REGIONS))
        return hy_fail(error, -EINVAL, "%s cannot serve a generator: it is no general-purpose allocator", allocator);
    return hy_open(&hy_registry, spec, NULL, ret, error);
}

/* Texts are paths of files that a generator reads. */
static int spare_sources(const hy_generator *generator, const void *params, const char *trace, hy_error *error) {
    for (const hy_param *p = generator->params; trace && p->name; p++)
        if (p->type == HY_PARAM_TEXT && hy_source_is_same((const char *)params + p->offset, trace))
            return hy_fail(error, -EINVAL, "%s: %s reads that file; write to another", trace, generator->name);
    return 0;
}

static int open_trace(const hy_generate_options *options, const hy_generator *generator, hy_trace_writer **ret,
                      hy_error *error) {
    if (!options->trace)
        return 0;
    hy_trace_meta meta = {.pid = 0};
    snprintf(meta.command, sizeof meta.command, "%s",
             generator->discreet ? generator->name
             : options->command  ? options->command
                                 : "");
    snprintf(meta.origin, sizeof meta.origin, "%s", options->origin ? options->origin : "");
    return hy_trace_create(options->trace, &meta, ret, error);
}

static void measure(const hy_script *script, const hy_instance *heap, hy_generated *ret) {
    *ret = (hy_generated){.events = script->events,
                          .blocks = script->births,
                          .peak_live = script->peak_bytes,
                          .span = script->high - script->low,
                          .proven = script->proven,
                          .note = script->note,
                          .warning = script->warning};
    if (script->heap && !(heap->base->flags & HY_FOREIGN))
        ret->footprint = heap->data->peak_committed + (heap->meta != heap->data ? heap->meta->peak_committed : 0);
}

int hy_generate(const hy_generate_options *options, hy_generated *ret, hy_error *error) {
    const hy_generator *generator = NULL;
    _Alignas(16) char params[HY_PARAMS_SIZE];
    hy_instance heap = {.heap = NULL};
    hy_script script = {.pace = PACE};
    int r = read_spec(options->spec, &generator, params, error);
    if (r == 0)
        r = spare_sources(generator, params, options->trace, error);
    if (r == 0)
        r = open_heap(generator, options->allocator, &heap, error);
    if (r < 0)
        return r;
    script.heap = heap.heap;
    r = open_trace(options, generator, &script.writer, error);
    if (r == 0) {
        r = generator->run(&script, params, error);
        const int end = script.writer ? hy_trace_finish(script.writer, r < 0 ? NULL : error) : 0;
        r = r < 0 ? r : end;
        if (r < 0 && options->trace)
            hy_trace_drop(options->trace);
        else
            measure(&script, &heap, ret);
    }
    hy_script_clear(&script);
    if (heap.heap)
        hy_close(&heap);
    return r;
}
