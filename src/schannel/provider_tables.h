#pragma once
#include "schannel/context.h"
#include "schannel/handle_table.h"

// What the files of the provider share.
namespace schannel::package {

/// Every context there is.
HandleTable<Context>& contexts();

/// SEC_E_INVALID_HANDLE, with the detail that says of what.
SECURITY_STATUS invalid_context_handle();

}  // namespace schannel::package
