/*
 * kam/policy.h - Policies are records of kind POLICY: list and read them by query. They never change; a new version is a new record. Built-in
 * ones are there from the start under their names.
 */
#ifndef KAM_POLICY_H
#define KAM_POLICY_H
#include <kam/book.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** Adds a version as a draft, checked whole; the same content again gives the same id. PARSE POLICY with place. [B, 0.1] */
int32_t kam_policy_add(int64_t *out, kam_book *book, uint32_t kind, const char *json, size_t len, kam_error *err);
/** Puts it in force for [from, to); the actor approves. POLICY: overlaps another version (both are named). [B, 0.1] */
int32_t kam_policy_approve(kam_book *book, int64_t policy, int32_t from, int32_t to, kam_error *err);
/** Takes it out of force from a day on; old results keep it. [B, 0.1] */
int32_t kam_policy_withdraw(kam_book *book, int64_t policy, int32_t from, kam_error *err);
/** Id of the version in force on a day. POLICY: none. [B, 0.1] */
int32_t kam_policy_in_force(int64_t *out, kam_book *book, uint32_t kind, const char *name, int32_t day, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
