/* SPDX-License-Identifier: MIT
 *
 * reloc_move.h - the second words of `heapyard reloc` that move what runs: move, handles, frames; argv[0] is
 * "reloc WORD".  And their answers as sheets, which the page about moving programs has too.
 */
#ifndef HY_RELOC_MOVE_H
#define HY_RELOC_MOVE_H

#include "defrag.h"
#include "machine_answer.h"
#include "wander.h"

int cmd_reloc_move(int argc, char **argv);
int cmd_reloc_handles(int argc, char **argv);
int cmd_reloc_frames(int argc, char **argv);

/* ---- reloc_move_sheets.c ---- */

typedef struct cmd_wander_row {
    const hy_wander_strategy *strategy;
    hy_wander_result result;
} cmd_wander_row;

/* What became of each; what was stale; what it costs. */
enum { CMD_WANDER_SHEETS = 3 };
void cmd_wander_sheets(const cmd_wander_row *rows, size_t count, hy_sheet ret_sheets[CMD_WANDER_SHEETS]);

/* One sentence to quote. */
void cmd_wander_sentence(const cmd_wander_row *rows, size_t count, FILE *out);

/* ---- reloc_handles.c ---- */

typedef struct cmd_defrag_row {
    const char *trace;
    uint64_t budget;
    hy_defrag_result result;
} cmd_defrag_row;

typedef struct cmd_defrag {
    cmd_defrag_row *row;
    size_t count;
} cmd_defrag;

/* Each trace with each budget.  0, or an exit code after saying why; free `row`. */
int cmd_defrag_all(char *const *traces, size_t traces_count, const char *spec, cmd_defrag *ret_defrag);
void cmd_defrag_sheet(const cmd_defrag *defrag, hy_sheet *ret_sheet);

/* ---- reloc_frames.c ---- */

enum { CMD_FRAMES_SHEETS = 2 };
/* What a shuffle does; what remains fragmented.  0, or an exit code after saying why. */
int cmd_frames_sheets(uint64_t pages, uint64_t seed, hy_sheet ret_sheets[CMD_FRAMES_SHEETS]);

/* ---- reloc_move_page.c ---- */

/* FOLDER/moving.html.  An exit code. */
int cmd_wander_page(const char *folder, const char *typed, const cmd_wander_row *rows, size_t count,
                    const cmd_defrag *defrag, const hy_sheet *frames);

#endif
