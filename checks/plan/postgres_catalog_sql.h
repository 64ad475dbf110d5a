// The text of PostgreSQL's catalog statement; what its columns mean stands beside each row kind.
//
// $1, $2: schemas and names asked for exactly ('' is the current schema). $3, $4, $5: LIKE patterns of
// wildcards and the kinds of relation they match. Proof facts are strict: an index counts only when valid,
// ready, immediate, without predicate or expression and by the type's own equality; a foreign key only when
// validated, immediate, enforced by enabled triggers here and not filled by replication, which skips them.
#pragma once

#include <string_view>

namespace amont {

inline constexpr std::string_view kPostgresCatalogSql = R"sql(
WITH rel AS MATERIALIZED (
  SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, c.reltuples, c.relfilenode, a.nsp AS asked,
         has_schema_privilege(n.oid, 'USAGE') AS usable, has_table_privilege(c.oid, 'SELECT') AS readable
  FROM unnest($1::text[], $2::text[]) AS a(nsp, rel)
  JOIN pg_namespace n ON n.nspname = CASE WHEN a.nsp = '' THEN current_schema() ELSE a.nsp END
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = a.rel
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  UNION
  SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, c.reltuples, c.relfilenode,
         CASE WHEN p.nsp = '' THEN '' ELSE n.nspname END,
         has_schema_privilege(n.oid, 'USAGE'), has_table_privilege(c.oid, 'SELECT')
  FROM unnest($3::text[], $4::text[], $5::text[]) AS p(nsp, rel, kinds)
  JOIN pg_namespace n ON n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                     AND CASE WHEN p.nsp = '' THEN n.nspname = current_schema() ELSE n.nspname ILIKE p.nsp END
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname ILIKE p.rel
                 AND strpos(p.kinds, CASE WHEN c.relispartition THEN 'l' ELSE c.relkind::text END) > 0
), col AS MATERIALIZED (
  SELECT a.attrelid, a.attname, a.attnum, a.attcollation, a.atttypid, a.atttypmod,
         a.attnotnull AND (a.attrelid, a.attnum) NOT IN (
           SELECT conrelid, conkey[1] FROM pg_constraint WHERE contype = 'n' AND NOT convalidated) AS attnotnull,
         rel.usable AND (rel.readable OR has_column_privilege(rel.oid, a.attnum, 'SELECT')) AS readable
  FROM rel JOIN pg_attribute a ON a.attrelid = rel.oid
  WHERE a.attnum > 0 AND NOT a.attisdropped
), leaf AS MATERIALIZED (
  SELECT rel.oid AS root, c.oid, c.relfilenode, c.reltuples, c.relkind, format('%I.%I', n.nspname, c.relname) AS name,
         pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid)
           + pg_stat_get_tuples_deleted(c.oid) AS changes
  FROM rel, pg_partition_tree(rel.oid) t JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE rel.relkind = 'p' AND t.isleaf
)
-- the server: name its version, at its clock, b1 a standby
SELECT 'source' AS what, NULL::bigint AS id, version() AS name, now() AS at, NULL::bigint AS n1, NULL::bigint AS n2,
       pg_is_in_recovery() AS b1, NULL::boolean AS b2,
       NULL::text AS t1, NULL::text AS t2, NULL::text AS t3, NULL::text AS t4, NULL::text AS t5
UNION ALL
-- one name of a relation: n1 estimated rows, b1 readable, b2 its constraints hold for all it shows, t1 the schema asked
-- for, t2 its kind, t3 the missing grants, t4 its change mark, t5 its name as EXPLAIN prints it
SELECT 'relation', oid, relname, NULL, CASE WHEN reltuples >= 0 AND relkind IN ('r', 'm') THEN reltuples::bigint END, NULL,
       usable AND readable,
       relkind = 'r' AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = rel.oid),
       asked, CASE WHEN relispartition AND relkind = 'r' THEN 'l' ELSE relkind::text END,
       concat_ws('; ', CASE WHEN NOT usable THEN format('GRANT USAGE ON SCHEMA %I TO %I', nspname, current_user) END,
                       CASE WHEN NOT readable THEN format('GRANT SELECT ON %I.%I TO %I', nspname, relname, current_user) END),
       CASE WHEN relkind IN ('r', 'm') THEN
         oid || '.' || relfilenode || '/' || (pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid)
                                              + pg_stat_get_tuples_deleted(oid)) END,
       format('%I.%I', nspname, relname)
FROM rel
UNION ALL
-- a partitioned table over all its leaves: n1, b2, t4 as above
SELECT 'leaves', root, NULL, NULL, sum(reltuples) FILTER (WHERE reltuples >= 0)::bigint, NULL,
       NULL, bool_and(relkind <> 'f'), NULL, NULL, NULL,
       md5(string_agg(oid || '.' || relfilenode, ',' ORDER BY oid)) || '/' || sum(changes), NULL
FROM leaf GROUP BY root
UNION ALL
-- a leaf of it: n1 estimated rows, t5 its name as EXPLAIN prints it
SELECT 'leaf', root, NULL, NULL, reltuples::bigint, NULL, NULL, NULL, NULL, NULL, NULL, NULL, name
FROM leaf WHERE reltuples >= 0
UNION ALL
-- n1 its number, n2 its collation, b1 not null (of old rows too: PostgreSQL 18 may not have checked those), b2 readable, t1 its type
SELECT 'column', attrelid, attname, NULL, attnum, attcollation, attnotnull, readable,
       atttypid || ':' || atttypmod, NULL, NULL, NULL, NULL
FROM col
UNION ALL
-- name the spelling of the type t1; a domain is what it is made of
SELECT 'type', NULL, CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod)
                          ELSE format_type(d.atttypid, d.atttypmod) END,
       NULL, NULL, NULL, NULL, NULL, d.atttypid || ':' || d.atttypmod, NULL, NULL, NULL, NULL
FROM (SELECT DISTINCT atttypid, atttypmod FROM col) d JOIN pg_type t ON t.oid = d.atttypid
UNION ALL
-- n1 how many key columns, b1 it makes them unique, b2 ordered, t1 their numbers, t2 their collations
SELECT 'index', i.indrelid, c.relname, NULL, i.indnkeyatts, NULL,
       i.indisunique AND i.indimmediate AND NOT i.indisexclusion AND i.indexprs IS NULL
         AND i.indclass::oid[] <@ ARRAY(SELECT oid FROM pg_opclass WHERE opcdefault),
       c.relam = (SELECT oid FROM pg_am WHERE amname = 'btree'), i.indkey::text, i.indcollation::text, NULL, NULL, NULL
FROM rel JOIN pg_index i ON i.indrelid = rel.oid JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indisvalid AND i.indisready AND i.indislive AND i.indpred IS NULL
UNION ALL
-- n1 its column, t1 t2 t3 schema, table and column it refers to
SELECT 'foreign key', k.conrelid, k.conname, NULL, k.conkey[1], NULL, NULL, NULL, n.nspname, o.relname, a.attname, NULL, NULL
FROM pg_constraint k
JOIN pg_class o ON o.oid = k.confrelid JOIN pg_namespace n ON n.oid = o.relnamespace
JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = k.confkey[1]
WHERE k.contype = 'f' AND k.conrelid IN (SELECT oid FROM rel)
  AND k.convalidated AND NOT k.condeferrable AND cardinality(k.conkey) = 1 AND NOT o.relrowsecurity
  AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)
  AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled NOT IN ('O', 'A'))
  AND NOT EXISTS (SELECT FROM pg_subscription_rel s WHERE s.srrelid IN (k.conrelid, k.confrelid))
)sql";

}  // namespace amont
