/**
 * @file kam/market.h
 * @brief Market segments: the work sheet that finds them, the four tests they must pass, and their cards.
 *
 * A SEGMENTATION is a work sheet of five steps in order: how customers act, why they buy, what influences them, the
 * factors that matter, the segments with the same needs. What it finds becomes a SEGMENT_CARD each: four tests (large
 * enough, alike inside, relevant to the buying situation, reachable), five answers (market share, market growth, what
 * target customers are like, competitors, objectives and strategy), and whether it is accepted. Both are records like
 * any other, with their history; the book refuses a step before the one before it is filled, and a card that is
 * accepted while a test is not recorded true. A card may name a segment of the book (kam_segment_open()): then its
 * members are counted and what they bring is measured beside what people have estimated.
 *
 * @code
 * int32_t explain_card(kam_buf *text, kam_book *book, int64_t card, kam_error *err)
 * {
 *     kam_why *why = NULL;
 *     int32_t rc = kam_segment_card_why(&why, book, card, KAM_TODAY, err);
 *     if (rc == KAM_OK) rc = kam_why_text(text, why, "zh", err);
 *     kam_why_free(why);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_MARKET_H
#define KAM_MARKET_H
#include <kam/segment.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/**
 * How far a work sheet is (R45). The verdict is the number of steps filled, "3 of 5"; a REASON for each step (code
 * DONE, NEXT or LATER), then one for each card of the sheet (CARD: accepted or not).
 * @param[out] out           The explanation; end it with kam_why_free().
 * @param[in] book           The book.
 * @param[in] segmentation   Id of the SEGMENTATION record.
 * @param[in] as_of          The day; #KAM_TODAY.
 * @param[in,out] err        May be NULL.
 * @return KAM_OK; KAM_E_NOT_FOUND; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_segmentation_why(kam_why **out, kam_book *book, int64_t segmentation, int32_t as_of, kam_error *err);
/**
 * What stands on a card (R44, R46). The verdict is "accepted", "ready" (all tests true, not accepted yet), "refused" (a
 * test is recorded false) or "open"; a REASON for each test (code PASSED, FAILED or NOT_RECORDED) and for each of the
 * five answers (ANSWERED or MISSING). Where the card names a segment in force that day, MEASURED reasons follow:
 * members, their revenue of twelve months, its change against the twelve months before, their share of the revenue of
 * all accounts and, where potentials are known, of their potential.
 * @param[out] out      The explanation; end it with kam_why_free().
 * @param[in] book      The book.
 * @param[in] card      Id of the SEGMENT_CARD record.
 * @param[in] as_of     The day, of the years 1 to 9999; #KAM_TODAY.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_NOT_FOUND; KAM_E_POLICY (there is no segment of the card's name that day, or a rate is
 *         missing); KAM_E_LIMIT (a sum does not fit 64 bits); KAM_E_CANCELLED; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_segment_card_why(kam_why **out, kam_book *book, int64_t card, int32_t as_of, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
