# SPDX-License-Identifier: MIT
# compile.sh - what both compilers translate.

# compile_with CC CXX: C and C++ to programs, which are run.
compile_with() {
    cat >table.c <<'TEXT'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef struct node { struct node *next; char *text; int count; } node;
static node *table[251];
static unsigned hash(const char *text) { unsigned h = 5381; while (*text) h = h * 33 ^ (unsigned char)*text++; return h; }
void add(const char *text) {
    node **slot = &table[hash(text) % 251];
    for (; *slot; slot = &(*slot)->next)
        if (!strcmp((*slot)->text, text)) { (*slot)->count++; return; }
    *slot = calloc(1, sizeof **slot);
    (*slot)->text = strdup(text);
    (*slot)->count = 1;
}
int sum(void) {
    int all = 0;
    for (int i = 0; i < 251; i++)
        for (node *n = table[i], *next; n; n = next) { next = n->next; all = all * 31 + n->count; free(n->text); free(n); }
    return all;
}
TEXT
    cat >main.c <<'TEXT'
#include <stdio.h>
void add(const char *text);
int sum(void);
int main(void) {
    char text[16];
    for (int i = 0; i < 200000; i++) { snprintf(text, sizeof text, "%d", i * i % 4999); add(text); }
    printf("%d\n", sum());
}
TEXT
    cat >words.cc <<'TEXT'
#include <algorithm>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>
template <typename T> struct alignas(64) wide { T value; };
static std::string work(int n) {
    std::map<std::string, std::vector<int>> words;
    for (int i = 0; i < 20000; i++) words[std::to_string(i * n % 777)].push_back(i);
    std::vector<std::unique_ptr<wide<int>>> aligned;
    for (int i = 0; i < 1000; i++) aligned.push_back(std::make_unique<wide<int>>(wide<int>{i}));
    std::ostringstream text;
    for (auto &[word, list] : words) if (list.size() > 25) text << word << ':' << list.back() % (aligned[n]->value + 1) << ' ';
    try { words.at("none"); } catch (const std::out_of_range &) { text << "thrown"; }
    return text.str();
}
int main() {
    std::vector<std::future<std::string>> all;
    for (int n = 1; n < 7; n++) all.push_back(std::async(std::launch::async, work, n));
    for (auto &one : all) std::cout << std::hash<std::string>{}(one.get()) << '\n';
}
TEXT
    "$1" -O2 -g -Wall -c table.c main.c && "$2" -O2 -g -Wall -std=c++17 -c words.cc &&
        "$1" -o linked-c table.o main.o && "$2" -pthread -o linked-cc words.o && sums . && ./linked-c && ./linked-cc
}
