# SPDX-License-Identifier: MIT
# Cross build for 64-bit ARM on a Debian machine; its programs run under qemu. Used by ./course test aarch64.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER /usr/bin/aarch64-linux-gnu-g++)

# The simulator reserves as much address space as it is given, and qemu keeps 24 bytes for each of its pages: terabytes
# of addresses would cost it gigabytes of memory. 16 GB of addresses are enough.
# Emulated kernels for tensor cores may take minutes; and the emulator (7.2) breaks off when a forked process starts a
# thread, so that tests know of it.
set(CMAKE_CROSSCOMPILING_EMULATOR /usr/bin/env MT_SIM_TIMEOUT=550 /usr/bin/qemu-aarch64 -R 16G -L /usr/aarch64-linux-gnu)
add_compile_definitions(MT_EMULATED)

# Libraries come from the sysroot that tools/course/aarch64_sysroot.sh unpacks; header-only ones from this system.
set(MT_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../build/aarch64-sysroot)
set(ZLIB_INCLUDE_DIR ${MT_SYSROOT}/usr/include)
set(ZLIB_LIBRARY ${MT_SYSROOT}/usr/lib/aarch64-linux-gnu/libz.a)
set(Catch2_DIR ${MT_SYSROOT}/usr/lib/cmake/Catch2)
