// SPDX-License-Identifier: MIT
// einsum: every pair of operands becomes one batched matrix product. Letters are sorted into four groups: in
// both and in the result (batch), in both and summed (inner), in the left alone (rows), in the right alone
// (columns).
#include <algorithm>
#include <cctype>

#include "minitorch/core/errors.h"
#include "minitorch/ops/binary/binary.h"
#include "minitorch/ops/copy/copy.h"
#include "minitorch/ops/matmul/matmul.h"
#include "minitorch/ops/movement/movement.h"
#include "minitorch/ops/reduce/reduce.h"

namespace minitorch {
namespace {

struct Term {
  std::string letters;
  Tensor x;
};

bool has(const std::string& letters, char c) { return letters.find(c) != std::string::npos; }

int64_t size_of(const Term& t, char c) { return t.x.shape()[static_cast<int>(t.letters.find(c))]; }

[[noreturn]] void refuse(const std::string& formula, const std::string& why) {
  throw ValueError("[einsum] \"" + formula + "\": " + why,
                   "write it as einsum(\"ij,jk->ik\", {a, b}), one letter an axis");
}

// "..." of an operand becomes digits, counted from the last axis, so that they are letters like the others.
std::string spell_ellipsis(const std::string& formula, std::string part, int hidden) {
  const auto at = part.find("...");
  if (at == std::string::npos) return part;
  if (hidden < 0) refuse(formula, "an operand has fewer axes than letters");
  std::string digits;
  for (int i = hidden - 1; i >= 0; --i) digits += static_cast<char>('0' + i);
  return part.replace(at, 3, digits);
}

struct Formula {
  std::vector<std::string> inputs;
  std::string output;
};

Formula parse(const std::string& text, const std::vector<Tensor>& operands) {
  std::string s = text;
  s.erase(std::remove(s.begin(), s.end(), ' '), s.end());
  const auto arrow = s.find("->");
  Formula f;
  std::string left = s.substr(0, arrow) + ",", part;
  int most_hidden = 0;
  for (char c : left) {
    if (c != ',') {
      part += c;
      continue;
    }
    const std::size_t k = f.inputs.size();
    if (k >= operands.size()) refuse(text, "more parts than operands");
    const bool dots = part.find("...") != std::string::npos;
    const int hidden = dots ? operands[k].dims() - static_cast<int>(part.size() - 3) : 0;
    most_hidden = std::max(most_hidden, hidden);
    f.inputs.push_back(spell_ellipsis(text, part, hidden));
    for (char l : f.inputs.back())
      if (!std::isalnum(static_cast<unsigned char>(l))) refuse(text, format("'%c' is no letter", l));
    if (static_cast<int>(f.inputs.back().size()) != operands[k].dims())
      refuse(text, format("\"%s\" names %zu axes of a tensor of shape %s", part.c_str(),
                          f.inputs.back().size(), to_string(operands[k].shape()).c_str()));
    part.clear();
  }
  if (f.inputs.size() != operands.size()) refuse(text, "fewer parts than operands");
  if (arrow != std::string::npos) {
    f.output = spell_ellipsis(text, s.substr(arrow + 2), most_hidden);
  } else {
    std::string all;
    for (auto& in : f.inputs) all += in;
    for (int i = most_hidden - 1; i >= 0; --i) f.output += static_cast<char>('0' + i);
    std::string once;
    for (char c : all)
      if (std::isalpha(static_cast<unsigned char>(c)) && std::count(all.begin(), all.end(), c) == 1)
        once += c;
    std::sort(once.begin(), once.end());
    f.output += once;
  }
  for (char c : f.output) {
    if (std::count(f.output.begin(), f.output.end(), c) > 1)
      refuse(text, std::string("'") + c + "' stands twice in the result");
    if (std::none_of(f.inputs.begin(), f.inputs.end(), [c](auto& in) { return has(in, c); }))
      refuse(text, std::string("'") + c + "' stands in no operand");
  }
  return f;
}

// A letter that stands twice in one operand picks the diagonal.
Term diagonal(Term t) {
  for (std::size_t i = 0; i < t.letters.size(); ++i)
    for (std::size_t j = i + 1; j < t.letters.size(); ++j) {
      if (t.letters[i] != t.letters[j]) continue;
      const int64_t n = t.x.shape()[static_cast<int>(i)];
      if (n != t.x.shape()[static_cast<int>(j)])
        throw ShapeError("[einsum] the diagonal of axes of different size in " + to_string(t.x.shape()));
      // Rows of the joined axis n + 1 apart are the diagonal.
      Shape order;
      std::string rest;
      for (std::size_t d = 0; d < t.letters.size(); ++d)
        if (d != i && d != j) order.push_back(static_cast<int64_t>(d)), rest += t.letters[d];
      order.push_back(static_cast<int64_t>(i)).push_back(static_cast<int64_t>(j));
      Shape joined(t.x.shape().data(), 0);
      for (int k = 0; k < order.dims() - 2; ++k) joined.push_back(t.x.shape()[static_cast<int>(order[k])]);
      joined.push_back(n * n);
      return diagonal(
          {rest + t.letters[i], slice(reshape(permute(t.x, order), joined), -1, 0, n * n, n + 1)});
    }
  return t;
}

// Sums over the letters that nothing else needs.
Term drop(Term t, const std::string& needed) {
  Shape axes;
  std::string left;
  for (std::size_t i = 0; i < t.letters.size(); ++i)
    if (has(needed, t.letters[i])) left += t.letters[i];
    else axes.push_back(static_cast<int64_t>(i));
  return axes.empty() ? t : Term{left, sum(t.x, axes)};
}

Tensor arrange(const Term& t, const std::string& letters) {
  Shape order;
  for (char c : letters) order.push_back(static_cast<int64_t>(t.letters.find(c)));
  return permute(t.x, order);
}

Term multiply(const Term& a, const Term& b, const std::string& needed) {
  std::string batch, inner, rows, cols;
  Shape sizes_batch, sizes_rows, sizes_cols;
  int64_t n_batch = 1, n_inner = 1, n_rows = 1, n_cols = 1;
  for (char c : a.letters) {
    const int64_t n = size_of(a, c);
    if (has(b.letters, c) && size_of(b, c) != n)
      throw ShapeError(format("[einsum] axis '%c' has size %lld in one operand and %lld in another", c,
                              static_cast<long long>(n), static_cast<long long>(size_of(b, c))));
    if (!has(b.letters, c)) rows += c, sizes_rows.push_back(n), n_rows *= n;
    else if (has(needed, c)) batch += c, sizes_batch.push_back(n), n_batch *= n;
    else inner += c, n_inner *= n;
  }
  for (char c : b.letters)
    if (!has(a.letters, c)) cols += c, sizes_cols.push_back(size_of(b, c)), n_cols *= size_of(b, c);
  const Tensor left = reshape(arrange(a, batch + rows + inner), {n_batch, n_rows, n_inner});
  const Tensor right = reshape(arrange(b, batch + inner + cols), {n_batch, n_inner, n_cols});
  Shape out = sizes_batch;
  for (int64_t n : sizes_rows) out.push_back(n);
  for (int64_t n : sizes_cols) out.push_back(n);
  return {batch + rows + cols, reshape(matmul(left, right), out)};
}

// The axes of "...", spelled as digits, stretched to the sizes they have in common.
std::vector<Tensor> broadcast_hidden(const Formula& f, const std::vector<Tensor>& operands) {
  int64_t common[10];
  std::fill(std::begin(common), std::end(common), 1);
  auto each_hidden = [&](auto visit) {
    for (std::size_t k = 0; k < operands.size(); ++k)
      for (std::size_t i = 0; i < f.inputs[k].size(); ++i)
        if (const char c = f.inputs[k][i]; c >= '0' && c <= '9')
          visit(k, static_cast<int>(i), common[c - '0']);
  };
  each_hidden([&](std::size_t k, int i, int64_t& size) {
    if (operands[k].shape()[i] != 1) size = operands[k].shape()[i];
  });
  std::vector<Tensor> out = operands;
  each_hidden([&](std::size_t k, int i, int64_t size) {
    Shape shape = out[k].shape();
    if (shape[i] == 1) shape[i] = size;
    out[k] = expand(out[k], shape);
  });
  return out;
}

}  // namespace

Tensor einsum(const std::string& formula, const std::vector<Tensor>& given) {
  const Formula f = parse(formula, given);
  const std::vector<Tensor> operands = broadcast_hidden(f, given);
  auto needed_after = [&](std::size_t k) {
    std::string letters = f.output;
    for (std::size_t i = k; i < f.inputs.size(); ++i) letters += f.inputs[i];
    return letters;
  };
  Term total = diagonal({f.inputs[0], operands[0]});
  total = drop(total, needed_after(1));
  for (std::size_t k = 1; k < operands.size(); ++k) {
    const Term next = drop(diagonal({f.inputs[k], operands[k]}), total.letters + needed_after(k + 1));
    total = drop(multiply(total, next, needed_after(k + 1)), needed_after(k + 1));
  }
  return arrange(total, f.output);
}

}  // namespace minitorch
