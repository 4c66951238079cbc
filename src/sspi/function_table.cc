#include <openschannel/sspi.h>

// InitSecurityInterface: every function of the table stands in it, built or not (contract PKG-7);
// those that are not return SEC_E_UNSUPPORTED_FUNCTION.
extern "C" {

PSecurityFunctionTableA SEC_ENTRY InitSecurityInterfaceA(void) {
  static SecurityFunctionTableA table = {
      .dwVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5,
      .EnumerateSecurityPackagesA = ::EnumerateSecurityPackagesA,
      .QueryCredentialsAttributesA = ::QueryCredentialsAttributesA,
      .AcquireCredentialsHandleA = ::AcquireCredentialsHandleA,
      .FreeCredentialsHandle = ::FreeCredentialsHandle,
      .Reserved2 = nullptr,
      .InitializeSecurityContextA = ::InitializeSecurityContextA,
      .AcceptSecurityContext = ::AcceptSecurityContext,
      .CompleteAuthToken = ::CompleteAuthToken,
      .DeleteSecurityContext = ::DeleteSecurityContext,
      .ApplyControlToken = ::ApplyControlToken,
      .QueryContextAttributesA = ::QueryContextAttributesA,
      .ImpersonateSecurityContext = ::ImpersonateSecurityContext,
      .RevertSecurityContext = ::RevertSecurityContext,
      .MakeSignature = ::MakeSignature,
      .VerifySignature = ::VerifySignature,
      .FreeContextBuffer = ::FreeContextBuffer,
      .QuerySecurityPackageInfoA = ::QuerySecurityPackageInfoA,
      .Reserved3 = nullptr,
      .Reserved4 = nullptr,
      .ExportSecurityContext = ::ExportSecurityContext,
      .ImportSecurityContextA = ::ImportSecurityContextA,
      .AddCredentialsA = ::AddCredentialsA,
      .Reserved8 = nullptr,
      .QuerySecurityContextToken = ::QuerySecurityContextToken,
      .EncryptMessage = ::EncryptMessage,
      .DecryptMessage = ::DecryptMessage,
      .SetContextAttributesA = ::SetContextAttributesA,
      .SetCredentialsAttributesA = ::SetCredentialsAttributesA,
      .ChangeAccountPasswordA = ::ChangeAccountPasswordA,
      .QueryContextAttributesExA = ::QueryContextAttributesExA,
      .QueryCredentialsAttributesExA = ::QueryCredentialsAttributesExA,
  };
  return &table;
}

PSecurityFunctionTableW SEC_ENTRY InitSecurityInterfaceW(void) {
  static SecurityFunctionTableW table = {
      .dwVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5,
      .EnumerateSecurityPackagesW = ::EnumerateSecurityPackagesW,
      .QueryCredentialsAttributesW = ::QueryCredentialsAttributesW,
      .AcquireCredentialsHandleW = ::AcquireCredentialsHandleW,
      .FreeCredentialsHandle = ::FreeCredentialsHandle,
      .Reserved2 = nullptr,
      .InitializeSecurityContextW = ::InitializeSecurityContextW,
      .AcceptSecurityContext = ::AcceptSecurityContext,
      .CompleteAuthToken = ::CompleteAuthToken,
      .DeleteSecurityContext = ::DeleteSecurityContext,
      .ApplyControlToken = ::ApplyControlToken,
      .QueryContextAttributesW = ::QueryContextAttributesW,
      .ImpersonateSecurityContext = ::ImpersonateSecurityContext,
      .RevertSecurityContext = ::RevertSecurityContext,
      .MakeSignature = ::MakeSignature,
      .VerifySignature = ::VerifySignature,
      .FreeContextBuffer = ::FreeContextBuffer,
      .QuerySecurityPackageInfoW = ::QuerySecurityPackageInfoW,
      .Reserved3 = nullptr,
      .Reserved4 = nullptr,
      .ExportSecurityContext = ::ExportSecurityContext,
      .ImportSecurityContextW = ::ImportSecurityContextW,
      .AddCredentialsW = ::AddCredentialsW,
      .Reserved8 = nullptr,
      .QuerySecurityContextToken = ::QuerySecurityContextToken,
      .EncryptMessage = ::EncryptMessage,
      .DecryptMessage = ::DecryptMessage,
      .SetContextAttributesW = ::SetContextAttributesW,
      .SetCredentialsAttributesW = ::SetCredentialsAttributesW,
      .ChangeAccountPasswordW = ::ChangeAccountPasswordW,
      .QueryContextAttributesExW = ::QueryContextAttributesExW,
      .QueryCredentialsAttributesExW = ::QueryCredentialsAttributesExW,
  };
  return &table;
}

}  // extern "C"
