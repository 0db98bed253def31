/* SPDX-License-Identifier: MIT
 *
 * record_programs.c - `heapyard record --programs -o FILE -- JOB…`: which programs a job starts, and how large they
 * get.
 */
#include "record_programs.h"

#include "command.h"
#include "units.h"
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *plural(uint64_t count) {
    return count == 1 ? "" : "s";
}

static void print_outcome(const char *output, const hy_watch_outcome *outcome) {
    fprintf(stderr, "heapyard: recorded %s program%s (%s executed) of %s process%s in %s: %s, %s stops\n",
            hy_show_count(outcome->programs).text, plural(outcome->programs), hy_show_count(outcome->executed).text,
            hy_show_count(outcome->processes).text, outcome->processes == 1 ? "" : "es", output,
            hy_show_time((double)outcome->time).text, hy_show_count(outcome->stops).text);
    if (outcome->cut > 0)
        fprintf(stderr, "heapyard: %s program%s had not ended when the recording did\n",
                hy_show_count(outcome->cut).text, plural(outcome->cut));
    if (outcome->at_least > 0)
        fprintf(stderr, "heapyard: %s program%s executed another when only a part of the peak was known\n",
                hy_show_count(outcome->at_least).text, plural(outcome->at_least));
    if (outcome->unmeasured > 0)
        fprintf(stderr, "heapyard: %s program%s died before their size could be read\n",
                hy_show_count(outcome->unmeasured).text, plural(outcome->unmeasured));
}

int cmd_record_programs(const char *output, char *const *program) {
    const hy_watch_options options = {.output = output, .argv = program};
    hy_watch_outcome outcome;
    hy_error error;
    const int r = hy_watch(&options, &outcome, &error);
    if (r < 0) {
        cmd_fail("%s", error.text);
        return r == -EPERM ? HY_EXIT_CANNOT : HY_EXIT_INPUT;
    }
    print_outcome(output, &outcome);
    return outcome.exit_code;
}
