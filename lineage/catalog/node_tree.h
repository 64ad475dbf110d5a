// NodeTree: a PostgreSQL node tree (pg_node_tree, as pg_rewrite.ev_action holds one) as text, read into
// items.
//
// The form, as PostgreSQL's outfuncs.c writes it: {TAG :field value …} is a node, (a b c) a list, <> is
// nothing, everything else a token; backslash escapes one character. Nothing is known here of what the nodes
// mean, so fields that other versions add do no harm. Items refer into the text, which must outlive the tree.
// A text that is not of this form, or nests deeper than 3,000, is kInvalid.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace amont {

class NodeTree {
 public:
  enum class Form : uint8_t { kNothing, kToken, kList, kNode };

  // One item, cheap to copy. Of what is not there, Form::kNothing with no items and no text.
  class Item {
   public:
    Form form() const;
    bool present() const { return form() != Form::kNothing; }
    // A node's tag, or a token as it stands, escapes included.
    std::string_view text() const;
    bool Is(std::string_view tag) const { return form() == Form::kNode && text() == tag; }
    std::string Unescaped() const;  // a token's meaning, quotes of a string taken off
    int64_t Number() const;         // 0 for what is none
    bool IsTrue() const { return text() == "true"; }
    Item operator[](std::string_view field) const;  // of a node
    std::vector<Item> Items() const;                // of a list, or a node's values
    Item At(size_t index) const;                    // of a list, from 0

   private:
    friend class NodeTree;
    Item(const NodeTree* tree, uint32_t place) : tree_(tree), place_(place) {}
    const NodeTree* tree_;
    uint32_t place_;
  };

  static Result<NodeTree> Parse(std::string_view text);
  Item root() const { return Item(this, items_.size() > 1 ? 1 : 0); }

 private:
  struct Row {
    Form form = Form::kNothing;
    std::string_view field;  // of the node it is in
    std::string_view text;
    uint32_t first = 0;  // 0: none
    uint32_t last = 0;
    uint32_t next = 0;
  };
  friend class NodeTreeParser;
  std::vector<Row> items_;  // the first is nothing
};

}  // namespace amont
