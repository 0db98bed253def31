// SPDX-License-Identifier: MIT
// asks.c - wants what is in an archive.
int helped(int x);
int opinion(void) {
    return 100;
}
int ask(int x) {
    return helped(x);
}
