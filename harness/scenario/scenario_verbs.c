/* SPDX-License-Identifier: MIT
 *
 * scenario_verbs.c - the words that a line of a scenario starts with, and who reads what follows them.
 */
#include "scenario_parser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX ((uint64_t)1 << 40)
#define LENGTH(table) (sizeof(table) / sizeof *(table))

/* ------------------------------------------------------------------------------------------------------- words ---- */

static int read_number(const parser *self, const char *word, uint64_t least, uint64_t most, uint64_t *ret) {
    uint64_t number;
    if (hy_parse_count(word, &number) < 0 && hy_parse_size(word, &number) < 0)
        return parse_fail(self, "\"%.40s\" is no number", word);
    if (number < least || number > most)
        return parse_fail(self, "%.40s is out of range; expected %llu to %llu", word, (unsigned long long)least,
                          (unsigned long long)most);
    *ret = number;
    return 0;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool is_name(const char *word) {
    return strspn(word, LETTERS) > 0 && word[strspn(word, LETTERS "0123456789-_")] == '\0' &&
           strlen(word) < HY_SCENARIO_NAME;
}

static int read_new_name(const parser *self, hy_step *step, const char *word) {
    if (!is_name(word))
        return parse_fail(self, "\"%.40s\" is no name; expected a letter, then letters, digits, - and _, at most %d",
                          word, HY_SCENARIO_NAME - 1);
    strcpy(step->name, word);
    return 0;
}

/* A name that an earlier line allocates. */
static int read_name(const parser *self, hy_step *step, const char *word) {
    const hy_scenario *const scenario = self->scenario;
    for (size_t i = 0; i < scenario->count; i++)
        if ((scenario->steps[i].kind == HY_STEP_ALLOC || scenario->steps[i].kind == HY_STEP_GRANT) &&
            strcmp(scenario->steps[i].name, word) == 0)
            return read_new_name(self, step, word);
    return parse_fail(self, "no line above allocates \"%.40s\"", word);
}

static int read_hole(const parser *self, const char *word, hy_step_hole *ret) {
    char start[64];
    const char *const colon = strchr(word, ':');
    if (!colon || (size_t)(colon - word) >= sizeof start)
        return parse_fail(self, "\"%.40s\" is no hole; expected START:LENGTH", word);
    memcpy(start, word, (size_t)(colon - word));
    start[colon - word] = '\0';
    const int r = read_number(self, start, 0, NUMBER_MAX, &ret->start);
    return r < 0 ? r : read_number(self, colon + 1, 1, NUMBER_MAX, &ret->size);
}

/* ------------------------------------------------------------------------------------------------------- verbs ---- */

static int read_on(const parser *self, char **words, hy_step *step) {
    if (step->condition)
        return parse_fail(self, "\"on\" has no condition");
    step->text = parse_must(strdup(words[0]));
    return 0;
}

static int read_storage(const parser *self, char **words, hy_step *step) {
    return read_number(self, words[0], 32, (uint64_t)1 << 40, &step->number);
}

static int read_unit(const parser *self, char **words, hy_step *step) {
    return read_number(self, words[0], 1, 1 << 30, &step->number);
}

static int read_header(const parser *self, char **words, hy_step *step) {
    return read_number(self, words[0], 0, 4096, &step->number);
}

static int read_case(const parser *self, char **words, hy_step *step) {
    size_t size = 1;
    for (char **word = words; *word; word++)
        size += strlen(*word) + 1;
    if (step->condition)
        return parse_fail(self, "a case has no condition; its lines may have");
    step->text = parse_must(calloc(1, size));
    for (char **word = words; *word; word++)
        strcat(strcat(step->text, word == words ? "" : " "), *word);
    return 0;
}

static int read_alloc(const parser *self, char **words, hy_step *step) {
    step->align = 1;
    int r = read_new_name(self, step, words[0]);
    if (r == 0)
        r = read_number(self, words[1], 0, NUMBER_MAX, &step->number);
    if (r < 0 || !words[2])
        return r;
    if (strcmp(words[2], "align") != 0 || !words[3] || words[4])
        return parse_fail(self, "expected alloc NAME SIZE, or alloc NAME SIZE align BYTES");
    r = read_number(self, words[3], 1, (uint64_t)1 << 30, &step->align);
    if (r == 0 && (step->align & (step->align - 1)) != 0)
        return parse_fail(self, "align %.40s is no power of two", words[3]);
    return r;
}

static int read_realloc(const parser *self, char **words, hy_step *step) {
    const int r = read_name(self, step, words[0]);
    return r < 0 ? r : read_number(self, words[1], 0, NUMBER_MAX, &step->number);
}

static int read_grant(const parser *self, char **words, hy_step *step) {
    int r = read_new_name(self, step, words[0]);
    if (r == 0)
        r = read_number(self, words[1], 1, NUMBER_MAX, &step->number);
    if (r == 0)
        r = read_number(self, words[2], 1, NUMBER_MAX, &step->preferred);
    if (r == 0 && step->preferred < step->number)
        return parse_fail(self, "%.40s is preferred, which is less than the minimum, %.40s", words[2], words[1]);
    return r;
}

static int read_free(const parser *self, char **words, hy_step *step) {
    return read_name(self, step, words[0]);
}

static int read_nothing(const parser *self, char **words, hy_step *step) {
    (void)self, (void)words, (void)step;
    return 0;
}

static int read_map(const parser *self, char **words, hy_step *step) {
    return read_number(self, words[0], 1, 1000, &step->number);
}

static int read_at(const parser *self, char **words, hy_step *step) {
    const int r = read_name(self, step, words[0]);
    return r < 0 ? r : read_number(self, words[2] + (words[2][0] == '+'), 0, NUMBER_MAX, &step->number);
}

static int read_gets(const parser *self, char **words, hy_step *step) {
    const int r = read_name(self, step, words[0]);
    return r < 0 ? r : read_number(self, words[2], 0, NUMBER_MAX, &step->number);
}

static int read_fails(const parser *self, char **words, hy_step *step) {
    step->number = words[2] != NULL;
    if (words[2] && strcmp(words[2], "externally") != 0)
        return parse_fail(self, "expected \"externally\" or nothing, found \"%.40s\"", words[2]);
    return read_name(self, step, words[0]);
}

static int read_holes(const parser *self, char **words, hy_step *step) {
    size_t count = 0;
    while (words[count])
        count++;
    if (count == 1 && strcmp(words[0], "none") == 0)
        return 0;
    step->holes = parse_must(calloc(count, sizeof *step->holes));
    for (; step->hole_count < count; step->hole_count++) {
        const int r = read_hole(self, words[step->hole_count], &step->holes[step->hole_count]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int read_amount(const parser *self, char **words, hy_step *step) {
    return read_number(self, words[0], 0, NUMBER_MAX, &step->number);
}

static int read_expected_map(const parser *self, char **words, hy_step *step) {
    (void)self, (void)words;
    step->text = parse_must(calloc(1, 1));
    return 0;
}

static const verb verbs[] = {
    {"on", HY_STEP_ON, 1, 1, read_on, "on SPEC"},
    {"storage", HY_STEP_STORAGE, 1, 1, read_storage, "storage BYTES"},
    {"unit", HY_STEP_UNIT, 1, 1, read_unit, "unit BYTES"},
    {"header", HY_STEP_HEADER, 1, 1, read_header, "header BYTES"},
    {"case", HY_STEP_CASE, 1, PARSER_WORDS, read_case, "case TITLE"},
    {"alloc", HY_STEP_ALLOC, 2, 4, read_alloc, "alloc NAME SIZE, or alloc NAME SIZE align BYTES"},
    {"realloc", HY_STEP_REALLOC, 2, 2, read_realloc, "realloc NAME SIZE"},
    {"grant", HY_STEP_GRANT, 3, 3, read_grant, "grant NAME MINIMUM PREFERRED"},
    {"free", HY_STEP_FREE, 1, 1, read_free, "free NAME"},
    {"merge", HY_STEP_MERGE, 0, 0, read_nothing, "merge"},
    {"compact", HY_STEP_COMPACT, 0, 0, read_nothing, "compact"},
    {"map", HY_STEP_MAP, 1, 1, read_map, "map WIDTH"},
};

static const verb expectations[] = {
    {"hole", HY_STEP_EXPECT_HOLE, 1, 1, read_holes, "expect hole START:LENGTH"},
    {"holes", HY_STEP_EXPECT_HOLES, 1, PARSER_WORDS, read_holes, "expect holes START:LENGTH …, or expect holes none"},
    {"largest", HY_STEP_EXPECT_LARGEST, 1, 1, read_amount, "expect largest LENGTH"},
    {"free", HY_STEP_EXPECT_FREE, 1, 1, read_amount, "expect free LENGTH"},
    {"waste", HY_STEP_EXPECT_WASTE, 1, 1, read_amount, "expect waste LENGTH"},
    {"moved", HY_STEP_EXPECT_MOVED, 1, 1, read_amount, "expect moved LENGTH"},
    {"map", HY_STEP_EXPECT_MAP, 0, 0, read_expected_map, "expect map, and its rows in the lines below, each after a |"},
};

/* Those that have a block's name before them. */
static const verb block_expectations[] = {
    {"at", HY_STEP_EXPECT_AT, 3, 3, read_at, "expect NAME at +OFFSET"},
    {"gets", HY_STEP_EXPECT_GETS, 3, 3, read_gets, "expect NAME gets LENGTH"},
    {"fails", HY_STEP_EXPECT_FAILS, 2, 3, read_fails, "expect NAME fails, or expect NAME fails externally"},
};

static const verb *find_verb(const verb *table, size_t size, const char *word) {
    for (size_t i = 0; i < size; i++)
        if (strcmp(table[i].word, word) == 0)
            return &table[i];
    return NULL;
}

static int unknown_verb(const parser *self, const char *word) {
    const char *words[LENGTH(verbs) + 2];
    size_t count = 0;
    for (; count < LENGTH(verbs); count++)
        words[count] = verbs[count].word;
    words[count++] = "expect";
    words[count] = NULL;
    const hy_hint hint = hy_did_you_mean(word, strlen(word), words, "docs/scenarios.md lists all");
    return parse_fail(self, "unknown word \"%.40s\"%s", word, hint.text);
}

int parse_verb(const parser *self, char ***words, const verb **ret_verb) {
    char **const at = *words;
    if (strcmp(at[0], "expect") != 0) {
        *words = at + 1;
        *ret_verb = find_verb(verbs, LENGTH(verbs), at[0]);
        return *ret_verb ? 0 : unknown_verb(self, at[0]);
    }
    *ret_verb = at[1] && at[2] ? find_verb(block_expectations, LENGTH(block_expectations), at[2]) : NULL;
    *words = at + 1;
    if (*ret_verb)
        return 0;
    *ret_verb = at[1] ? find_verb(expectations, LENGTH(expectations), at[1]) : NULL;
    *words = at + 2;
    return *ret_verb
               ? 0
               : parse_fail(self,
                            "expected \"expect NAME at\", \"expect NAME fails\", \"expect NAME gets\", or expect hole, "
                            "holes, largest, free, waste, moved or map");
}
