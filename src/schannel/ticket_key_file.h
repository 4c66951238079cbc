#pragma once
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schannel/ticket_keys.h"

// Ticket keys that the servers of a fleet share (docs/ticket-keys.md).
namespace schannel::package {

/// At least one key, or a sentence that says what is wrong.
using TicketKeyFile = std::variant<std::vector<TicketKey>, std::string>;

/// Reads and checks a file: a regular one, of this user or root, that no group may write and nobody
/// else may touch. What was read is wiped.
TicketKeyFile read_ticket_key_file(const std::string& path);
/// The same for its contents. `name` is the file's, for the sentence.
TicketKeyFile parse_ticket_keys(std::string_view text, const std::string& name);

}  // namespace schannel::package
