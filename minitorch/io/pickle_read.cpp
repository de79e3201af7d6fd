// SPDX-License-Identifier: MIT
#include <algorithm>
#include <unordered_map>

#include "minitorch/core/errors.h"
#include "minitorch/io/pickle.h"

namespace minitorch::io {
namespace {

using Kind = PickleValue::Kind;

class Machine {
 public:
  explicit Machine(Cursor& cursor) : cursor_(cursor) {}
  Pickle run();

 private:
  bool step(uint8_t code);
  bool step_scalar(uint8_t code);
  bool step_container(uint8_t code);
  bool step_stack(uint8_t code);

  PickleValue& push(Kind kind);
  void push_text(Kind kind, uint64_t length) { push(kind).text = cursor_.text(length); }
  void push_integer(int64_t value) { push(Kind::integer).integer = value; }
  void push_long(uint64_t length);
  void push_tuple(std::size_t count);
  void push_global(const std::string& module, const std::string& name) {
    push(Kind::global).text = module + " " + name;
  }
  void push_call(int callable, int arguments);
  int pop();
  int top() const;
  std::vector<int> pop_to_mark();
  /// Adds to what lies on top of the stack.
  void extend(std::vector<int> items, bool pairs);
  void memoize(uint64_t key);
  void recall(uint64_t key);
  std::string pop_text();
  [[noreturn]] void damaged(const char* what) const {
    refuse(*cursor_.source(), std::string("has a damaged pickle: ") + what);
  }

  Cursor& cursor_;
  Pickle pickle_;
  std::vector<int> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<uint64_t, int> memo_;
  std::size_t placed_ = 0;  // how often a value was put on the stack again or into a container
};

constexpr std::size_t kMostValues = 1 << 20;

PickleValue& Machine::push(Kind kind) {
  if (pickle_.values.size() >= kMostValues)
    refuse(*cursor_.source(), "has a pickle of more than a million values");
  stack_.push_back(static_cast<int>(pickle_.values.size()));
  pickle_.values.emplace_back().kind = kind;
  return pickle_.values.back();
}

// Integers of any length, in two's complement.
void Machine::push_long(uint64_t length) {
  const std::string bytes = cursor_.text(length);
  if (length > 8) {
    push(Kind::bytes).text = bytes;
    return;
  }
  uint64_t value = 0;
  for (std::size_t i = 0; i < length; ++i) value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  if (length > 0 && length < 8 && bytes.back() & 0x80) value -= uint64_t{1} << (8 * length);
  push_integer(static_cast<int64_t>(value));
}

int Machine::pop() {
  if (stack_.empty() || (!marks_.empty() && stack_.size() <= marks_.back())) damaged("the stack is empty");
  const int value = stack_.back();
  stack_.pop_back();
  return value;
}

int Machine::top() const {
  if (stack_.empty()) damaged("the stack is empty");
  return stack_.back();
}

std::vector<int> Machine::pop_to_mark() {
  if (marks_.empty()) damaged("a mark is missing");
  std::vector<int> items(stack_.begin() + marks_.back(), stack_.end());
  stack_.resize(marks_.back());
  marks_.pop_back();
  return items;
}

void Machine::push_tuple(std::size_t count) {
  std::vector<int> items(count);
  for (std::size_t i = count; i-- > 0;) items[i] = pop();
  push(Kind::tuple).items = std::move(items);
}

void Machine::push_call(int callable, int arguments) {
  PickleValue& value = push(Kind::call);
  value.callable = callable;
  value.arguments = arguments;
}

void Machine::extend(std::vector<int> items, bool pairs) {
  PickleValue& to = pickle_.values[top()];
  const bool fits = to.kind == Kind::call || to.kind == (pairs ? Kind::dict : Kind::list);
  if (!fits || (pairs && items.size() % 2 != 0)) damaged("items are added to what holds none");
  to.items.insert(to.items.end(), items.begin(), items.end());
}

void Machine::memoize(uint64_t key) {
  memo_[key] = top();
  if (memo_.size() > kMostValues) damaged("it stores more than a million values");
}

void Machine::recall(uint64_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end()) damaged("it recalls what it has not stored");
  if (++placed_ > 4 * kMostValues)
    refuse(*cursor_.source(), "has a pickle of more than four million uses of values");
  stack_.push_back(found->second);
}

std::string Machine::pop_text() {
  const PickleValue& value = pickle_.values[pop()];
  if (value.kind != Kind::text) damaged("a name is not a text");
  return value.text;
}

bool Machine::step_scalar(uint8_t code) {
  switch (code) {
    case 'N': push(Kind::none); return true;
    case 0x88: push(Kind::boolean).integer = 1; return true;
    case 0x89: push(Kind::boolean).integer = 0; return true;
    case 'J': push_integer(cursor_.number<int32_t>()); return true;
    case 'K': push_integer(cursor_.byte()); return true;
    case 'M': push_integer(cursor_.number<uint16_t>()); return true;
    case 0x8a: push_long(cursor_.byte()); return true;
    case 0x8b: push_long(cursor_.number<uint32_t>()); return true;
    case 'G': {  // the only big-endian number
      const uint64_t bits = __builtin_bswap64(cursor_.number<uint64_t>());
      std::memcpy(&push(Kind::real).real, &bits, sizeof bits);
      return true;
    }
    case 'X': push_text(Kind::text, cursor_.number<uint32_t>()); return true;
    case 0x8c: push_text(Kind::text, cursor_.byte()); return true;
    case 0x8d: push_text(Kind::text, cursor_.number<uint64_t>()); return true;
    case 'T': push_text(Kind::text, cursor_.number<uint32_t>()); return true;  // Python 2's strings
    case 'U': push_text(Kind::text, cursor_.byte()); return true;
    case 'B': push_text(Kind::bytes, cursor_.number<uint32_t>()); return true;
    case 'C': push_text(Kind::bytes, cursor_.byte()); return true;
    case 0x8e: push_text(Kind::bytes, cursor_.number<uint64_t>()); return true;
    default: return false;
  }
}

bool Machine::step_container(uint8_t code) {
  switch (code) {
    case '}': push(Kind::dict); return true;
    case ']': push(Kind::list); return true;
    case ')': push(Kind::tuple); return true;
    case 0x85: push_tuple(1); return true;
    case 0x86: push_tuple(2); return true;
    case 0x87: push_tuple(3); return true;
    case 't': {
      std::vector<int> items = pop_to_mark();
      push(Kind::tuple).items = std::move(items);
      return true;
    }
    case 'l':
    case 'd': {
      std::vector<int> items = pop_to_mark();
      if (code == 'd' && items.size() % 2 != 0) damaged("a dict has a key without a value");
      push(code == 'l' ? Kind::list : Kind::dict).items = std::move(items);
      return true;
    }
    case 'a': {
      const int item = pop();
      extend({item}, false);
      return true;
    }
    case 's': {
      const int value = pop(), key = pop();
      extend({key, value}, true);
      return true;
    }
    case 'e': extend(pop_to_mark(), false); return true;
    case 'u': extend(pop_to_mark(), true); return true;
    default: return false;
  }
}

bool Machine::step_stack(uint8_t code) {
  switch (code) {
    case '(':
      if (marks_.size() >= kMostValues) damaged("it sets more than a million marks");
      marks_.push_back(stack_.size());
      return true;
    case '0': pop(); return true;
    case '1': pop_to_mark(); return true;
    case '2':
      if (++placed_ > 4 * kMostValues) damaged("it repeats itself without end");
      stack_.push_back(top());
      return true;
    case 'q': memoize(cursor_.byte()); return true;
    case 'r': memoize(cursor_.number<uint32_t>()); return true;
    case 0x94: memoize(memo_.size()); return true;
    case 'h': recall(cursor_.byte()); return true;
    case 'j': recall(cursor_.number<uint32_t>()); return true;
    case 'c': {
      const std::string module = cursor_.line();
      push_global(module, cursor_.line());
      return true;
    }
    case 0x93: {
      const std::string name = pop_text();
      push_global(pop_text(), name);
      return true;
    }
    case 'R':
    case 0x81: {  // a function, or a class, with its arguments
      const int arguments = pop();
      push_call(pop(), arguments);
      return true;
    }
    case 'b': {
      const int state = pop();
      pickle_.values[top()].state = state;
      return true;
    }
    case 'Q': {
      const int id = pop();
      push(Kind::persistent).arguments = id;
      return true;
    }
    case 0x95: cursor_.number<uint64_t>(); return true;  // a frame's length, for readers with buffers
    default: return false;
  }
}

Pickle Machine::run() {
  if (cursor_.byte() != 0x80)
    refuse(*cursor_.source(), "holds no pickle of protocol 2 or later where one is expected");
  if (const int protocol = cursor_.byte(); protocol < 2 || protocol > 5)
    refuse(*cursor_.source(), format("has a pickle of protocol %d: expected 2 to 5", protocol));
  for (uint8_t code; (code = cursor_.byte()) != '.';)
    if (!step_scalar(code) && !step_container(code) && !step_stack(code))
      refuse(*cursor_.source(),
             format("has a pickle with the opcode 0x%02x, which no checkpoint needs", code),
             "save the tensors alone, by torch.save(model.state_dict(), path)");
  pickle_.result = pop();
  return std::move(pickle_);
}

}  // namespace

Pickle read_pickle(Cursor& cursor) { return Machine(cursor).run(); }

}  // namespace minitorch::io
