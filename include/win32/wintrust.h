/* <wintrust.h>: its status codes and the certificate types; no function of WinTrust. */
#pragma once

#include <openschannel/wincrypt.h>
#include "windows.h"
