/* <schnlsp.h>: another name of <schannel.h>. */
#pragma once

#include <openschannel/schannel.h>
#include "windows.h"
