// SPDX-License-Identifier: MIT
// What -fsanitize=thread makes the compiler call before every load and store, and instead of every atomic
// builtin. Names and arguments are the sanitizer's; see checker.cpp for what becomes of the calls.
#include <cstddef>
#include <cstdint>

#include "minitorch/simt/checker/shadow.h"

using minitorch::simt::on_access;
#define MT_LINE __builtin_return_address(0)

// Plain forwarding to the real operation; `plain` is what the hook gets to see.
#define MT_ATOMIC_HOOKS(bits, T)                                                                   \
  T __tsan_atomic##bits##_load(const volatile T* p, int) {                                         \
    on_access(const_cast<const T*>(p), sizeof(T), false, true, true, MT_LINE);                     \
    return __atomic_load_n(p, __ATOMIC_SEQ_CST);                                                   \
  }                                                                                                \
  void __tsan_atomic##bits##_store(volatile T* p, T v, int) {                                      \
    on_access(const_cast<const T*>(p), sizeof(T), true, true, true, MT_LINE);                      \
    __atomic_store_n(p, v, __ATOMIC_SEQ_CST);                                                      \
  }                                                                                                \
  T __tsan_atomic##bits##_exchange(volatile T* p, T v, int) {                                      \
    on_access(const_cast<const T*>(p), sizeof(T), true, true, true, MT_LINE);                      \
    return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);                                            \
  }                                                                                                \
  T __tsan_atomic##bits##_fetch_add(volatile T* p, T v, int) {                                     \
    on_access(const_cast<const T*>(p), sizeof(T), true, true, true, MT_LINE);                      \
    return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST);                                             \
  }                                                                                                \
  T __tsan_atomic##bits##_fetch_sub(volatile T* p, T v, int) {                                     \
    on_access(const_cast<const T*>(p), sizeof(T), true, true, true, MT_LINE);                      \
    return __atomic_fetch_sub(p, v, __ATOMIC_SEQ_CST);                                             \
  }                                                                                                \
  T __tsan_atomic##bits##_compare_exchange_val(volatile T* p, T expected, T v, int, int) {         \
    on_access(const_cast<const T*>(p), sizeof(T), true, true, true, MT_LINE);                      \
    __atomic_compare_exchange_n(p, &expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);       \
    return expected;                                                                               \
  }                                                                                                \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile T* p, T* expected, T v, int, int) {   \
    on_access(const_cast<const T*>(p), sizeof(T), true, true, true, MT_LINE);                      \
    return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
  }                                                                                                \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile T* p, T* expected, T v, int, int) {     \
    on_access(const_cast<const T*>(p), sizeof(T), true, true, true, MT_LINE);                      \
    return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
  }

#define MT_ACCESS_HOOKS(n)                                                                  \
  void __tsan_read##n(void* p) { on_access(p, n, false, false, true, MT_LINE); }            \
  void __tsan_write##n(void* p) { on_access(p, n, true, false, true, MT_LINE); }            \
  void __tsan_unaligned_read##n(void* p) { on_access(p, n, false, false, false, MT_LINE); } \
  void __tsan_unaligned_write##n(void* p) { on_access(p, n, true, false, false, MT_LINE); } \
  void __tsan_read_write##n(void* p) {                                                      \
    on_access(p, n, false, false, true, MT_LINE);                                           \
    on_access(p, n, true, false, true, MT_LINE);                                            \
  }                                                                                         \
  void __tsan_unaligned_read_write##n(void* p) {                                            \
    on_access(p, n, false, false, false, MT_LINE);                                          \
    on_access(p, n, true, false, false, MT_LINE);                                           \
  }

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}

MT_ACCESS_HOOKS(1)
MT_ACCESS_HOOKS(2)
MT_ACCESS_HOOKS(4)
MT_ACCESS_HOOKS(8)
MT_ACCESS_HOOKS(16)
void __tsan_read_range(void* p, std::size_t n) { on_access(p, n, false, false, false, MT_LINE); }
void __tsan_write_range(void* p, std::size_t n) { on_access(p, n, true, false, false, MT_LINE); }

MT_ATOMIC_HOOKS(8, uint8_t)
MT_ATOMIC_HOOKS(16, uint16_t)
MT_ATOMIC_HOOKS(32, uint32_t)
MT_ATOMIC_HOOKS(64, uint64_t)
// Copies of structs may become calls of memcpy: the program is linked with --wrap=memcpy and so on.
void* __real_memcpy(void* to, const void* from, std::size_t n);
void* __real_memmove(void* to, const void* from, std::size_t n);
void* __real_memset(void* to, int value, std::size_t n);
static void on_copy(void* to, const void* from, std::size_t n, const void* line) {
  if (!n || !minitorch::simt::in_kernel() || minitorch::simt::in_simulator) return;
  if (from) on_access(from, n, false, false, false, line);
  on_access(to, n, true, false, false, line);
}
void* __wrap_memcpy(void* to, const void* from, std::size_t n) {
  on_copy(to, from, n, MT_LINE);
  return __real_memcpy(to, from, n);
}
void* __wrap_memmove(void* to, const void* from, std::size_t n) {
  on_copy(to, from, n, MT_LINE);
  return __real_memmove(to, from, n);
}
void* __wrap_memset(void* to, int value, std::size_t n) {
  on_copy(to, nullptr, n, MT_LINE);
  return __real_memset(to, value, n);
}

}  // extern "C"
