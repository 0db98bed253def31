/* SPDX-License-Identifier: MIT
 *
 * board.c - what the workload and its pager share (see board.h).
 */
#include "board.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

const char *const hy_served_names[HY_SERVED_KINDS] = {"clean", "write-back", "first write", "sample"};

static size_t board_size(bool log) {
    const size_t size = sizeof(hy_board) + (log ? HY_LOG_ROOM * sizeof(hy_page_reference) : 0);
    return (size + HY_PAGE - 1) & ~(HY_PAGE - 1);
}

hy_board *hy_board_open(bool log) {
    void *const at =
        mmap(NULL, board_size(log), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    hy_board *const board = at;
    for (int kind = 0; kind < HY_SERVED_KINDS; kind++)
        hy_histogram_clear(&board->seen[kind]);
    return board;
}

void hy_board_close(hy_board *board, bool log) {
    if (board)
        munmap(board, board_size(log));
}

void hy_paged_full(hy_paged *paged) {
    snprintf(paged->board->said, sizeof paged->board->said,
             "the log of references is full (%zu); give it less memory to work in, or no log", HY_LOG_ROOM);
    _exit(1);
}

void hy_paged_step(hy_paged *paged) {
    char byte = 0;
    if (write(paged->step_fd, &byte, 1) != 1 || read(paged->step_fd, &byte, 1) != 1)
        _exit(1);
}

void hy_paged_count(hy_paged *paged, uint64_t start) {
    hy_board *const board = paged->board;
    hy_histogram_record(&board->seen[__atomic_load_n(&board->kind, __ATOMIC_RELAXED)], hy_ticks() - start);
}
