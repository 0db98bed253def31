/* SPDX-License-Identifier: MIT
 *
 * scenario_parse.c - the text of a scenario (see docs/scenarios.md).
 *
 *  1. A line is cut into words at blanks; a word that starts with # ends it.
 *  2. `[condition]` may stand in front; it is kept as text and judged when the scenario is played.
 *  3. The first word, after `expect` the second, chooses a row of a table: how many words follow, and who reads them.
 *  4. A line that starts with | is one more row of the map that is expected.
 */
#include "scenario_parser.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int parse_fail(const parser *self, const char *format, ...) {
    char sentence[400];
    va_list list;
    va_start(list, format);
    vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    return hy_fail(self->error, -EINVAL, "%.100s:%u: %s", self->file, self->line, sentence);
}

void *parse_must(void *memory) {
    if (!memory)
        abort();
    return memory;
}

/* ------------------------------------------------------------------------------------------------------- lines ---- */

static hy_step *push_step(parser *self) {
    hy_scenario *const scenario = self->scenario;
    if (scenario->count == self->room) {
        self->room = self->room ? 2 * self->room : 64;
        scenario->steps = parse_must(realloc(scenario->steps, self->room * sizeof *scenario->steps));
    }
    hy_step *const step = &scenario->steps[scenario->count];
    *step = (hy_step){.line = self->line};
    return step;
}

static void free_step(hy_step *step) {
    free(step->condition);
    free(step->text);
    free(step->holes);
}

/* One more row of the map above. */
static int parse_row(const parser *self) {
    hy_scenario *const scenario = self->scenario;
    hy_step *const step = scenario->count ? &scenario->steps[scenario->count - 1] : NULL;
    if (!step || step->kind != HY_STEP_EXPECT_MAP)
        return parse_fail(self, "a row of a map, but the line above is no \"expect map\"");
    if (self->count != 2 || strcmp(self->words[0], "|") != 0)
        return parse_fail(self, "expected | and one word");
    const size_t width = strlen(self->words[1]), has = strlen(step->text);
    if (has > 0 && width != step->number)
        return parse_fail(self, "a row of %zu, but the one above has %llu", width, (unsigned long long)step->number);
    step->number = width;
    step->text = parse_must(realloc(step->text, has + width + 1));
    strcpy(step->text + has, self->words[1]);
    return 0;
}

/* Something that is not a setting was read. */
static bool has_begun(const hy_scenario *scenario) {
    return scenario->count > 0 && scenario->steps[scenario->count - 1].kind > HY_STEP_HEADER;
}

static int parse_step(parser *self, char **words, hy_step *step) {
    const verb *chosen = NULL;
    int r = parse_verb(self, &words, &chosen);
    if (r < 0)
        return r;
    size_t count = 0;
    while (words[count])
        count++;
    if (count < chosen->least || count > chosen->most)
        return parse_fail(self, "expected %s", chosen->usage);
    step->kind = chosen->kind;
    if (step->kind <= HY_STEP_HEADER && has_begun(self->scenario))
        return parse_fail(self, "%s is a setting; expected it above the first request and case", chosen->word);
    return chosen->read(self, words, step);
}

/* The words of a condition, from "[" to "]", become one text.  How many words it took; or -EINVAL. */
static int parse_condition(const parser *self, hy_step *step) {
    size_t last = 0, size = 1;
    if (self->words[0][0] != '[')
        return 0;
    for (; last < self->count; last++) {
        size += strlen(self->words[last]) + 1;
        if (strchr(self->words[last], ']'))
            break;
    }
    if (last == self->count)
        return parse_fail(self, "a condition without its ]");
    step->condition = parse_must(calloc(1, size));
    for (size_t i = 0; i <= last; i++)
        strcat(strcat(step->condition, i ? " " : ""), self->words[i]);
    const size_t length = strlen(step->condition);
    memmove(step->condition, step->condition + 1, length);
    if (step->condition[length - 2] != ']' || strcspn(step->condition, "[]") != length - 2)
        return parse_fail(self, "expected blanks around a condition");
    step->condition[length - 2] = '\0';
    const hy_scenario *const scenario = self->scenario;
    if (strcmp(step->condition, "else") == 0 &&
        (scenario->count == 0 || !scenario->steps[scenario->count - 1].condition))
        return parse_fail(self, "[else] without a condition in the line above");
    hy_error why;
    if (hy_condition_check(step->condition, &why) < 0)
        return parse_fail(self, "%s", why.text);
    return (int)last + 1;
}

static int parse_words(parser *self) {
    if (self->words[0][0] == '|')
        return parse_row(self);
    hy_step *const step = push_step(self);
    int r = parse_condition(self, step);
    if (r >= 0 && (size_t)r == self->count)
        r = parse_fail(self, "nothing stands behind the condition");
    if (r >= 0)
        r = parse_step(self, self->words + r, step);
    if (r < 0)
        free_step(step);
    else
        self->scenario->count++;
    return r < 0 ? r : 0;
}

/* Cuts the line into words, in place. */
static int parse_line(parser *self, char *line) {
    for (const char *at = line; *at; at++)
        if ((unsigned char)*at < ' ' && *at != '\t' && *at != '\r')
            return parse_fail(self, "a control character (0x%02x); expected text", (unsigned char)*at);
    char *rest = NULL;
    self->count = 0;
    for (char *word = strtok_r(line, " \t\r", &rest); word && word[0] != '#'; word = strtok_r(NULL, " \t\r", &rest)) {
        if (self->count == PARSER_WORDS)
            return parse_fail(self, "more than %d words", PARSER_WORDS);
        self->words[self->count++] = word;
    }
    self->words[self->count] = NULL;
    return self->count ? parse_words(self) : 0;
}

static int parse_lines(parser *self, char *text, size_t size) {
    char *const end = text + size;
    int r = 0;
    for (char *line = text; r == 0 && line < end;) {
        char *const newline = memchr(line, '\n', (size_t)(end - line));
        char *const line_end = newline ? newline : end;
        self->line++;
        if (memchr(line, '\0', (size_t)(line_end - line)))
            return parse_fail(self, "a zero byte; expected text");
        *line_end = '\0';
        r = parse_line(self, line);
        line = line_end + 1;
    }
    return r;
}

/* What can only be told when all lines are read. */
static int parse_end(parser *self) {
    if (self->scenario->count == 0)
        return hy_fail(self->error, -EINVAL, "%.100s: nothing is in it; expected a scenario, see docs/scenarios.md",
                       self->file);
    for (size_t i = 0; i < self->scenario->count; i++) {
        const hy_step *const step = &self->scenario->steps[i];
        self->line = step->line;
        if (step->kind == HY_STEP_EXPECT_MAP && step->number == 0)
            return parse_fail(self, "a map without rows; expected them in the lines below, each after a |");
    }
    return 0;
}

int hy_scenario_parse(const char *text, size_t size, const char *name, hy_scenario **ret, hy_error *error) {
    if (size > HY_SCENARIO_SIZE)
        return hy_fail(error, -EFBIG, "%.100s: larger than %zu bytes; this is no scenario", name, HY_SCENARIO_SIZE);
    char *const copy = parse_must(calloc(1, size + 1));
    if (size > 0)
        memcpy(copy, text, size);
    parser self = {.file = name, .scenario = parse_must(calloc(1, sizeof(hy_scenario))), .error = error};
    self.scenario->name = parse_must(strdup(name));
    int r = parse_lines(&self, copy, size);
    free(copy);
    if (r == 0)
        r = parse_end(&self);
    if (r < 0)
        hy_scenario_free(self.scenario);
    else
        *ret = self.scenario;
    return r;
}

void hy_scenario_free(hy_scenario *scenario) {
    for (size_t i = 0; i < scenario->count; i++)
        free_step(&scenario->steps[i]);
    free(scenario->steps);
    free(scenario->name);
    free(scenario);
}

const char *hy_scenario_spec(const hy_scenario *scenario, size_t n) {
    for (size_t i = 0; i < scenario->count; i++)
        if (scenario->steps[i].kind == HY_STEP_ON && n-- == 0)
            return scenario->steps[i].text;
    return NULL;
}
