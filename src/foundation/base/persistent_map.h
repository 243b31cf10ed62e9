// An ordered map that is a value: copying it costs one counter, and a copy never sees later changes of the original.
// Balanced tree (AVL) with path copying; whatever is reachable from one owner only is changed in place, so filling a
// fresh map costs no copies. Counters are atomic: copies may live on other cores, the nodes they share never change.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "foundation/base/check.h"

namespace highwater {

// The order of keys when none is given: `<`, also between a key and what stands for one.
struct Ascending {
  template <class A, class B>
  constexpr bool operator()(const A& left, const B& right) const {
    return left < right;
  }
};

template <class K, class V, class Less = Ascending>
class PersistentMap {
 public:
  using Entry = std::pair<const K, V>;

 private:
  struct Box {
    template <class... Args>
    explicit Box(Args&&... args) : entry(std::forward<Args>(args)...) {}
    std::atomic<std::uint32_t> owners{1};
    Entry entry;
  };
  template <class T>
  class Counted {
   public:
    Counted() = default;
    explicit Counted(T* raw) : raw_(raw) {}
    Counted(const Counted& other) : raw_(other.raw_) {
      if (raw_ != nullptr) raw_->owners.fetch_add(1, std::memory_order_relaxed);
    }
    Counted(Counted&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
    Counted& operator=(Counted other) noexcept {
      std::swap(raw_, other.raw_);
      return *this;
    }
    ~Counted() {
      if (raw_ != nullptr && raw_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete raw_;
    }
    T* operator->() const { return raw_; }
    T* get() const { return raw_; }
    explicit operator bool() const { return raw_ != nullptr; }
    bool sole() const { return raw_->owners.load(std::memory_order_acquire) == 1; }

   private:
    T* raw_ = nullptr;
  };
  struct Node;
  using Link = Counted<Node>;
  struct Node {
    Node(Link l, Link r, Counted<Box> b) : left(std::move(l)), right(std::move(r)), box(std::move(b)) {}
    std::atomic<std::uint32_t> owners{1};
    std::int32_t height = 1;
    Link left;
    Link right;
    Counted<Box> box;
  };

 public:
  // Walks in key order. Valid as long as the map it came from lives unchanged.
  class Iterator {
   public:
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    const Entry& operator*() const { return path_[depth_ - 1]->box->entry; }
    const Entry* operator->() const { return &**this; }
    Iterator& operator++() {
      const Node* node = path_[--depth_]->right.get();
      descend(node);
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(std::default_sentinel_t) const { return depth_ == 0; }

   private:
    friend class PersistentMap;
    void push(const Node* node) {
      HW_CHECK(depth_ < height_max);
      path_[depth_++] = node;
    }
    void descend(const Node* node) {
      for (; node != nullptr; node = node->left.get()) push(node);
    }

    std::array<const Node*, 64> path_;
    std::size_t depth_ = 0;
  };

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  Iterator begin() const {
    Iterator at;
    at.descend(root_.get());
    return at;
  }
  std::default_sentinel_t end() const { return {}; }
  // The first entry whose key is not less than `key`.
  template <class Q>
  Iterator lower_bound(const Q& key) const {
    Iterator at;
    for (const Node* node = root_.get(); node != nullptr;) {
      if (Less{}(node->box->entry.first, key)) {
        node = node->right.get();
      } else {
        at.push(node);
        node = node->left.get();
      }
    }
    return at;
  }

  template <class Q>
  const V* find(const Q& key) const {
    for (const Node* node = root_.get(); node != nullptr;) {
      const Entry& entry = node->box->entry;
      if (Less{}(key, entry.first)) {
        node = node->left.get();
      } else if (Less{}(entry.first, key)) {
        node = node->right.get();
      } else {
        return &entry.second;
      }
    }
    return nullptr;
  }
  template <class Q>
  bool contains(const Q& key) const {
    return find(key) != nullptr;
  }

  // The value to write to, made when absent. Other copies of the map keep theirs. Valid until the next call.
  V& edit(const K& key) { return *edit_in(root_, key); }
  void set(const K& key, V value) { edit(key) = std::move(value); }
  bool erase(const K& key) {
    if (!contains(key)) return false;
    erase_in(root_, key);
    --size_;
    return true;
  }
  void clear() { *this = {}; }

 private:
  static constexpr std::size_t height_max = 64;  // an AVL tree of 2^44 entries

  static std::int32_t height(const Link& link) { return link ? link->height : 0; }
  static void own(Link& link) {
    if (link.sole()) return;
    Link copy(new Node(link->left, link->right, link->box));
    copy->height = link->height;
    link = std::move(copy);
  }
  static void measure(Node& node) { node.height = 1 + std::max(height(node.left), height(node.right)); }

  static void rotate_right(Link& link) {
    own(link->left);
    Link top = std::move(link->left);
    link->left = std::move(top->right);
    measure(*link.get());
    top->right = std::move(link);
    link = std::move(top);
    measure(*link.get());
  }
  static void rotate_left(Link& link) {
    own(link->right);
    Link top = std::move(link->right);
    link->right = std::move(top->left);
    measure(*link.get());
    top->left = std::move(link);
    link = std::move(top);
    measure(*link.get());
  }
  // `link` is owned; its subtrees differ by at most two.
  static void balance(Link& link) {
    const std::int32_t tilt = height(link->left) - height(link->right);
    if (tilt > 1) {
      own(link->left);
      if (height(link->left->left) < height(link->left->right)) rotate_left(link->left);
      rotate_right(link);
    } else if (tilt < -1) {
      own(link->right);
      if (height(link->right->right) < height(link->right->left)) rotate_right(link->right);
      rotate_left(link);
    } else {
      measure(*link.get());
    }
  }

  V* edit_in(Link& link, const K& key) {
    if (!link) {
      link = Link(new Node({}, {}, Counted<Box>(new Box(key, V{}))));
      ++size_;
      return &link->box->entry.second;
    }
    own(link);
    V* found = nullptr;
    if (Less{}(key, link->box->entry.first)) {
      found = edit_in(link->left, key);
    } else if (Less{}(link->box->entry.first, key)) {
      found = edit_in(link->right, key);
    } else {
      if (!link->box.sole()) link->box = Counted<Box>(new Box(link->box->entry));
      return &link->box->entry.second;
    }
    balance(link);
    return found;
  }

  static void erase_in(Link& link, const K& key) {
    own(link);
    if (Less{}(key, link->box->entry.first)) {
      erase_in(link->left, key);
    } else if (Less{}(link->box->entry.first, key)) {
      erase_in(link->right, key);
    } else if (!link->left || !link->right) {
      Link rest = link->left ? link->left : link->right;
      link = std::move(rest);
      return;
    } else {
      const Node* next = link->right.get();
      while (next->left) next = next->left.get();
      Counted<Box> successor = next->box;
      erase_in(link->right, successor->entry.first);
      link->box = std::move(successor);
    }
    balance(link);
  }

  Link root_;
  std::size_t size_ = 0;
};

}  // namespace highwater
