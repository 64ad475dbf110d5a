#include "lineage/catalog/node_tree.h"

#include <charconv>

namespace amont {

class NodeTreeParser {
 public:
  explicit NodeTreeParser(std::string_view text) : text_(text) { tree_.items_.resize(1); }

  Result<NodeTree> Parse() {
    std::vector<uint32_t> open;
    std::string_view field;
    bool value_due = false;  // a field's name was read, and not yet its value
    while (true) {
      const std::string_view token = Next();
      if (token.empty()) break;
      const bool in_node = !open.empty() && tree_.items_[open.back()].form == NodeTree::Form::kNode;
      if (token == ")" || token == "}") {
        if (open.empty() || in_node != (token == "}")) return Broken("a bracket closes nothing");
        open.pop_back();
        field = {};
        value_due = false;
        continue;
      }
      if (in_node && !value_due) {
        // What follows a value is the next field, or the bytes of a constant.
        if (token.front() != ':' || token.size() == 1) {
          if (token == "{" || token == "(") return Broken("a value stands without its field");
          continue;
        }
        field = token.substr(1);
        value_due = true;
        continue;
      }
      if (open.empty() && tree_.items_.size() > 1) return Broken("something follows the tree");
      const uint32_t place = Append(open, in_node ? field : std::string_view());
      value_due = false;
      NodeTree::Row& row = tree_.items_[place];
      if (token == "{") {
        row.form = NodeTree::Form::kNode;
        row.text = Next();
        open.push_back(place);
      } else if (token == "(") {
        row.form = NodeTree::Form::kList;
        open.push_back(place);
      } else if (token != "<>") {
        row.form = NodeTree::Form::kToken;
        row.text = token;
      }
      if (open.size() > kDepthMax) return Broken("it nests too deep");
    }
    if (!open.empty()) return Broken("it ends early");
    return std::move(tree_);
  }

 private:
  static constexpr size_t kDepthMax = 3'000;

  static Error Broken(std::string_view why) {
    return MakeError(ErrorCode::kInvalid, "not a node tree: " + std::string(why));
  }

  std::string_view Next() {
    static constexpr std::string_view kBlank = " \n\t\r";
    static constexpr std::string_view kEnd = " \n\t\r(){}";
    while (at_ < text_.size() && kBlank.find(text_[at_]) != std::string_view::npos) ++at_;
    if (at_ == text_.size()) return {};
    const size_t start = at_;
    if (kEnd.find(text_[at_]) != std::string_view::npos) return text_.substr(at_++, 1);
    while (at_ < text_.size() && kEnd.find(text_[at_]) == std::string_view::npos) {
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    at_ = std::min(at_, text_.size());
    return text_.substr(start, at_ - start);
  }

  uint32_t Append(const std::vector<uint32_t>& open, std::string_view field) {
    const auto place = static_cast<uint32_t>(tree_.items_.size());
    tree_.items_.push_back({});
    tree_.items_.back().field = field;
    if (open.empty()) return place;
    NodeTree::Row& parent = tree_.items_[open.back()];
    if (parent.first == 0) {
      parent.first = place;
    } else {
      tree_.items_[parent.last].next = place;
    }
    parent.last = place;
    return place;
  }

  std::string_view text_;
  size_t at_ = 0;
  NodeTree tree_;
};

Result<NodeTree> NodeTree::Parse(std::string_view text) { return NodeTreeParser(text).Parse(); }

NodeTree::Form NodeTree::Item::form() const { return tree_->items_[place_].form; }
std::string_view NodeTree::Item::text() const { return tree_->items_[place_].text; }

std::string NodeTree::Item::Unescaped() const {
  std::string_view token = text();
  if (token.size() >= 2 && token.front() == '"' && token.back() == '"')
    token = token.substr(1, token.size() - 2);
  std::string plain;
  for (size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '\\' && i + 1 < token.size()) ++i;
    plain += token[i];
  }
  return plain;
}

int64_t NodeTree::Item::Number() const {
  int64_t number = 0;
  const std::string_view token = text();
  std::from_chars(token.data(), token.data() + token.size(), number);
  return number;
}

NodeTree::Item NodeTree::Item::operator[](std::string_view field) const {
  if (form() == Form::kNode) {
    for (uint32_t at = tree_->items_[place_].first; at != 0; at = tree_->items_[at].next) {
      if (tree_->items_[at].field == field) return Item(tree_, at);
    }
  }
  return Item(tree_, 0);
}

std::vector<NodeTree::Item> NodeTree::Item::Items() const {
  std::vector<Item> items;
  for (uint32_t at = tree_->items_[place_].first; at != 0; at = tree_->items_[at].next) {
    items.push_back(Item(tree_, at));
  }
  return items;
}

NodeTree::Item NodeTree::Item::At(size_t index) const {
  uint32_t at = form() == Form::kList ? tree_->items_[place_].first : 0;
  for (; at != 0 && index > 0; --index) at = tree_->items_[at].next;
  return Item(tree_, at);
}

}  // namespace amont
