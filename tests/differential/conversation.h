#pragma once
#include "party.h"

// A configuration played by two libraries, and what they and the standards disagree about.
namespace differential {

enum class Library { ours, libssl, gnutls };
constexpr Library kLibraries[] = {Library::ours, Library::libssl, Library::gnutls};
const char* name_of(Library library);

struct Outcome {
  std::string disagreement;  ///< Empty: none.
  bool succeeded = false;    ///< The first handshake, in what the two ends made of it.
  unsigned handshakes = 0, resumed = 0;
  std::size_t bytes = 0;
};

Outcome converse(const Configuration& configuration, const Identities& identities, Library client,
                 Library server);

}  // namespace differential
