/*
 * kam.h - libkam, key account management as a library. Everything a host program needs, in reading order.
 *
 * Writers of a store of their own include kam/spi/storage.h besides; their tests kam/spi/test.h.
 */
#ifndef KAM_H
#define KAM_H
#include <kam/base.h>
#include <kam/block.h>
#include <kam/record.h>
#include <kam/fields.h>
#include <kam/rows.h>
#include <kam/query.h>
#include <kam/book.h>
#include <kam/import.h>
#include <kam/policy.h>
#include <kam/run.h>
#include <kam/account.h>
#include <kam/value.h>
#include <kam/segment.h>
#include <kam/visit.h>
#endif
