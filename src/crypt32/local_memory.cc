#include <openschannel/windef.h>
#include <openschannel/winerror.h>

#include <cstdlib>

HLOCAL WINAPI LocalAlloc(UINT uFlags, SIZE_T uBytes) {
  // An allocation of nothing is one all the same: NULL means failure.
  const SIZE_T size = uBytes == 0 ? 1 : uBytes;
  void* memory = (uFlags & LMEM_ZEROINIT) != 0 ? std::calloc(1, size) : std::malloc(size);
  if (!memory) SetLastError(ERROR_NOT_ENOUGH_MEMORY);
  return memory;
}

HLOCAL WINAPI LocalFree(HLOCAL hMem) {
  std::free(hMem);
  return nullptr;
}
