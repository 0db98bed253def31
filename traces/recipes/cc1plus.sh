#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# cc1plus.hyt: the C++ compiler proper of `g++ -O1` translates a generated program of templates and containers; the
# traces of g++ itself and of the assembler are thrown away.
. "$(dirname "$0")/common.sh"
need g++ g++

awk 'BEGIN {
    print "#include <algorithm>\n#include <cstdio>\n#include <functional>\n#include <map>\n#include <string>\n#include <vector>\n"
    print "template <int N> struct power { static constexpr long value = 3 * power<N - 1>::value % 1000003; };"
    print "template <> struct power<0> { static constexpr long value = 1; };\n"
    for (i = 0; i < 3; i++) {
        printf "struct part%d { std::string name; double weight; long key[%d]; };\n", i, 1 + i
        printf "static long work%d(int n) {\n    std::vector<part%d> parts;\n    std::map<std::string, std::vector<long>> index;\n", i, i
        printf "    for (int k = 0; k < n; k++) {\n        parts.push_back({\"part \" + std::to_string(k * %d %% 101), k / %d.5, {k}});\n", 7 + i, 1 + i
        printf "        index[parts.back().name].push_back(k + power<%d>::value);\n    }\n", 100 + 50 * i
        printf "    std::sort(parts.begin(), parts.end(), [](const part%d &a, const part%d &b) { return a.weight * %d > b.weight; });\n", i, i, i + 1
        printf "    std::function<long(long)> fold = [&](long sum) {\n        for (const auto &entry : index)\n            for (long key : entry.second) sum = sum * 31 + key;\n"
        printf "        return sum;\n    };\n    return fold(static_cast<long>(parts.size()));\n}\n\n"
    }
    print "int main() {\n    long sum = 0;"
    for (i = 0; i < 3; i++)
        printf "    sum += work%d(%d);\n", i, 10 + i
    print "    std::printf(\"%ld\\n\", sum);\n    return 0;\n}" }' >work.cc
made
"$HEAPYARD" record --follow-children -o all.hyt -- g++ -O1 -c work.cc
for trace in all.hyt.*; do
    if "$HEAPYARD" info "$trace" | grep -q '^command .*/cc1plus '; then mv "$trace" "$OUT/cc1plus.hyt"; fi
done
