/* SPDX-License-Identifier: MIT
 *
 * attack.h - what the files of `heapyard attack` share.
 */
#ifndef HY_ATTACK_H
#define HY_ATTACK_H

#include "command.h"
#include "laboratory.h"
#include "report.h"

#include <stdio.h>

/* The result with its plan, as text: the matrix (rows: faults), sums, what can be foretold, and a last sentence. */
void attack_print(const hy_attack_plan *plan, const hy_attack_result *result);
/* One fault in words, and with a result what became of it under each allocator. */
void attack_explain(const hy_fault *fault);
void attack_tell(const hy_attack_plan *plan, const hy_attack_result *result, size_t fault);

/* One line for each cell and outcome. */
void attack_write_csv(FILE *out, const hy_attack_plan *plan, const hy_attack_result *result);
/* One line for each allocator: sums, entropy, reuse, price. */
void attack_write_targets(FILE *out, const hy_attack_plan *plan, const hy_attack_result *result);
void attack_write_json(FILE *out, const hy_attack_plan *plan, const hy_attack_result *result, const char *command);

/* FOLDER/index.html: the matrix, security against cost, each fault in words; beside it the picture, cells.csv and
 * allocators.csv.  0 or -errno with the sentence. */
int attack_write_page(const hy_attack_plan *plan, const hy_attack_result *result, const char *command,
                      const char *folder, hy_error *error);

/* Writes the data of a picture into `folder`, to be drawn: what passes silently against what it costs; what can be
 * foretold of addresses.  0 or -errno with the sentence. */
int attack_draw_pareto(const hy_attack_plan *plan, const hy_attack_result *result, const char *folder,
                       hy_figure *ret_figure, hy_error *error);
int attack_draw_foretell(const hy_attack_plan *plan, const hy_attack_result *result, const char *folder,
                         hy_figure *ret_figure, hy_error *error);

/* How many faults of a class (-1: of all) have this outcome on a target. */
size_t attack_count(const hy_attack_plan *plan, const hy_attack_result *result, size_t target, int class,
                    hy_outcome outcome);

static inline const hy_attack_cell *attack_cell(const hy_attack_plan *plan, const hy_attack_result *result,
                                                size_t fault, size_t target) {
    return &result->cell[fault * plan->target_count + target];
}

#endif
