/* SPDX-License-Identifier: MIT
 *
 * fuzz_text.c - events as text: what parses must print and parse to the same event, any text can be searched for
 * faults, or read as a table of sizes.
 */
#include "faults.h"
#include "table_file.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *const line = malloc(size + 1);
    if (!line)
        abort();
    memcpy(line, data, size);
    line[size] = '\0';
    hy_event event, back;
    uint32_t site;
    hy_error error;
    if (hy_event_parse(line, &event, &site, &error) == 0) {
        char text[HY_EVENT_LINE];
        hy_event_line(&event, text);
        if (hy_event_parse(text, &back, &site, &error) < 0 || memcmp(&event, &back, sizeof event) != 0)
            abort();
    }
    static hy_faults faults;
    if (size > 0 && hy_faults_find_text(line, size, data[0] & 1, &faults, &error) < 0)
        abort();
    hy_size_table table;
    if (size > 0 && hy_size_table_parse(line, size, "fuzz", UINT64_MAX, &table, &error) == 0)
        hy_size_table_clear(&table);
    free(line);
    return 0;
}
