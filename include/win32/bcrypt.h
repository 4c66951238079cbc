/* <bcrypt.h> for programs written for Windows. */
#pragma once

#include <openschannel/ncrypt.h>
