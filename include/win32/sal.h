/* <sal.h>: annotations for Microsoft's analyser, empty here. Those that start with two underscores
 * are left out, because the C++ library uses the same names. */
#pragma once

#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _In_reads_(count)
#define _In_reads_opt_(count)
#define _In_reads_bytes_(bytes)
#define _In_reads_bytes_opt_(bytes)
#define _Inout_
#define _Inout_opt_
#define _Inout_updates_(count)
#define _Inout_updates_bytes_(bytes)
#define _Out_
#define _Out_opt_
#define _Out_writes_(count)
#define _Out_writes_opt_(count)
#define _Out_writes_bytes_(bytes)
#define _Out_writes_bytes_opt_(bytes)
#define _Out_writes_bytes_to_(bytes, count)
#define _Out_writes_bytes_to_opt_(bytes, count)
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Reserved_
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Success_(expression)
#define _Must_inspect_result_
#define _Check_return_
#define _When_(condition, annotation)
#define _Field_size_(count)
#define _Field_size_bytes_(bytes)
#define _Field_size_opt_(count)
#define _Null_terminated_
#define _Use_decl_annotations_
#define _IRQL_requires_max_(level)
