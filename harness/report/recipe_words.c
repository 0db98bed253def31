/* SPDX-License-Identifier: MIT
 *
 * recipe_words.c - see recipe_words.h.
 */
#include "recipe_words.h"

#include "shell_words.h"

#include <stdlib.h>
#include <string.h>

void recipe_words_add(recipe_words *list, const char *text) {
    list->word = realloc(list->word, (list->count + 2) * sizeof *list->word);
    if (!list->word || !(list->word[list->count] = strdup(text)))
        abort();
    list->word[++list->count] = NULL;
}

recipe_words recipe_words_start(const char *command) {
    recipe_words list = {.count = 0};
    recipe_words_add(&list, "heapyard");
    recipe_words_add(&list, command);
    return list;
}

void recipe_words_free(char **word) {
    for (size_t i = 0; word && word[i]; i++)
        free(word[i]);
    free(word);
}

bool recipe_words_options(recipe_words *list, const char *command, const char *const *options) {
    const size_t before = list->count;
    size_t count = 0;
    char **const typed = hy_shell_split(command, &count);
    for (size_t i = 0; typed && i < count && strcmp(typed[i], "--") != 0; i++) /* what follows is a program's */
        for (size_t k = 0; options[k]; k++) {
            const size_t size = strcspn(options[k], "=");
            if (strncmp(typed[i], options[k], size) != 0 || (typed[i][size] && typed[i][size] != '='))
                continue;
            recipe_words_add(list, typed[i]);
            if (typed[i][size] == '\0' && options[k][size] != '=' && i + 1 < count)
                recipe_words_add(list, typed[i + 1]);
        }
    free(typed);
    return list->count > before;
}
