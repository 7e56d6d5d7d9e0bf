/**
 * @file kam/visit.h
 * @brief Visits: who is due, who sees whom when, and what a held visit entails.
 *
 * How often an account of which grade is to be contacted says a cadence, which is a policy; a rule of it may be for some
 * accounts only, by "when", a condition in CEL over ATTRIBUTES (`"when": "revenue_12m > 100000"`, as in kam/segment.h):
 * it is for those of which it is true, and a plan lists as problems of which it cannot be told. Where not everybody fits
 * in, a plan takes the best grade first; a cadence's `"priority": ["p_alive < 0.5 && clv_12m > 50000", ...]`, up to 16
 * such conditions, says who goes before the grades, the first condition that is true. A rule with `"must": true` (or
 * CADENCE_OVERRIDE.MUST for one account) must be kept: it is planned before everything else, and where it cannot be the plan
 * lists the PROBLEM MUST_SEE, an error. A cadence's `"weights": {"A": 3, "B": 1.5}` (1 where none is said) weigh the grades in
 * the overdue score, weight * (today - last contact) / gap, which is the weight on the due day and twice that a gap
 * later (what was never done counts from its due day on); with weights, overdue contacts are planned by this score.
 *
 * A call may stand in for a missed visit: `"substitute": 0.5` of a rule is its weight (contacts that weigh 1 together
 * replace one missed visit), "substitute_channel" another channel than CALL, "substitute_most" how many missed visits in a row
 * (1). Said of the whole cadence, "substitute" is for the visits of all grades but the first, which nothing replaces unless its
 * own rule says so; `"substitute_most": {"B": 2, "C": 0}` caps the rules of a grade. Without any nothing is replaced.
 *
 * Holidays are CALENDAR_DAY
 * records, absences ABSENCE records, visits and calls ACTIVITY records. From these follows who is due on a day, and a
 * visit that was held gets its follow-up within a week. A plan is the question (a window, people), its run the answer:
 * a dated list of visits and calls for each representative. Applied entries are planned ACTIVITY records. Planning
 * again is the same call: what was held or locked or is near stays, the rest moves only if it pays.
 *
 * @code
 * int32_t print_due(kam_book *book, kam_error *err)
 * {
 *     kam_rows *due = NULL;
 *     const kam_record *r = NULL;
 *     int32_t rc = kam_visit_due(&due, book, NULL, 0, KAM_TODAY, err);
 *     while (rc == KAM_OK && (rc = kam_rows_next(&r, due, err)) == KAM_OK && r)
 *         printf("%s: %s since %s\n", kam_record_text(r, KAM_DUE_NAME, ""),
 *                kam_record_text(r, KAM_DUE_CHANNEL, ""), kam_record_text(r, KAM_DUE_DAY, ""));
 *     kam_rows_free(due);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_VISIT_H
#define KAM_VISIT_H
#include <kam/run.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** The question of a visit plan: window, people, cadence. */
typedef struct kam_visit_plan kam_visit_plan;

/** Flags of kam_visit_attainment(). */
enum {
    KAM_ATTAIN_VERIFIED = 1             /**< Visits without a verified check-in are not done (R178). */
};

/**
 * Tells the way between two accounts, there as back; asked once for each pair of accounts of a representative.
 * @param user          kam_visit_plan_options.travel_user.
 * @param from          An account's id; 0 = the representative's home.
 * @param to            An account's id.
 * @param[out] metres   Length of the way.
 * @param[out] seconds  How long it takes; left alone: by its length and `speed`.
 * @return KAM_OK, or a code that ends the planning.
 */
typedef int32_t (*kam_visit_travel_fn)(void *user, int64_t from, int64_t to, int64_t *metres, int64_t *seconds);

/** What to plan. Zero all bytes, set struct_size. */
typedef struct kam_visit_plan_options {
    uint32_t struct_size;               /**< sizeof(kam_visit_plan_options). */
    uint32_t flags;                     /**< 0. */
    int32_t from;                       /**< First day; 0 = the day after `as_of` of the run. What lies before `as_of` is over. */
    int32_t days;                       /**< Calendar days, 1 to 366; 0 = 28. */
    int32_t frozen_days;                /**< Planned activities of that many first days stay as they are; 0 = none. */
    uint32_t nrepresentative;           /**< How many in `representative`; 0 = all that are active. */
    const int64_t *representative;      /**< Their ids; copied. */
    const char *cadence;                /**< Name of the CADENCE policy, NUL-ended; NULL = "standard". */
    int32_t visits_a_day;               /**< Visits a day of a representative without an own capacity; to 200; 0 = 8. */
    int32_t calls_a_day;                /**< Calls a day of each representative; to 10000; 0 = 20. */
    uint64_t seed;                      /**< Same input, seed and iterations: the same plan; 0 = 1. */
    uint64_t iterations;                /**< Of the routing engine, for each search of a representative; 0 = by size. */
    int32_t day_begin;                  /**< Minute of the day work begins, for a representative without own hours. */
    int32_t day_end;                    /**< Minute it ends; 0 = hours are not looked at, only the number of visits. */
    int32_t driving_a_day;              /**< Minutes on the way a day; 0 = any. Only with hours. */
    int32_t visit_minutes;              /**< Of a visit whose rule and activity say none; 0 = 60. Only with hours. */
    int32_t speed;                      /**< km/h of the ways; 0 = 50. Only with hours. */
    int32_t detour;                     /**< Ways in thousandths of the straight line, 1000 to 5000; 0 = 1000. */
    kam_visit_travel_fn travel;         /**< Instead of straight lines; NULL = none. */
    void *travel_user;                  /**< Given to it. */
    int32_t pause_begin;                /**< Minute a break begins, for a representative without an own one. Only with hours. */
    int32_t pause_end;                  /**< Minute it ends; 0 = there is none. */
    int32_t move_metres;                /**< What is planned moves only if that saves so much way; 0 = 50000. With hours never. */
} kam_visit_plan_options;

/**
 * Sets up a plan.
 * @param[out] out      The plan; end it with kam_visit_plan_free(). Its runs live on.
 * @param[in] book      The book; held.
 * @param[in] options   Copied; NULL = all defaults.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, a figure out of its range, the same representative twice); KAM_E_UNSUPPORTED
 *         (options of a newer version); KAM_E_NOT_FOUND (no such representative); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_plan_new(kam_visit_plan **out, kam_book *book, const kam_visit_plan_options *options,
                           kam_error *err);
/**
 * Ends a plan.
 * @param[in] plan  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_visit_plan_free(kam_visit_plan *plan);
/**
 * Plans on the book as it is; look at it, then kam_run_apply().
 *
 * Four lists: PLAN_ENTRY, by representative, day, channel and order, is the plan; UNPLANNED what does not fit, with
 * the limit that binds; PLAN_CHANGE (kept, moved, added, cancelled) compares it with the planned activities of the
 * window; PROBLEM tells what is wrong with the data (accounts without usable coordinates, which are visited but not
 * routed; representatives who have nobody to see). Locked activities and those of the frozen days never move, nor
 * does what the host planned by itself (cause other than cadence and follow-up). Visits are grouped so that days stay
 * in one area and ordered along the way, from the representative's home if it is known, else from the first stop
 * (distance 0); calls are spread over the days. A due day is a deadline: a visit may come in the last quarter of its
 * gap, a call within its block of weeks; a first contact that is overdue may be on any day of the window. What is
 * planned between as_of and the window counts as a contact. Contacts of the cadence's first grade that fall due while
 * their owner is absent are planned for the substitute, on days of that absence (the first one in the window that names
 * one, R182). Other channels than visits share the room for calls. A visit that somebody goes along to (COMPANION) stays as it
 * is and takes room on the days of both; agree on its START. A new visit leaves time to prepare it ("prepare" of its rule, in
 * working days from `as_of`), as far as its due day does.
 *
 * What if there were another representative, another cadence? Try it in a transaction (kam_book_begin()), plan, and
 * roll it back: a run says in its STATISTICS how many visits, how far, how many not planned.
 *
 * With hours (day_end) a day has room for what fits into it: ways, visits of their length ("minutes" of the cadence's rule,
 * DURATION of a planned activity), openings of the account (OPENING records; busy hours are kept free of visits, R116), the
 * representative's own DAY_BEGIN and DAY_END, driving, a break (PAUSE_BEGIN, PAUSE_END), in which no visit lies. The day
 * begins at home and ends with the last visit; half days have half the hours; visits that stay keep their START, break or
 * not. Entries then tell when they begin, and applying writes it as START. What finds no place is not planned, with the code
 * HOURS; the best grades are left out last.
 *
 * The code of what is not planned is the limit that binds, told when the plan is complete: RANK, NO_OWNER, INACTIVE; that no
 * day is left (NO_WORKING_DAY, ABSENCE; GAP: the rule's least gap forbids the only days that would do; LOCKS: what is agreed on
 * behind it does); that days are full (LOCKS: what never moves takes all their room or hours by itself; CAPACITY, HOURS:
 * with what is more important). RELAX_DAY, RELAX_METRES and RELAX_MINUTES are what giving up that limit would cost: one more visit,
 * minutes after the end of the day, a day within the gap, a day of the absence. Two activities of one person that never
 * move and overlap by START and DURATION are the PROBLEM LOCKS_CLASH.
 *
 * Openings with FIRST and LAST count on those days only: CLOSED all day are days the account is closed, OPEN stand in place of
 * its usual hours. They are told by the account's clocks (ACCOUNT.ZONE, by the context's zone callback; a zone it does not
 * know is the PROBLEM UNKNOWN_ZONE), all other hours by those of the book.
 * Applying writes planned ACTIVITY records and cancels or moves those that changed, in one transaction. kam_run_why()
 * tells of an account or an entry why that day, that representative, that order.
 * @param[out] out     The run; end it with kam_run_free().
 * @param[in] plan     The plan.
 * @param[in] as_of    The day the book is seen from, of the years 1 to 9999; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no such day, all days of the plan lie before `as_of`); KAM_E_POLICY (no such
 *         cadence is in force, or its scheme's grades are not ranked: R39); KAM_E_CANCELLED; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_plan_run(kam_run **out, kam_visit_plan *plan, int32_t as_of, kam_error *err);
/**
 * Which days of a plan's window suit one more visit to an account best, made by its owner: the days that are possible,
 * with what the visit would add to each. What is planned stays where it is, the account's own visits of the window that
 * are not locked are left out of the picture. With hours (day_end) only days are told on which the hours leave room.
 * @param[out] out     SLOT rows, the least way first, then by day; end them with kam_rows_free().
 * @param[in] plan     The window, hours and capacities; for whom it was made does not matter.
 * @param[in] account  The account.
 * @param[in] as_of    As in kam_visit_plan_run().
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no coordinates, no owner who may visit it); KAM_E_NOT_FOUND (no such account on that
 *         day); else as kam_visit_plan_run().
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_slots(kam_rows **out, kam_visit_plan *plan, int64_t account, int32_t as_of, kam_error *err);
/**
 * The visits planned for one representative on one day, in the best order as they are now: after a cancellation, or
 * when somebody was put in. Quick, for it reads that day only; nothing is stored, nobody moves to another day. With hours
 * it tells when each begins; LOCKED visits keep their START.
 * @param[out] out            PLAN_ENTRY rows in order (account, day, representative, activity, order, channel, name, cause,
 *         locked, distance, capacity, begin); end them with kam_rows_free().
 * @param[in] plan            Its hours and ways.
 * @param[in] representative  Who makes the visits.
 * @param[in] day             The day; #KAM_TODAY.
 * @param[in,out] err         May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no such day, no id); KAM_E_NOT_FOUND (no such representative); or a code of any call
 *         on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_day(kam_rows **out, kam_visit_plan *plan, int64_t representative, int32_t day, kam_error *err);
/**
 * Accounts that had better change hands, so that everybody's lie near and nobody has more to do than an eighth above
 * the mean, by visits a year as the cadence asks for them. Also: what one representative more would take over. A suggestion:
 * nothing is stored, only accounts with coordinates are looked at.
 * @param[out] out     ALIGNMENT rows by owner of now and account; end them with kam_rows_free().
 * @param[in] plan     The cadence, and for whom (none named: all active representatives).
 * @param[in] extra    New representatives to suppose; 0 to 1000.
 * @param[in] as_of    As in kam_visit_plan_run().
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, extra out of its range); else as kam_visit_plan_run().
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_alignment(kam_rows **out, kam_visit_plan *plan, int32_t extra, int32_t as_of, kam_error *err);
/**
 * Cities for a tour (R122): those of the book's CITY records and of the accounts, the best first by the sum of four points:
 * industrial base, low barriers to entry, existing relations, location. Where a CITY says nothing of relations they are ten
 * times the share of its accounts that were contacted before.
 * @param[out] out            CITY_RANK rows by points, visits due, name; end them with kam_rows_free().
 * @param[in] plan            Window and cadence: which visits are due.
 * @param[in] representative  Only accounts this one owns; 0 = all.
 * @param[in] as_of           As in kam_visit_plan_run().
 * @param[in,out] err         May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, a negative id); else as kam_visit_plan_run().
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_cities(kam_rows **out, kam_visit_plan *plan, int64_t representative, int32_t as_of, kam_error *err);
/**
 * A tour of several days (R122): the accounts in an order with a short way, those of a region and in it of a city behind one
 * another, cut into working days of the plan's window by the visits a day and, with hours, by how long ways and visits take. The second
 * day begins where the first one ended. Opening hours are not looked at; kam_visit_check() does that.
 * @param[out] out            PLAN_ENTRY rows in order (account, day, representative, order, channel, name, distance, begin,
 *         reason: the city); end them with kam_rows_free().
 * @param[in] plan            Window, hours, capacity.
 * @param[in] representative  Who travels.
 * @param[in] account         Ids of accounts, each once.
 * @param[in] n               How many; 1 to 500.
 * @param[in] as_of           As in kam_visit_plan_run().
 * @param[in,out] err         May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no account, an account twice or without coordinates); KAM_E_NOT_FOUND (no such
 *         account or representative); KAM_E_LIMIT (the window is too short); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_tour(kam_rows **out, kam_visit_plan *plan, int64_t representative, const int64_t *account, size_t n,
                       int32_t as_of, kam_error *err);
/**
 * Plans greetings for a holiday of the calendar (R152): an activity with cause FESTIVAL for each account that has none for
 * that day yet, due on the working day some days before it. kam_visit_tasks() lists them.
 * @param[out] planned        How many were planned; may be NULL.
 * @param[in] book            The book.
 * @param[in] holiday         A CALENDAR_DAY of the book.
 * @param[in] before          Days before it, 0 to 60.
 * @param[in] channel         KAM_CHANNEL_LETTER, _CALL, _VISIT or another one.
 * @param[in] representative  Who makes them, the secretary; 0 = each account's owner.
 * @param[in] account         Ids of accounts.
 * @param[in] n               How many.
 * @param[in,out] err         May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, a figure out of its range); KAM_E_NOT_FOUND (that day is no holiday of the calendar);
 *         else as kam_book_save().
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_festival(int64_t *planned, kam_book *book, int32_t holiday, int32_t before, int32_t channel,
                           int64_t representative, const int64_t *account, size_t n, kam_error *err);
/**
 * Who is due or overdue on a day: contacts the cadence asks for, and follow-ups still open. A due day nobody works on
 * moves to the working day before it. What the day sees is activities held up to it and facts in force on it;
 * disqualified accounts are never due. Contacts of the cadence's first grade whose owner is absent on the day are their
 * substitute's (ABSENCE.substitute, R182); they stand on the lists of both.
 * @param[out] out            DUE rows, most overdue first, then by due day, account and rule; end them with
 *         kam_rows_free().
 * @param[in] book            The book.
 * @param[in] cadence         Name of the CADENCE policy, NUL-ended; NULL = "standard".
 * @param[in] representative  Only those of this representative: the account's owner on the day, of a follow-up who is
 *         to make it; 0 = all.
 * @param[in] as_of           The day, of the years 1 to 9999; #KAM_TODAY.
 * @param[in,out] err         May be NULL.
 * @return KAM_OK; KAM_E_INVAL (no such day, a negative id); KAM_E_POLICY (no such cadence is in force);
 *         KAM_E_CANCELLED; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_due(kam_rows **out, kam_book *book, const char *cadence, int64_t representative, int32_t as_of,
                      kam_error *err);
/**
 * Saves an ACTIVITY as held and plans its follow-up, both or neither. An outbound visit gets one call within 7 days, on
 * a working day, unless it is a follow-up itself or has one already; an open one moves along when the visit's day is
 * corrected.
 * @param[out] followup     Id of the ACTIVITY that was planned; 0 = none was.
 * @param[in] book          The book.
 * @param[in,out] activity  The record, saved as by kam_book_save() with status HELD; unchanged on failure. A visit
 *         needs day, place, main points, the customer's opinion and the next advice; a follow-up needs the opinion.
 * @param[in,out] err       May be NULL; tells the field.
 * @return KAM_OK; KAM_E_INVAL (no ACTIVITY, a field is missing, a follow-up that is neither call nor visit); else as
 *         kam_book_save().
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_held(int64_t *followup, kam_book *book, kam_record *activity, kam_error *err);
/**
 * What is to be said against an activity that is planned: look before you save. A plan's PROBLEM list says the same of
 * the planned contacts it finds. Codes: NO_DECIDER (nobody with the power to decide is met: a warning, an error for a
 * distributor, R27), RANK_TOO_LOW (an error, R110: "min_rank" of the cadence's visit rule, "key_rank" for key accounts),
 * NO_PURPOSE (an error, R114), BUSY_HOURS, OUTSIDE_HOURS and NOT_LIKED_HOURS (there are PREFERRED openings, it lies in none of
 * them; warnings, R116), CLOSED_HOURS (an error), TOO_SOON (a
 * warning, R124b: the "min" gap of the rule). Only this call says, as warnings, FIRST_CHANNEL (a first contact by another
 * way than letter, phone, e-mail or visit) and NO_REPLY_ASKED (a first letter without REPLY_REQUESTED, R115), and
 * NOT_PREFERRED (another channel than the contact prefers, R150). The text says error or warning first.
 * @param[out] out      PROBLEM rows, none if all is well; end them with kam_rows_free().
 * @param[in] book      The book.
 * @param[in] activity  An ACTIVITY record, saved or not.
 * @param[in] cadence   Name of the CADENCE policy, NUL-ended; NULL = "standard".
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no ACTIVITY); KAM_E_POLICY (no such cadence is in force); or a code of any call on
 *         a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_check(kam_rows **out, kam_book *book, const kam_record *activity, const char *cadence,
                        kam_error *err);
/**
 * What is owed beside the cadence, as it follows from the activities: nothing is stored, nothing can be forgotten.
 *
 * Rule "proposal": due 3 days after the first visit to a prospect, until an activity with cause PROPOSAL is held (R105).
 * "invitation": a letter a week before a planned inbound visit; "thanks": a letter within 3 days after an outbound visit
 * of the last 30 days; both until an activity with cause INVITATION or THANKS that `follows` the visit is held (R121);
 * "preparation": so many working days before a planned visit as "prepare" of the visit's rule in the cadence "standard" says,
 * until an activity with cause PREPARATION follows it; `activity` is the visit. "callback", "festival": planned activities with that cause (R151, R152). "inactive-7",
 * "inactive-15", "inactive-30": nobody has spoken to the account for so many days.
 * @param[out] out            DUE rows, most overdue first; what is not yet due has overdue 0. End with kam_rows_free().
 * @param[in] book            The book.
 * @param[in] representative  Only those of this representative: who made or makes the activity, else the account's
 *         owner; 0 = all.
 * @param[in] as_of           The day, of the years 1 to 9999; #KAM_TODAY.
 * @param[in,out] err         May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no such day, a negative id); KAM_E_CANCELLED; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_tasks(kam_rows **out, kam_book *book, int64_t representative, int32_t as_of, kam_error *err);
/**
 * Representatives whose visit plan nobody has reviewed for some days (R158). A review is the field PLAN_REVIEWED of the
 * REPRESENTATIVE, saved by whoever reviewed.
 * @param[out] out     DUE rows with representative, last (the review before), day and overdue; rule "plan-review".
 * @param[in] book     The book.
 * @param[in] days     A review is due so many days after the last one; 1 to 3660.
 * @param[in] as_of    The day, of the years 1 to 9999; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, a figure out of its range); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_reviews(kam_rows **out, kam_book *book, int32_t days, int32_t as_of, kam_error *err);
/**
 * The ISO week of a day and the one after it (R120): what was held, what was missed, what is open, what is planned next
 * and what the cadence wants by the end of the next week.
 * @param[out] out            TIMELINE rows by kind ("held", "missed", "open", "next", "due"), day and record; record is
 *         the activity's id, of "due" the account's; end them with kam_rows_free().
 * @param[in] book            The book.
 * @param[in] cadence         Name of the CADENCE policy, NUL-ended; NULL = "standard".
 * @param[in] representative  Only those of this representative; 0 = all.
 * @param[in] as_of           The day, of the years 1 to 9999; #KAM_TODAY.
 * @param[in,out] err         May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no such day, a negative id); KAM_E_POLICY (no such cadence is in force); or a code
 *         of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_week(kam_rows **out, kam_book *book, const char *cadence, int64_t representative, int32_t as_of,
                       kam_error *err);
/**
 * What became of the plan: per group and channel how many contacts were planned, done, missed, and remain. Planned are
 * activities that stand planned or were before they were held; done those held up to `as_of`, planned or not; missed
 * those still planned although their day is over; remaining = max(0, planned - done). Inbound visits are not counted.
 * @param[out] out     ATTAINMENT rows by record (grades: in the order they were met) and channel.
 * @param[in] book     The book.
 * @param[in] by       KAM_ATTAINMENT_BY_ACCOUNT, _GRADE (of the standard cadence's scheme), _REPRESENTATIVE, _TERRITORY.
 * @param[in] from     First day of the window.
 * @param[in] to       The day after its last one.
 * @param[in] flags    0 or #KAM_ATTAIN_VERIFIED.
 * @param[in] as_of    The day the book is seen from, of the years 1 to 9999; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no such group, flag or window); KAM_E_CANCELLED; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_attainment(kam_rows **out, kam_book *book, int32_t by, int32_t from, int32_t to, uint32_t flags,
                             int32_t as_of, kam_error *err);
/**
 * Checks in to a visit (R178): stores time, coordinates, the planned day and the distance to the account, in metres. A
 * visit farther than 500 m away, or whose distance cannot be measured (no usable coordinates, or the account's are of
 * another system), is unverified.
 * @param[in] book          The book.
 * @param[in,out] activity  An ACTIVITY with channel VISIT, saved as by kam_book_save(); unchanged on failure.
 * @param[in] at            When, ms since 1970-01-01 UTC.
 * @param[in] latitude      Degrees * 10^6; both 0: none.
 * @param[in] longitude     Degrees * 10^6.
 * @param[in] system        KAM_COORD_SYSTEM_WGS84 or KAM_COORD_SYSTEM_GCJ02; an account that names none has WGS-84.
 * @param[in,out] err       May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL, no visit, no such system); else as kam_book_save().
 * @threads B
 * @since 0.1
 */
int32_t kam_visit_checkin(kam_book *book, kam_record *activity, int64_t at, int32_t latitude, int32_t longitude,
                          int32_t system, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
