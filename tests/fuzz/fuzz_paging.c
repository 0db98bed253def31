/* SPDX-License-Identifier: MIT
 *
 * fuzz_paging.c - references: the first byte chooses lackey's text, the content of a file, words, or the shape of TLBs.
 * Any bytes are refused with a sentence or are references; those go through every policy, with few frames, and through
 * a TLB.  No policy has fewer faults than opt.
 */
#include "mmu.h"
#include "page_trace.h"
#include "pagers.h"

#include <stdlib.h>
#include <string.h>

#define MOST_REFERENCES 2000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int is) {
    if (!is)
        abort();
}

static int read_lackey(char *text, hy_page_trace *trace, hy_error *error) {
    int r = 1;
    for (char *line; r > 0 && (line = strsep(&text, "\n"));)
        r = hy_lackey_line(line, 0, trace, error);
    return r < 0 ? r : 0;
}

static int read_any(const uint8_t *data, size_t size, hy_page_trace *trace, hy_error *error) {
    char *const text = malloc(size);
    expect(text != NULL);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    const int r = data[0] % 4 == 0   ? hy_page_trace_decode(data + 1, size - 1, trace, error)
                  : data[0] % 4 == 1 ? read_lackey(text, trace, error)
                  : data[0] % 4 == 2 ? hy_page_trace_parse(text, trace, error)
                                     : hy_tlb_parse(text, &(hy_mmu_options){.levels = 4}, error);
    free(text);
    return r;
}

static void simulate(const hy_page_trace *trace, uint32_t frames) {
    hy_page_refs refs;
    uint64_t least = 0;
    expect(hy_page_refs_make(trace, trace->shift, HY_PAGE_ALL, &refs, NULL) == 0);
    for (size_t i = 0; hy_pagers[i]; i++) {
        hy_pager_choice choice;
        hy_paging_counts counts, opt;
        expect(hy_pager_choose((hy_text){hy_pagers[i]->name, strlen(hy_pagers[i]->name)}, &choice, NULL) == 0);
        expect(hy_paging_simulate(choice.ops, choice.params, frames, refs.ref, refs.count, &counts, NULL) == 0);
        expect(counts.faults - counts.evictions == counts.resident && counts.most <= frames);
        if (!least) {
            expect(hy_pager_choose((hy_text){"opt", 3}, &choice, NULL) == 0);
            expect(hy_paging_simulate(choice.ops, choice.params, frames, refs.ref, refs.count, &opt, NULL) == 0);
            least = opt.faults;
        }
        expect(counts.faults >= least && counts.faults >= refs.pages);
    }
    hy_page_refs_clear(&refs);
}

static void translate(const hy_page_trace *trace) {
    hy_mmu_options options = {.levels = 4, .shift = 12, .asids = true};
    hy_mmu_counts counts;
    hy_error error = {""};
    expect(hy_tlb_parse("4x2,16x16", &options, &error) == 0);
    if (trace->shift > 12 || hy_mmu_run(trace, &options, &counts, &error) < 0)
        return; /* an address that is none */
    expect(counts.steps == 4 * counts.walks);
    expect(counts.hits[0] + counts.hits[1] + counts.walks == counts.references);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hy_page_trace trace;
    hy_error error = {""};
    if (size < 2)
        return 0;
    hy_page_trace_start(&trace, 12);
    trace.most = MOST_REFERENCES;
    trace.cut = true;
    if (read_any(data, size, &trace, &error) < 0)
        expect(error.text[0] != '\0');
    else if (trace.count > 0) {
        simulate(&trace, 1 + data[0] / 16);
        translate(&trace);
    }
    hy_page_trace_clear(&trace);
    return 0;
}
