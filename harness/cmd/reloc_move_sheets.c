/* SPDX-License-Identifier: MIT
 *
 * reloc_move_sheets.c - what moving a program came to, as tables.
 */
#include "reloc_move.h"

#include <math.h>
#include <string.h>

static const hy_sheet_column outcome_columns[] = {
    {"strategy", "strategy", HY_SHEET_WORD},    {"outcome", "outcome", HY_SHEET_WORD},
    {"moves", "moves", HY_SHEET_COUNT},         {"rounds", "rounds", HY_SHEET_COUNT},
    {"answer", "answer", HY_SHEET_WORD},        {"expected", "expected", HY_SHEET_WORD},
    {"summary", "what is done", HY_SHEET_WORD},
};

static const hy_sheet_column stale_columns[] = {
    {"strategy", "strategy", HY_SHEET_WORD},
    {"data", "in data", HY_SHEET_COUNT},
    {"stack", "on the stack", HY_SHEET_COUNT},
    {"heap", "in the heap", HY_SHEET_COUNT},
    {"registers", "in registers", HY_SHEET_COUNT},
    {"left", "left a move", HY_SHEET_NUMBER},
    {"left_stack", "on the stack of them", HY_SHEET_NUMBER},
};

static const hy_sheet_column price_columns[] = {
    {"strategy", "strategy", HY_SHEET_WORD},
    {"bytes", "moved a move", HY_SHEET_BYTES},
    {"time", "time a move", HY_SHEET_TIME},
    {"longest", "longest", HY_SHEET_TIME},
    {"follow", "instructions a link", HY_SHEET_NUMBER},
    {"pair", "instructions a birth and death", HY_SHEET_NUMBER},
    {"extra", "extra memory", HY_SHEET_BYTES},
    {"maps", "mappings", HY_SHEET_COUNT},
    {"pages", "heap pages", HY_SHEET_COUNT},
    {"frames", "on frames", HY_SHEET_COUNT},
};

static const char *outcome_word(const hy_wander_result *result, char *room, size_t size) {
    if (result->outcome == HY_WANDER_CRASH)
        snprintf(room, size, "crash: SIG%s", sigabbrev_np(result->signal));
    else
        snprintf(room, size, "%s", hy_wander_outcomes[result->outcome]);
    return room;
}

static bool came_to_its_end(const hy_wander_result *result) {
    return result->outcome == HY_WANDER_RIGHT || result->outcome == HY_WANDER_WRONG;
}

static const char *answer_word(const hy_wander_result *result, uint64_t answer, char *room, size_t size) {
    snprintf(room, size, "%016llx", (unsigned long long)answer);
    return came_to_its_end(result) ? room : NULL;
}

static void add_outcome(hy_sheet *sheet, const cmd_wander_row *row) {
    char outcome[40], answer[24], expected[24];
    const hy_wander_result *const r = &row->result;
    hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD(row->strategy->name), HY_WORD(outcome_word(r, outcome, sizeof outcome)),
                                     HY_FIGURE(r->moves), HY_FIGURE(r->rounds),
                                     HY_WORD(answer_word(r, r->answer, answer, sizeof answer)),
                                     HY_WORD(answer_word(r, r->expected, expected, sizeof expected)),
                                     HY_WORD(row->strategy->summary)));
}

/* Addresses that stay cannot become stale: then nothing was looked for. */
static void add_stale(hy_sheet *sheet, const cmd_wander_row *row) {
    const hy_wander_result *const r = &row->result;
    uint64_t left = 0;
    for (unsigned kind = 0; kind < HY_WANDER_KINDS; kind++)
        left += r->left[kind];
    const double moves = r->moves > 0 ? (double)r->moves : 1;
    hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD(row->strategy->name), HY_FIGURE(r->stale[HY_IN_DATA]),
                                     HY_FIGURE(r->stale[HY_IN_STACK]), HY_FIGURE(r->stale[HY_IN_HEAP]),
                                     HY_FIGURE(r->stale[HY_IN_REGISTERS]), HY_FIGURE((double)left / moves),
                                     HY_FIGURE((double)r->left[HY_IN_STACK] / moves)));
}

static double or_unknown(double figure) {
    return figure > 0 ? figure : NAN;
}

static void add_price(hy_sheet *sheet, const cmd_wander_row *row) {
    const hy_wander_result *const r = &row->result;
    const bool ended = came_to_its_end(r), moved = row->strategy->how != HY_WANDER_STAY && r->moves > 0;
    const double moves = moved ? (double)r->moves : NAN;
    hy_sheet_add(sheet,
                 HY_SHEET_ROW(HY_WORD(row->strategy->name), HY_FIGURE((double)r->bytes / moves),
                              HY_FIGURE((double)r->busy / moves), HY_FIGURE(moved ? (double)r->longest : NAN),
                              HY_FIGURE(or_unknown(r->follow)), HY_FIGURE(or_unknown(r->pair)), HY_FIGURE(r->extra),
                              HY_FIGURE(ended ? (double)r->maps : NAN), HY_FIGURE(ended ? (double)r->pages : NAN),
                              HY_FIGURE(ended ? (double)r->frames : NAN)));
}

void cmd_wander_sheets(const cmd_wander_row *rows, size_t count, hy_sheet ret_sheets[CMD_WANDER_SHEETS]) {
    ret_sheets[0] =
        (hy_sheet){.name = "outcomes", .caption = "What became of the program.", HY_SHEET_COLUMNS(outcome_columns)};
    ret_sheets[1] = (hy_sheet){
        .name = "stale",
        .caption = "Addresses of the old place at the first move, beyond what the table of relocations mends; and how "
                   "many were still there when the program went on.",
        HY_SHEET_COLUMNS(stale_columns)};
    ret_sheets[2] = (hy_sheet){.name = "prices", .caption = "What it costs.", HY_SHEET_COLUMNS(price_columns)};
    for (size_t i = 0; i < count; i++) {
        add_outcome(&ret_sheets[0], &rows[i]);
        add_stale(&ret_sheets[1], &rows[i]);
        add_price(&ret_sheets[2], &rows[i]);
    }
}

void cmd_wander_sentence(const cmd_wander_row *rows, size_t count, FILE *out) {
    size_t right = 0, moved = 0;
    for (size_t i = 0; i < count; i++) {
        const bool moves = rows[i].strategy->how != HY_WANDER_STAY;
        moved += moves;
        right += moves && rows[i].result.outcome == HY_WANDER_RIGHT;
    }
    fprintf(out, "\nMoved under %zu strateg%s, the program came to the right answer under %zu.\n", moved,
            moved == 1 ? "y" : "ies", right);
}
