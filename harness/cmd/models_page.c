/* SPDX-License-Identifier: MIT
 *
 * models_page.c - the page of `heapyard partition models`: one job, four models of memory.
 */
#include "machine_answer.h"
#include "models_answer.h"

int hy_models_page(const hy_models *models, const char *folder, const char *command) {
    hy_machine_page *page;
    hy_error error;
    char text[1000];
    hy_sheet sheet;
    hy_figure figure = {.base = "partition-models",
                        .title = "One job on flat, fixed, dynamic and paged memory",
                        .about = "How long programs wait, what is lost within and between them, and what is moved or "
                                 "fetched again, by the size of the machine. Less is better."};
    if (hy_machine_open(folder, "models", "Memory for programs", "One job on four models of memory.", command, &page,
                        &error) < 0)
        return cmd_fail("%s", error.text);
    hy_machine_heading(page, "models", "The four models");
    hy_models_about(models, text, sizeof text);
    hy_machine_text(page, "%s.", text);
    hy_models_sheet(models, &sheet);
    sheet.caption =
        "Means are over all time. Paged memory is a model: every program refers to all of its pages when it "
        "comes and before it goes, and swap has no end.";
    hy_machine_sheet(page, &sheet);
    hy_sheet_free(&sheet);
    hy_models_sentence(models, text, sizeof text);
    hy_machine_text(page, "%s.", text);
    FILE *const data = hy_machine_data(page);
    if (hy_models_draw(models, data, &figure, &error) < 0) {
        cmd_close_page(page, folder, "models");
        return cmd_fail("%s", error.text);
    }
    hy_machine_figure(page, &figure);
    return cmd_close_page(page, folder, "models");
}
