#include "checks/kinds/json_schema.h"

#include <algorithm>
#include <map>
#include <vector>

#include "checks/kinds/check_keys.h"
#include "core/json.h"

namespace amont {
namespace {

constexpr std::string_view kDuration = R"(^([0-9]+(w|d|h|m|s|ms))+$)";
constexpr std::string_view kDateStart = R"(^[0-9]{4}-[0-9]{2}-[0-9]{2})";
constexpr std::string_view kPercent = R"(^[+-]?[0-9.]+ *%$)";
constexpr std::string_view kDateOrPercent = R"(^([0-9]{4}-[0-9]{2}-[0-9]{2}|[+-]?[0-9.]+ *%$))";

// A table shape that stands under "definitions" once: its keys, and whether a check's are added.
struct Shape {
  std::span<const Key> keys;
  bool check_keys = false;
};

// What JSON makes of a value that is no table: its types, the pattern of its text, the types of what it
// holds.
struct Scalar {
  std::vector<std::string_view> types;
  std::string_view pattern = {};
  std::vector<std::string_view> within = {};
};

Scalar ScalarOf(KeyShape shape) {
  switch (shape) {
    case KeyShape::kString:
    case KeyShape::kSchedule:
    case KeyShape::kZone:
    case KeyShape::kWord:
    case KeyShape::kSql:
      return {{"string"}};
    case KeyShape::kStrings:
      return {{"array"}, {}, {"string"}};
    case KeyShape::kWords:
    case KeyShape::kStringOrStrings:
      return {{"string", "array"}, {}, {"string"}};
    case KeyShape::kColumnLists:
      return {{"string", "array"}, {}, {"string", "array"}};
    case KeyShape::kScalars:
      return {{"array"}, {}, {"string", "number", "boolean"}};
    case KeyShape::kInteger:
      return {{"integer"}};
    case KeyShape::kNumber:
      return {{"number"}};
    case KeyShape::kBoolean:
      return {{"boolean"}};
    case KeyShape::kDuration:
      return {{"string"}, kDuration};
    case KeyShape::kBooleanOrDate:
      return {{"boolean", "string"}, kDateStart};
    case KeyShape::kBound:
      return {{"number", "string"}, kDateOrPercent};
    case KeyShape::kRatio:
    case KeyShape::kChange:
      return {{"number", "string"}, kPercent};
    case KeyShape::kNamedStrings:
      return {{"object"}, {}, {"string"}};
    case KeyShape::kTable:
    case KeyShape::kBooleanOrTable:
    case KeyShape::kTables:
    case KeyShape::kTableOrTables:
    case KeyShape::kNamedTables:
      break;
  }
  return {{"object"}};
}

class Schema {
 public:
  std::string Write(std::string_view title, std::span<const Key> root) {
    json_.BeginObject();
    Member("$schema", "http://json-schema.org/draft-07/schema#");
    Member("title", title);
    WriteTable({root, false});
    json_.Key("definitions").BeginObject();
    for (size_t i = 0; i < shapes_.size(); ++i) {  // grows while it is written
      json_.Key(names_[i]).BeginObject();
      const Shape shape = shapes_[i];
      WriteTable(shape);
      json_.EndObject();
    }
    json_.EndObject().EndObject();
    return json_.Text() + "\n";
  }

 private:
  void Member(std::string_view key, std::string_view text) { json_.Key(key).String(text); }

  void WriteTable(const Shape& shape) {
    Member("type", "object");
    json_.Key("properties").BeginObject();
    for (const Key& key : shape.keys) WriteProperty(key);
    for (const Key& key : shape.check_keys ? CheckKeys() : std::span<const Key>()) {
      const bool own = std::any_of(shape.keys.begin(), shape.keys.end(),
                                   [&](const Key& each) { return each.name == key.name; });
      if (!own) WriteProperty(key);
    }
    json_.EndObject();
    const auto required = [](const Key& key) { return key.required; };
    if (std::any_of(shape.keys.begin(), shape.keys.end(), required)) {
      json_.Key("required").BeginArray();
      for (const Key& key : shape.keys) {
        if (key.required) json_.String(key.name);
      }
      json_.EndArray();
    }
    json_.Key("additionalProperties").Boolean(false);
  }

  void WriteProperty(const Key& key) {
    json_.Key(key.name).BeginObject();
    std::string description(key.summary);
    if (!key.default_text.empty()) description += " (default: " + std::string(key.default_text) + ")";
    if (!description.empty()) Member("description", description);
    if (key.keys.empty()) {
      WriteScalar(key);
    } else {
      WriteForms(key);
    }
    json_.EndObject();
  }

  // Everything that may hold tables.
  void WriteForms(const Key& key) {
    const std::string reference = Reference(key);
    switch (key.shape) {
      case KeyShape::kTable:
        AnyOf([&] { WriteReference(reference); });
        return;
      case KeyShape::kBooleanOrTable:
        AnyOf([&] {
          json_.BeginObject();
          Member("type", "boolean");
          json_.EndObject();
          WriteReference(reference);
        });
        return;
      case KeyShape::kTables:
        AnyOf([&] { WriteArrayOf(reference); });
        return;
      case KeyShape::kTableOrTables:
        AnyOf([&] {
          WriteReference(reference);
          WriteArrayOf(reference);
        });
        return;
      case KeyShape::kNamedTables:
        Member("type", "object");
        json_.Key("additionalProperties").BeginObject();
        Member("$ref", reference);
        json_.EndObject();
        return;
      default:
        AnyOf([&] {
          json_.BeginObject();
          WriteScalar(key);
          json_.EndObject();
          WriteReference(reference);
          WriteArrayOf(reference);
        });
    }
  }

  template <class Forms>
  void AnyOf(Forms forms) {
    json_.Key("anyOf").BeginArray();
    forms();
    json_.EndArray();
  }

  void WriteReference(const std::string& reference) {
    json_.BeginObject();
    Member("$ref", reference);
    json_.EndObject();
  }

  void WriteArrayOf(const std::string& reference) {
    json_.BeginObject();
    Member("type", "array");
    json_.Key("minItems").Integer(1);
    json_.Key("items").BeginObject();
    Member("$ref", reference);
    json_.EndObject().EndObject();
  }

  // The definition of the key's tables; equal ones are one definition, named by the key that came first.
  std::string Reference(const Key& key) {
    const auto identity = std::make_pair(key.keys.data(), key.check_keys);
    const auto [known, fresh] = references_.emplace(identity, std::string());
    if (fresh) {
      std::string name(key.name);
      for (int i = 2; std::find(names_.begin(), names_.end(), name) != names_.end(); ++i) {
        name = std::string(key.name) + "_" + std::to_string(i);
      }
      names_.push_back(name);
      shapes_.push_back({key.keys, key.check_keys});
      known->second = "#/definitions/" + name;
    }
    return known->second;
  }

  void WriteTypes(const std::vector<std::string_view>& types) {
    if (types.size() == 1) {
      Member("type", types.front());
      return;
    }
    json_.Key("type").BeginArray();
    for (const std::string_view type : types) json_.String(type);
    json_.EndArray();
  }

  void WriteWords(const Key& key) {
    json_.Key("enum").BeginArray();
    for (const std::string& word : WordsOf(key)) json_.String(word);
    json_.EndArray();
  }

  void WriteScalar(const Key& key) {
    if (key.shape == KeyShape::kWord) {
      WriteWords(key);
      return;
    }
    const Scalar scalar = ScalarOf(key.shape);
    WriteTypes(scalar.types);
    if (!scalar.pattern.empty()) Member("pattern", scalar.pattern);
    if (key.shape == KeyShape::kRatio) json_.Key("minimum").Integer(0).Key("maximum").Integer(1);
    if (key.shape == KeyShape::kScalars) json_.Key("minItems").Integer(1);
    if (scalar.within.empty()) return;
    json_.Key(key.shape == KeyShape::kNamedStrings ? "additionalProperties" : "items").BeginObject();
    if (key.shape == KeyShape::kWords) {
      WriteWords(key);
    } else {
      WriteTypes(scalar.within);
      if (key.shape == KeyShape::kColumnLists)
        json_.Key("items").BeginObject().Key("type").String("string").EndObject();
    }
    json_.EndObject();
  }

  JsonWriter json_;
  std::vector<Shape> shapes_;
  std::vector<std::string> names_;  // of the shapes
  std::map<std::pair<const Key*, bool>, std::string> references_;
};

}  // namespace

std::string JsonSchema(std::string_view title, std::span<const Key> root) {
  return Schema().Write(title, root);
}

}  // namespace amont
