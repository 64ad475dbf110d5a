#include "lineage/catalog/postgres_lineage_sql.h"

#include <array>

namespace amont {
namespace {

// oid, schema, name, kind, comment. System schemas and temporary tables are nobody's lineage.
constexpr std::string_view kRelations = R"(
SELECT c.oid::text, n.nspname::text, c.relname::text, c.relkind::text,
       coalesce(obj_description(c.oid, 'pg_class'), '')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast'))";

// oid, number, name, type.
constexpr std::string_view kColumns = R"(
SELECT c.oid::text, a.attnum::text, a.attname::text, format_type(a.atttypid, a.atttypmod)
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum)";

// The table and column that refer, and those referred to. Those of partitions repeat their parent's.
constexpr std::string_view kForeignKeys = R"(
SELECT k.conrelid::text, o.column_number::text, k.confrelid::text, k.confkey[o.place]::text
FROM pg_catalog.pg_constraint k CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY o (column_number, place)
WHERE k.contype = 'f' AND k.conparentid = 0)";

// What each view depends on: "relation", the view's oid, the relation's oid, a column's number or 0; or
// "function", the view's oid, the function's name, its language. Built-in functions are not recorded.
constexpr std::string_view kDependencies = R"(
SELECT DISTINCT 'relation', r.ev_class::text, d.refobjid::text, d.refobjsubid::text
FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.objid = r.oid
WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
  AND r.rulename = '_RETURN' AND d.deptype = 'n' AND d.refobjid <> r.ev_class
UNION ALL
SELECT DISTINCT 'function', r.ev_class::text, d.refobjid::regproc::text, l.lanname::text
FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.objid = r.oid
     JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_proc'::regclass
  AND r.rulename = '_RETURN')";

// oid, what the rewriter puts in the view's place.
constexpr std::string_view kViews = R"(
SELECT c.oid::text, r.ev_action::text
FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename = '_RETURN' AND c.relkind IN ('v', 'm') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY n.nspname, c.relname)";

constexpr std::array<CatalogInquiry, 5> kInquiries = {{
    {CatalogQuestion::kRelations, kRelations},
    {CatalogQuestion::kColumns, kColumns},
    {CatalogQuestion::kForeignKeys, kForeignKeys},
    {CatalogQuestion::kDependencies, kDependencies},
    {CatalogQuestion::kViews, kViews},
}};

}  // namespace

std::span<const CatalogInquiry> PostgresLineageInquiries() { return kInquiries; }

}  // namespace amont
