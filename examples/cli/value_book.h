/*
 * value_book.h - `kam value`, `kam clv` and `kam cluster` when their argument is a book (cmd_value_book.c).
 */
#ifndef KAM_CLI_VALUE_BOOK_H
#define KAM_CLI_VALUE_BOOK_H
#include "cli.h"

/** 1: the arguments are of a book: no column is named, and what is named is no .csv nor "-". */
int value_over_book(int argc, char **argv);
int value_book(cli *c, int argc, char **argv);
int clv_book(cli *c, int argc, char **argv);
int cluster_book(cli *c, int argc, char **argv);

#endif
