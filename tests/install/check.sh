#!/bin/bash
# Installs to a folder of its own and builds two small programs against it, one through pkg-config
# and one through CMake, in the Windows spelling.    check.sh BUILD_DIR
set -euo pipefail
build=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --install "$build" --prefix "$folder/usr" >"$folder/install.log"
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$folder/usr" -name openschannel.pc)")

cat >"$folder/native.c" <<'C'
#include <openschannel/schannel.h>
#include <openschannel/security.h>
int main(void) { return InitSecurityInterfaceA()->dwVersion >= 1 ? 0 : 1; }
C
cat >"$folder/windows.cpp" <<'C'
#include <windows.h>
#define SECURITY_WIN32
#include <schannel.h>
#include <security.h>
int main() {
  PSecPkgInfo info = nullptr;
  if (QuerySecurityPackageInfo(const_cast<char*>(UNISP_NAME_A), &info) != SEC_E_OK) return 1;
  return FreeContextBuffer(info) == SEC_E_OK ? 0 : 1;
}
C
# pkgconf would take the prefix from the file's place only when asked.
flags=$(pkg-config --define-prefix --cflags --libs openschannel)
# shellcheck disable=SC2086
cc "$folder/native.c" $flags -Wl,-rpath,"$(dirname "$PKG_CONFIG_PATH")" -o "$folder/native"
"$folder/native"
echo "pkg-config: a program builds and runs"

cat >"$folder/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES CXX)
find_package(openschannel 0.1 REQUIRED)
add_executable(windows windows.cpp)
target_link_libraries(windows PRIVATE openschannel::win32)
C
cmake -S "$folder" -B "$folder/build" -DCMAKE_PREFIX_PATH="$folder/usr" >"$folder/cmake.log"
cmake --build "$folder/build" >>"$folder/cmake.log"
"$folder/build/windows"
echo "CMake: a program in the Windows spelling builds and runs"
