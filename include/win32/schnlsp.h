/* <schnlsp.h>: another name of <schannel.h>. */
#pragma once

#include "windows.h"
#include <openschannel/schannel.h>
