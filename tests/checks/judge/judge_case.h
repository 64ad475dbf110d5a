// A case for the judge, written as text: one line a fact, its first word says which. The answer is text
// again.
//
//   metric rows | nulls C | newest C,C | distinct C | duplicates C,C | min|max|mean|sum|stddev C | percentile
//   C F |
//          accepted C | pattern C REGEX | length C 5..10 | orphans C TABLE.C | columns | mark | query |
//          fail_rows
//   per rows                       window C LAST [DELAY]       group_by C       groups A,B      where SQL pii
//   P,P zone Z    calendar mon-fri 2026-12-25 …    table mart.orders    a_pattern    on_empty fail expect
//   between [fail L..H] [warn L..H] [ratio] [group G L..H] expect age [warn D] [fail D]   expect by CRON
//   grace D   since D   future warn expect change D [fail L..H] [warn L..H]         expect columns exact
//   column NAME [TYPE] [null|not_null]   forbid P expect drift warn [D]          expect exists C,C expect
//   not_emptied now T    value V    per_value V    rows V    ahead V    reference V [TO]    window_to T error
//   ROLE TEXT
//            (value@GROUP V and so on: of a group)
//   facts NAME:TYPE[:not_null] …   no_table    change_mark M    change_mark_error TEXT    read_error TEXT
//   past T V [STATUS] [@GROUP] [mark=M] [accepted] [windowed]
//   accepted T NAME:TYPE …         pending T NAME:TYPE …       show observed expected deadline
//
// L..H are open where left out; "-30%..+50%" is relative. Values: null true 12 1.5 nan inf dec:1.50 'text'
// 2026-11-24 2026-11-24T06:00 2026-11-24T06:00Z. A case that cannot be read answers with why.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checks/check.h"
#include "checks/verdict.h"

namespace amont::testing {

struct JudgeCase {
  std::shared_ptr<Table> table = std::make_shared<Table>();
  std::shared_ptr<Check> check = std::make_shared<Check>();
  std::vector<Measurement> measurements;
  std::shared_ptr<CatalogTable> facts;  // null: no table
  History history;
  Timestamp now;
  std::vector<std::string> show;
};

// Throws std::runtime_error where a line makes no sense.
JudgeCase ParseJudgeCase(const std::string& text);
// Judges the case: "fail: 412 rows; at least 1,000 expected", then its groups, then what it asks to be shown.
std::string AnswerJudgeCase(const std::string& text);

// A value as the cases write it.
Value ParseCaseValue(const std::string& text);

}  // namespace amont::testing
