/* <wintrust.h>: its status codes and the certificate types; no function of WinTrust. */
#pragma once

#include "windows.h"
#include <openschannel/wincrypt.h>
