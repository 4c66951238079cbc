/* <winerror.h>: status codes. */
#pragma once

#include <openschannel/winerror.h>
