#include "checks/column_type.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

bool Fits(std::string_view actual, std::string_view declared) {
  return Satisfies(ParseColumnType(actual), ParseColumnType(declared));
}

TEST(ColumnType, SpellingsOfOneTypeAreEqual) {
  EXPECT_TRUE(Fits("bigint", "int8"));
  EXPECT_TRUE(Fits("BIGINT", " Int8 "));
  EXPECT_TRUE(Fits("integer", "serial"));
  EXPECT_TRUE(Fits("character varying(20)", "varchar(20)"));
  EXPECT_TRUE(Fits("numeric(12,2)", "DECIMAL(12, 2)"));
  EXPECT_TRUE(Fits("timestamp without time zone", "timestamp"));
  EXPECT_TRUE(Fits("timestamp(3) with time zone", "timestamptz"));
  EXPECT_TRUE(Fits("double precision", "float8"));
  EXPECT_TRUE(Fits("boolean", "bool"));
  EXPECT_TRUE(Fits("jsonb", "json"));
}

TEST(ColumnType, FamiliesAndWidthsDiffer) {
  EXPECT_FALSE(Fits("integer", "bigint"));
  EXPECT_FALSE(Fits("text", "bigint"));
  EXPECT_FALSE(Fits("real", "double precision"));
  EXPECT_FALSE(Fits("timestamp without time zone", "timestamptz"));
  EXPECT_FALSE(Fits("date", "timestamp"));
  EXPECT_FALSE(Fits("UBIGINT", "BIGINT"));
  EXPECT_TRUE(Fits("UBIGINT", "uint64"));
}

TEST(ColumnType, AFloatWithoutWidthFitsBoth) {
  EXPECT_TRUE(Fits("double precision", "float"));
  EXPECT_TRUE(Fits("real", "float"));
  EXPECT_TRUE(Fits("real", "float(24)"));
  EXPECT_FALSE(Fits("real", "float(25)"));
}

TEST(ColumnType, PrecisionScaleAndLengthCountOnlyWhereDeclared) {
  EXPECT_TRUE(Fits("numeric(12,2)", "numeric"));
  EXPECT_FALSE(Fits("numeric(12,2)", "numeric(10,2)"));
  EXPECT_FALSE(Fits("numeric(12,2)", "numeric(12)"));
  EXPECT_FALSE(Fits("numeric", "numeric(12,2)"));
  EXPECT_TRUE(Fits("varchar(20)", "text"));
  EXPECT_FALSE(Fits("text", "varchar(20)"));
}

TEST(ColumnType, ArraysCompareByElement) {
  EXPECT_TRUE(Fits("integer[]", "int4[]"));
  EXPECT_TRUE(Fits("INTEGER[3]", "integer[]"));
  EXPECT_FALSE(Fits("integer[]", "bigint[]"));
  EXPECT_FALSE(Fits("integer", "integer[]"));
}

TEST(ColumnType, WhatItDoesNotKnowComparesByText) {
  EXPECT_TRUE(Fits("mart.status", "status"));
  EXPECT_TRUE(Fits("STRUCT(a INTEGER)", "struct(a  integer)"));
  EXPECT_FALSE(Fits("mart.status", "state"));
  EXPECT_EQ(ParseColumnType("ENUM('a', 'b')").family, TypeFamily::kOther);
  EXPECT_EQ(ParseColumnType("").family, TypeFamily::kOther);
  EXPECT_EQ(ParseColumnType("[]").family, TypeFamily::kOther);
}

}  // namespace
}  // namespace amont
