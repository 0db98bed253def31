/* SPDX-License-Identifier: MIT
 *
 * share_memory.c - `heapyard share memory`: one memory at two addresses, linked in three ways.
 */
#include "share_answer.h"

#include "shared_list.h"
#include "units.h"

#include <inttypes.h>
#include <string.h>

static const hy_sheet_column columns[] = {
    {"link", "link", HY_SHEET_WORD},
    {"at_first_base", "at the first base", HY_SHEET_WORD},
    {"first_base", "first base", HY_SHEET_HEX},
    {"second_base", "mapped at", HY_SHEET_HEX},
    {"links", "links", HY_SHEET_COUNT},
    {"links_inside", "lead inside", HY_SHEET_COUNT},
    {"reached", "nodes reached", HY_SHEET_COUNT},
    {"sum", "sum", HY_SHEET_COUNT},
    {"right_sum", "right sum", HY_SHEET_COUNT},
    {"outcome", "outcome", HY_SHEET_WORD},
};

static const char *outcome(const hy_list_run *run, char *room, size_t size) {
    if (hy_list_right(run))
        return "right";
    if (run->signal == 0)
        return "wrong, and nobody noticed";
    snprintf(room, size, "crashed: %s", strsignal(run->signal));
    return room;
}

/* At another base, addresses must break and the others must not. */
static bool as_it_must_be(const hy_list_run *run) {
    return hy_list_right(run) == (run->link != HY_LINK_ADDRESS || run->there == HY_THERE_SAME);
}

static void ask(const share_wish *wish, share_answer *answer) {
    hy_list_run runs[HY_LIST_RUNS];
    hy_error error;
    uint64_t seen = 0, right = 0;
    int r = hy_list_try(wish->nodes, wish->seed, runs, &error);
    if (r == 0)
        r = hy_list_write(wish->nodes, wish->seed, &seen, &right, &error);
    if (r < 0) {
        share_refused(answer, r, &error);
        return;
    }
    answer->sheets = 1;
    answer->sheet[0] = (hy_sheet){.name = "memory",
                                  .caption = "One list in shared memory, built by one process and read by another",
                                  HY_SHEET_COLUMNS(columns)};
    size_t broken = 0;
    for (int i = 0; i < HY_LIST_RUNS; i++) {
        char room[64];
        const hy_list_run *const run = &runs[i];
        hy_sheet_add(&answer->sheet[0],
                     HY_SHEET_ROW(HY_WORD(hy_link_name(run->link)), HY_WORD(hy_there_name(run->there)),
                                  HY_FIGURE(run->first_base), HY_FIGURE(run->second_base), HY_FIGURE(run->nodes - 1),
                                  HY_FIGURE(run->inside), HY_FIGURE(run->reached), HY_FIGURE(run->sum),
                                  HY_FIGURE(run->right_sum), HY_WORD(outcome(run, room, sizeof room))));
        broken += run->link == HY_LINK_ADDRESS && !hy_list_right(run);
        if (!as_it_must_be(run))
            answer->code = HY_EXIT_MEASURED;
    }
    if (seen != right)
        answer->code = HY_EXIT_MEASURED;
    snprintf(
        answer->sentence, sizeof answer->sentence,
        "A list of %s nodes linked by addresses is right at the base where it was made, and at another base in %zu "
        "of 2 cases wrong; linked by offsets or distances it is right at both. What one process wrote at one base "
        "the other %s at its own.",
        hy_show_count(wish->nodes).text, broken, seen == right ? "saw" : "did not see");
}

static void tell(const share_answer *answer, hy_machine_page *page) {
    hy_machine_text(page, "Shared memory needs nothing but one more mapping: the same page frames appear in two "
                          "processes, at addresses that need not be the same. What must be right at both is what lies "
                          "*in* it. A link that is an address is right at one base only; a link that is an offset from "
                          "the base, or a distance from itself, at every one.");
    hy_machine_sheet(page, &answer->sheet[0]);
    hy_machine_text(page, "%s", answer->sentence);
    hy_machine_note(page, "With nothing at the first base the reader crashes at its second node, which is the lucky "
                          "case. With other memory there, here an old copy of the same list, it comes to the end and "
                          "gives a wrong sum, and no one is told.");
}

const share_part share_memory = {"memory", "Shared memory", "a list in shared memory at two addresses", ask, tell};
