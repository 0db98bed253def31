/* SPDX-License-Identifier: MIT
 *
 * csv.c - see csv.h.
 */
#include "csv.h"

#include <errno.h>
#include <string.h>

/* The next field without the blanks around it, terminated in place; NULL after the last. */
static char *next_field(char **line) {
    char *const start = *line;
    if (!start)
        return NULL;
    char *const comma = strchr(start, ',');
    *line = comma ? comma + 1 : NULL;
    char *end = comma ? comma : start + strlen(start);
    while (end > start && strchr(" \t", end[-1]))
        end--;
    *end = '\0';
    return start + strspn(start, " \t");
}

bool hy_csv_has(const char *line, const char *name) {
    const size_t size = strlen(name);
    for (const char *at = line; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        at += strspn(at, " \t");
        if (strncmp(at, name, size) == 0 && strchr(", \t", at[size]))
            return true;
    }
    return false;
}

int hy_csv_begin(hy_csv *csv, char *line, const char *const *names, hy_error *error) {
    size_t count = 0;
    for (const char *field; (field = next_field(&line)); count++) {
        if (count == HY_CSV_COLUMNS)
            return hy_fail(error, -EINVAL, "more than %u columns", HY_CSV_COLUMNS);
        csv->column[count] = -1;
        for (int i = 0; names[i]; i++)
            if (strcmp(field, names[i]) == 0)
                csv->column[count] = i;
        for (size_t k = 0; k < count; k++)
            if (csv->column[count] >= 0 && csv->column[k] == csv->column[count])
                return hy_fail(error, -EINVAL, "two columns \"%s\"", field);
    }
    csv->count = count;
    return 0;
}

int hy_csv_row(const hy_csv *csv, char *line, const char **ret_fields, size_t names, hy_error *error) {
    size_t count = 0;
    for (size_t i = 0; i < names; i++)
        ret_fields[i] = "";
    for (const char *field; (field = next_field(&line)); count++)
        if (count < csv->count && csv->column[count] >= 0)
            ret_fields[csv->column[count]] = field;
    if (count != csv->count)
        return hy_fail(error, -EINVAL, "%zu fields; the first line names %zu columns", count, csv->count);
    return 0;
}
