#include "lineage/catalog/view_flow.h"

#include <map>
#include <utility>

#include "lineage/catalog/node_tree.h"

namespace amont {
namespace {

using Item = NodeTree::Item;

// Of PostgreSQL's parsenodes.h and primnodes.h.
enum RangeKind { kRelation = 0, kSubquery = 1, kJoin = 2, kCte = 6, kGroup = 9 };
constexpr int64_t kUnion = 1;
constexpr int64_t kExists = 0;

constexpr int kDepthMax = 500;  // subqueries in subqueries: a variable leads to another place of the tree
constexpr int64_t kStepsMax = 5'000'000;  // some seconds; a view of a thousand columns takes a hundredth

struct Flow {
  CatalogSources direct;
  CatalogSources indirect;

  void Add(const Flow& other) {
    direct.insert(other.direct.begin(), other.direct.end());
    indirect.insert(other.indirect.begin(), other.indirect.end());
  }
  void AddIndirect(const Flow& other) {
    indirect.insert(other.direct.begin(), other.direct.end());
    indirect.insert(other.indirect.begin(), other.indirect.end());
  }
  bool operator==(const Flow&) const = default;
};

void AddAll(CatalogSources& rows, const Flow& flow) {
  rows.insert(flow.direct.begin(), flow.direct.end());
  rows.insert(flow.indirect.begin(), flow.indirect.end());
}

struct QueryFlow {
  std::vector<Flow> columns;  // without junk
  CatalogSources rows;
  bool operator==(const QueryFlow&) const = default;
};

// One query, and what is known of its range table so far.
struct Scope {
  Item query;
  Scope* outer;
  std::map<int64_t, QueryFlow> subqueries;  // by range table index
  std::map<std::string, QueryFlow> ctes;    // known, or for a recursive one as far as known
  std::optional<CatalogSources> counted;    // the relations whose rows count(*) counts
};

class Analysis {
 public:
  explicit Analysis(const ColumnNumbers& columns_of) : columns_of_(columns_of) {}

  // What the record refers to itself by would be read for ever: it is no record of a server.
  bool too_deep() const { return too_deep_; }

  QueryFlow OfQuery(Item query, Scope* outer) {
    Scope scope{query, outer, {}, {}, std::nullopt};
    QueryFlow flow;
    if (query["setOperations"].present()) {
      flow = OfSet(query["setOperations"], scope);
    } else {
      for (const Item entry : query["targetList"].Items()) {
        if (!entry["resjunk"].IsTrue()) flow.columns.push_back(Of(entry["expr"], scope));
      }
    }
    AddRows(flow, scope);
    return flow;
  }

 private:
  // Everything that decides which rows come out, and how they are grouped and ordered.
  void AddRows(QueryFlow& flow, Scope& scope) {
    const Item query = scope.query;
    OfFrom(query["jointree"], scope, flow.rows);
    for (const char* clause : {"havingQual", "limitOffset", "limitCount"})
      AddAll(flow.rows, Of(query[clause], scope));
    for (const char* clause : {"groupClause", "distinctClause", "sortClause"}) {
      for (const Item sort : query[clause].Items()) AddAll(flow.rows, OfReference(sort, flow, scope));
    }
  }

  // What GROUP BY, ORDER BY and the like name: an entry of the target list.
  Flow OfReference(Item sort, const QueryFlow& flow, Scope& scope) {
    const int64_t reference = sort["tleSortGroupRef"].Number();
    size_t column = 0;
    for (const Item entry : scope.query["targetList"].Items()) {
      const bool junk = entry["resjunk"].IsTrue();
      if (reference != 0 && entry["ressortgroupref"].Number() == reference) {
        return junk || column >= flow.columns.size() ? Of(entry["expr"], scope) : flow.columns[column];
      }
      if (!junk) ++column;
    }
    return {};
  }

  // UNION, INTERSECT, EXCEPT. All but UNION ALL compare rows; the right side of the last two never comes out.
  QueryFlow OfSet(Item set, Scope& scope) {
    if (set.Is("RANGETBLREF")) return OfSubquery(set["rtindex"].Number(), scope);
    QueryFlow left = OfSet(set["larg"], scope);
    const QueryFlow right = OfSet(set["rarg"], scope);
    left.rows.insert(right.rows.begin(), right.rows.end());
    const bool is_union = set["op"].Number() == kUnion;
    if (!is_union || !set["all"].IsTrue()) {
      for (const QueryFlow* side : {&std::as_const(left), &right}) {
        for (const Flow& column : side->columns) AddAll(left.rows, column);
      }
    }
    if (is_union) {
      left.columns.resize(std::max(left.columns.size(), right.columns.size()));
      for (size_t i = 0; i < right.columns.size(); ++i) left.columns[i].Add(right.columns[i]);
    }
    return left;
  }

  // A FROM clause or a part of it: conditions, and the rows of what it reads.
  void OfFrom(Item from, Scope& scope, CatalogSources& rows) {
    if (from.Is("FROMEXPR")) {
      for (const Item part : from["fromlist"].Items()) OfFrom(part, scope, rows);
      AddAll(rows, Of(from["quals"], scope));
    } else if (from.Is("JOINEXPR")) {
      OfFrom(from["larg"], scope, rows);
      OfFrom(from["rarg"], scope, rows);
      AddAll(rows, Of(from["quals"], scope));
    } else if (from.Is("RANGETBLREF")) {
      const int64_t index = from["rtindex"].Number();
      const Item range = Range(index, scope);
      AddAll(rows, Of(range["tablesample"], scope));
      switch (range["rtekind"].Number()) {
        case kRelation:
          rows.insert({static_cast<uint32_t>(range["relid"].Number()), 0});
          break;
        case kSubquery: {
          const QueryFlow& flow = OfSubquery(index, scope);
          rows.insert(flow.rows.begin(), flow.rows.end());
          break;
        }
        case kCte: {
          const QueryFlow flow = OfCte(range, scope);
          rows.insert(flow.rows.begin(), flow.rows.end());
          break;
        }
        default:
          AddAll(rows, OfWhole(range, 0, scope));
      }
    }
  }

  static Item Range(int64_t index, const Scope& scope) {
    return scope.query["rtable"].At(index > 0 ? static_cast<size_t>(index - 1) : SIZE_MAX);
  }

  const QueryFlow& OfSubquery(int64_t index, Scope& scope) {
    if (const auto known = scope.subqueries.find(index); known != scope.subqueries.end())
      return known->second;
    QueryFlow flow = OfQuery(Range(index, scope)["subquery"], &scope);
    return scope.subqueries[index] = std::move(flow);
  }

  // A recursive CTE is read again until nothing new flows: what it reads of itself is what was known before.
  QueryFlow OfCte(Item range, Scope& scope) {
    Scope* home = &scope;
    for (int64_t up = range["ctelevelsup"].Number(); up > 0 && home != nullptr; --up) home = home->outer;
    if (home == nullptr) return {};
    const std::string name(range["ctename"].text());
    if (const auto known = home->ctes.find(name); known != home->ctes.end()) return known->second;
    for (const Item cte : home->query["cteList"].Items()) {
      if (cte["ctename"].text() != name) continue;
      home->ctes[name] = {};
      while (true) {
        QueryFlow flow = OfQuery(cte["ctequery"], home);
        const bool same = flow == home->ctes[name];
        home->ctes[name] = std::move(flow);
        if (same || !cte["cterecursive"].IsTrue()) break;
      }
      return home->ctes[name];
    }
    return {};
  }

  static Flow AllOf(const QueryFlow& query) {
    Flow all;
    for (const Flow& column : query.columns) all.Add(column);
    return all;
  }

  static Flow ColumnOf(const QueryFlow& query, int64_t number) {
    if (number == 0) return AllOf(query);
    const auto index = static_cast<size_t>(number - 1);
    return number > 0 && index < query.columns.size() ? query.columns[index] : Flow();
  }

  // Column `number` of a range table entry; 0 is the row as a whole.
  Flow OfRange(int64_t index, int64_t number, Scope& scope) {
    const Item range = Range(index, scope);
    const auto item = [&](const char* list) {
      return number > 0 ? Of(range[list].At(static_cast<size_t>(number - 1)), scope) : Of(range[list], scope);
    };
    switch (range["rtekind"].Number()) {
      case kRelation: {
        const auto relation = static_cast<uint32_t>(range["relid"].Number());
        Flow flow;
        if (number > 0) flow.direct.insert({relation, static_cast<int>(number)});
        if (number < 0) flow.direct.insert({relation, 0});  // ctid and the like
        if (number != 0) return flow;
        for (const int column : columns_of_(relation)) flow.direct.insert({relation, column});
        return flow;
      }
      case kSubquery:
        return ColumnOf(OfSubquery(index, scope), number);
      case kJoin:
        return item("joinaliasvars");
      case kCte:
        return ColumnOf(OfCte(range, scope), number);
      case kGroup:
        return item("groupexprs");
      default:
        return OfWhole(range, number, scope);
    }
  }

  // Functions, tables of XML and JSON, lists of values: what their expressions read.
  Flow OfWhole(Item range, int64_t number, Scope& scope) {
    Flow flow;
    for (const Item row : range["values_lists"].Items()) {
      flow.Add(Of(number > 0 ? row.At(static_cast<size_t>(number - 1)) : row, scope));
    }
    flow.Add(Of(range["functions"], scope));
    flow.Add(Of(range["tablefunc"], scope));
    return flow;
  }

  Flow OfVariable(Item variable, Scope& scope, int64_t number) {
    Scope* at = &scope;
    for (int64_t up = variable["varlevelsup"].Number(); up > 0 && at != nullptr; --up) at = at->outer;
    if (depth_ == kDepthMax) too_deep_ = true;
    if (at == nullptr || too_deep_) return {};
    ++depth_;
    Flow flow = OfRange(variable["varno"].Number(), number, *at);
    --depth_;
    return flow;
  }

  Flow OfAggregate(Item aggregate, Scope& scope) {
    Flow flow = Of(aggregate["aggdirectargs"], scope);
    for (const Item argument : aggregate["args"].Items()) {
      const Flow one = Of(argument["expr"], scope);
      if (argument["resjunk"].IsTrue()) {
        flow.AddIndirect(one);  // of its ORDER BY
      } else {
        flow.Add(one);
      }
    }
    flow.AddIndirect(Of(aggregate["aggfilter"], scope));
    if (aggregate["aggstar"].IsTrue()) AddCounted(flow, scope);
    return flow;
  }

  Flow OfWindow(Item function, Scope& scope) {
    Flow flow = Of(function["args"], scope);
    flow.AddIndirect(Of(function["aggfilter"], scope));
    for (const Item window : scope.query["windowClause"].Items()) {
      if (window["winref"].Number() != function["winref"].Number()) continue;
      for (const char* clause : {"partitionClause", "orderClause"}) {
        for (const Item sort : window[clause].Items()) flow.AddIndirect(OfWindowReference(sort, scope));
      }
      flow.AddIndirect(Of(window["startOffset"], scope));
      flow.AddIndirect(Of(window["endOffset"], scope));
    }
    if (function["winstar"].IsTrue()) AddCounted(flow, scope);
    return flow;
  }

  Flow OfWindowReference(Item sort, Scope& scope) {
    const int64_t reference = sort["tleSortGroupRef"].Number();
    for (const Item entry : scope.query["targetList"].Items()) {
      if (entry["ressortgroupref"].Number() == reference) return Of(entry["expr"], scope);
    }
    return {};
  }

  // count(*): how many rows each relation has.
  void AddCounted(Flow& flow, Scope& scope) {
    if (!scope.counted) {
      CatalogSources rows;
      OfFrom(scope.query["jointree"], scope, rows);
      scope.counted.emplace();
      for (const CatalogSource& source : rows) {
        if (source.column == 0) scope.counted->insert(source);
      }
    }
    flow.indirect.insert(scope.counted->begin(), scope.counted->end());
  }

  Flow OfSublink(Item sublink, Scope& scope) {
    const QueryFlow query = OfQuery(sublink["subselect"], &scope);
    Flow flow;
    if (sublink["subLinkType"].Number() == kExists) {
      flow.AddIndirect(AllOf(query));
    } else {
      flow.Add(AllOf(query));
    }
    flow.indirect.insert(query.rows.begin(), query.rows.end());
    flow.Add(Of(sublink["testexpr"], scope));
    return flow;
  }

  Flow OfCase(Item expression, Scope& scope) {
    Flow flow = Of(expression["defresult"], scope);
    flow.AddIndirect(Of(expression["arg"], scope));
    for (const Item when : expression["args"].Items()) {
      flow.AddIndirect(Of(when["expr"], scope));
      flow.Add(Of(when["result"], scope));
    }
    return flow;
  }

  // What an expression reads.
  Flow Of(Item item, Scope& scope) {
    if (++steps_ > kStepsMax) too_deep_ = true;
    if (too_deep_) return {};
    return OfItem(item, scope);
  }

  Flow OfItem(Item item, Scope& scope) {
    if (item.form() == NodeTree::Form::kNode) {
      if (item.Is("VAR")) return OfVariable(item, scope, item["varattno"].Number());
      if (item.Is("AGGREF")) return OfAggregate(item, scope);
      if (item.Is("WINDOWFUNC")) return OfWindow(item, scope);
      if (item.Is("SUBLINK")) return OfSublink(item, scope);
      if (item.Is("CASEEXPR") || item.Is("CASE")) return OfCase(item, scope);
      if (item.Is("FIELDSELECT") && item["arg"].Is("VAR") && item["arg"]["varattno"].Number() == 0) {
        return OfVariable(item["arg"], scope, item["fieldnum"].Number());
      }
      if (item.Is("NULLIFEXPR")) {
        Flow flow = Of(item["args"].At(0), scope);
        flow.AddIndirect(Of(item["args"].At(1), scope));
        return flow;
      }
      if (item.Is("SUBSCRIPTINGREF")) {
        Flow flow = Of(item["refexpr"], scope);
        flow.AddIndirect(Of(item["refupperindexpr"], scope));
        flow.AddIndirect(Of(item["reflowerindexpr"], scope));
        return flow;
      }
      if (item.Is("GROUPINGFUNC")) {
        Flow flow;
        flow.AddIndirect(Of(item["args"], scope));
        return flow;
      }
    }
    Flow flow;
    if (item.form() == NodeTree::Form::kToken) return flow;
    for (const Item part : item.Items()) {
      if (part.form() != NodeTree::Form::kToken) flow.Add(Of(part, scope));
    }
    return flow;
  }

  const ColumnNumbers& columns_of_;
  int depth_ = 0;
  int64_t steps_ = 0;
  bool too_deep_ = false;
};

}  // namespace

Result<ViewFlow> ReadViewFlow(std::string_view ev_action, const ColumnNumbers& columns_of) {
  AMONT_TRY(const NodeTree tree, NodeTree::Parse(ev_action));
  const Item query = tree.root().form() == NodeTree::Form::kList ? tree.root().At(0) : tree.root();
  if (!query.Is("QUERY")) return MakeError(ErrorCode::kInvalid, "not the action of a view");
  Analysis analysis(columns_of);
  const QueryFlow read = analysis.OfQuery(query, nullptr);
  if (analysis.too_deep()) return MakeError(ErrorCode::kInvalid, "the view nests too deep, or into itself");
  ViewFlow flow;
  flow.rows = read.rows;
  for (const Item entry : query["targetList"].Items()) {
    if (entry["resjunk"].IsTrue()) continue;
    ViewFlow::Column column;
    column.name = entry["resname"].Unescaped();
    const size_t index = flow.columns.size();
    if (index < read.columns.size()) {
      column.direct = read.columns[index].direct;
      column.indirect = read.columns[index].indirect;
    }
    const CatalogSource origin{static_cast<uint32_t>(entry["resorigtbl"].Number()),
                               static_cast<int>(entry["resorigcol"].Number())};
    if (origin.relation != 0 && origin.column > 0) column.origin = origin;
    flow.columns.push_back(std::move(column));
  }
  return flow;
}

}  // namespace amont
