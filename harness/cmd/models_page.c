/* SPDX-License-Identifier: MIT
 *
 * models_page.c - one job on four models of memory, as a part of the page about contiguous memory.
 */
#include "models_answer.h"

void hy_models_section(const hy_models *models, const hy_models *drawn, hy_machine_page *page) {
    hy_error error;
    char text[1000];
    hy_sheet sheet;
    hy_figure figure = {.base = "partition-models",
                        .title = "One job on flat, fixed, dynamic and paged memory",
                        .about = "How long programs wait, what is lost within and between them, and what is moved or "
                                 "fetched again, by the size of the machine. Less is better."};
    hy_machine_heading(page, "models", "The four models");
    hy_models_about(models, text, sizeof text);
    hy_machine_text(page, "A recorded job, `%s`: %s.", models->arrivals->command, text);
    hy_models_sheet(models, &sheet);
    sheet.caption =
        "Who finds no room waits, and nobody overtakes. Means are over all time. Paged memory is a model: a "
        "program refers to all of its pages ten times, evenly over its life, and swap has no end.";
    hy_machine_sheet(page, &sheet);
    hy_sheet_free(&sheet);
    hy_models_sentence(models, text, sizeof text);
    hy_machine_text(page, "%s.", text);
    if (hy_models_draw(drawn, hy_machine_data(page), &figure, &error) == 0)
        hy_machine_figure(page, &figure);
    else
        hy_machine_note(page, "No picture: %s.", error.text);
    hy_machine_text(page, "It is often said that paging has done away with external fragmentation. Nobody waits for a "
                          "hole any more, that is true: what was waiting for memory has become fetching pages again.");
}
