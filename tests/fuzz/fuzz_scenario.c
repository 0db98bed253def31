/* SPDX-License-Identifier: MIT
 *
 * fuzz_scenario.c - scenarios: any bytes are refused with a sentence, or taken; short ones are played as well.
 */
#include "registry.h"
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Small enough to be played in no time: map and its expectation draw every unit of the storage. */
static bool is_small(const hy_scenario *scenario) {
    size_t cases = 1;
    for (size_t i = 0; i < scenario->count; i++) {
        cases += scenario->steps[i].kind == HY_STEP_CASE;
        if (scenario->steps[i].kind == HY_STEP_STORAGE && scenario->steps[i].number > 8192)
            return false;
    }
    return scenario->count < 100 && cases < 8;
}

static void play(const hy_scenario *scenario, const char *spec, FILE *out) {
    hy_error error = {""};
    hy_play result = {.failed = false};
    const int r = hy_scenario_play(scenario, &hy_registry, (hy_text){spec, strlen(spec)}, out, &result, &error);
    if ((r < 0 && !error.text[0]) || (r == 0 && result.failed && !result.failure.text[0]))
        abort(); /* a refusal and a failure have a reason */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static FILE *nowhere;
    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    hy_scenario *scenario = NULL;
    hy_error error = {""};
    if (hy_scenario_parse((const char *)data, size, "fuzz", &scenario, &error) < 0) {
        if (!error.text[0])
            abort();
        return 0;
    }
    if (is_small(scenario)) {
        play(scenario, "simple", nowhere);
        play(scenario, "best-fit:grain=1", nowhere);
    }
    hy_scenario_free(scenario);
    return 0;
}
