#pragma once
#include <memory>
#include <vector>

#include "pki/chain.h"
#include "pki/references.h"

namespace schannel::pki {

/// A CERT_CHAIN_CONTEXT: a judged chain as the functions of Windows show it. Immutable; holds a
/// reference to every certificate context in it.
class ChainContext {
 public:
  /// One context for each element of `chain`; their references are taken over.
  ChainContext(std::shared_ptr<const JudgedChain> chain, std::vector<PCCERT_CONTEXT> certificates,
               DWORD create_flags);
  ~ChainContext();
  ChainContext(const ChainContext&) = delete;
  ChainContext& operator=(const ChainContext&) = delete;

  PCCERT_CHAIN_CONTEXT context() const { return &context_; }
  const JudgedChain& judged() const { return *judged_; }

 private:
  struct Element;

  std::shared_ptr<const JudgedChain> judged_;
  std::vector<std::unique_ptr<Element>> elements_;
  std::vector<PCERT_CHAIN_ELEMENT> pointers_;
  CERT_SIMPLE_CHAIN simple_{};
  PCERT_SIMPLE_CHAIN simple_pointer_ = &simple_;
  CERT_CHAIN_CONTEXT context_{};
};

// Who holds which chain, as references.h has it for certificates: a pointer that is not in the
// table is never read through.
PCCERT_CHAIN_CONTEXT give_chain(std::shared_ptr<const ChainContext> chain);
std::shared_ptr<const ChainContext> chain_of(PCCERT_CHAIN_CONTEXT context);
bool add_chain_reference(PCCERT_CHAIN_CONTEXT context);
void release_chain(PCCERT_CHAIN_CONTEXT context);

}  // namespace schannel::pki
