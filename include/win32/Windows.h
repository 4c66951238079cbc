/* The spelling <Windows.h> for <windows.h>. */
#pragma once

#include "windows.h"
