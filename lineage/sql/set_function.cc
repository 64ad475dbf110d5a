#include "lineage/sql/set_function.h"

#include <algorithm>

namespace amont {
namespace {

struct SetFunction {
  std::string_view name;
  std::string_view columns;  // between commas
};

// PostgreSQL 15's functions with named OUT parameters, as pg_proc has them; by name.
constexpr SetFunction kFunctions[] = {
    {"aclexplode", "grantor,grantee,privilege_type,is_grantable"},
    {"json_array_elements", "value"},
    {"json_array_elements_text", "value"},
    {"json_each", "key,value"},
    {"json_each_text", "key,value"},
    {"jsonb_array_elements", "value"},
    {"jsonb_array_elements_text", "value"},
    {"jsonb_each", "key,value"},
    {"jsonb_each_text", "key,value"},
    {"pg_available_extension_versions", "name,version,superuser,trusted,relocatable,schema,requires,comment"},
    {"pg_available_extensions", "name,default_version,comment"},
    {"pg_backup_stop", "lsn,labelfile,spcmapfile"},
    {"pg_config", "name,setting"},
    {"pg_cursor", "name,statement,is_holdable,is_binary,is_scrollable,creation_time"},
    {"pg_get_keywords", "word,catcode,barelabel,catdesc,baredesc"},
    {"pg_get_object_address", "classid,objid,objsubid"},
    {"pg_get_replication_slots",
     "slot_name,plugin,slot_type,datoid,temporary,active,active_pid,xmin,catalog_xmin,restart_lsn,confirmed_flush_lsn,wal_status,safe_wal_size,two_phase"},
    {"pg_identify_object", "type,schema,name,identity"},
    {"pg_identify_object_as_address", "type,object_names,object_args"},
    {"pg_logical_slot_get_binary_changes", "lsn,xid,data"},
    {"pg_logical_slot_get_changes", "lsn,xid,data"},
    {"pg_logical_slot_peek_binary_changes", "lsn,xid,data"},
    {"pg_logical_slot_peek_changes", "lsn,xid,data"},
    {"pg_partition_ancestors", "relid"},
    {"pg_partition_tree", "relid,parentrelid,isleaf,level"},
    {"pg_prepared_statement",
     "name,statement,prepare_time,parameter_types,from_sql,generic_plans,custom_plans"},
    {"pg_prepared_xact", "transaction,gid,prepared,ownerid,dbid"},
    {"pg_replication_slot_advance", "slot_name,end_lsn"},
    {"pg_sequence_parameters",
     "start_value,minimum_value,maximum_value,increment,cycle_option,cache_size,data_type"},
    {"pg_stat_file", "size,access,modification,change,creation,isdir"},
    {"pg_stat_get_archiver",
     "archived_count,last_archived_wal,last_archived_time,failed_count,last_failed_wal,last_failed_time,stats_reset"},
    {"pg_timezone_abbrevs", "abbrev,utc_offset,is_dst"},
    {"pg_timezone_names", "name,abbrev,utc_offset,is_dst"},
    {"ts_debug", "alias,description,token,dictionaries,dictionary,lexemes"},
    {"ts_parse", "tokid,token"},
    {"ts_stat", "word,ndoc,nentry"},
    {"ts_token_type", "tokid,alias,description"},
};

}  // namespace

std::vector<std::string_view> SetFunctionColumns(std::string_view function) {
  const auto* const found =
      std::lower_bound(std::begin(kFunctions), std::end(kFunctions), function,
                       [](const SetFunction& each, std::string_view name) { return each.name < name; });
  std::vector<std::string_view> columns;
  if (found == std::end(kFunctions) || found->name != function) return columns;
  for (std::string_view left = found->columns; !left.empty();) {
    const size_t end = std::min(left.find(','), left.size());
    columns.push_back(left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return columns;
}

}  // namespace amont
