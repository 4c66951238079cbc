#include <gtest/gtest.h>

#include "crypto/constant_time.h"
#include "crypto/key_exchange.h"
#include "record/reader.h"
#include "record/writer.h"
#include "tls/transcript.h"
#include "tls/v13/key_schedule.h"
#include "unit/vectors.h"
#include "wire/messages.h"

// RFC 8448: the traces of TLS 1.3, byte for byte, through key exchange, transcript, key schedule
// and both record directions. Every message and record of a trace is checked, so that nothing that
// the two sides of our own engine could get wrong together goes unseen.
namespace schannel {
namespace {

using tls::v13::ApplicationStage;
using tls::v13::HandshakeStage;

class FixedRandom : public crypto::Random {
 public:
  explicit FixedRandom(Bytes value) : value_(value) {}
  void fill(MutableBytes out) override {
    ASSERT_EQ(out.size(), value_.size());
    std::copy(value_.begin(), value_.end(), out.begin());
  }

 private:
  Bytes value_;
};

struct Trace {
  std::map<std::string, Buffer> values;
  const Buffer& operator[](const std::string& key) const { return values.at(key); }
  bool has(const std::string& key) const { return values.count(key) != 0; }
  Bytes message(const std::string& record) const {
    return Bytes(values.at(record)).subspan(kRecordHeaderBytes);
  }
};

Secret shared_secret(const Trace& trace) {
  if (trace.has("shared_secret")) return Secret(trace["shared_secret"]);
  FixedRandom random(trace["client_private_key"]);
  const auto share = crypto::KeyShare::generate(NamedGroup::x25519, random);
  EXPECT_TRUE(share);
  auto secret = share->derive(trace["server_public_key"]);
  EXPECT_TRUE(secret);
  return std::move(*secret);
}

/// Opens `record` out of place and compares what is inside.
void expect_opens(record::RecordReader& reader, const Buffer& record, wire::ContentType type,
                  Bytes content) {
  const auto frame = reader.frame(record);
  ASSERT_TRUE(frame);
  ASSERT_EQ(frame->size, record.size());
  Buffer out(record.size());
  const auto opened = reader.open(record, out.data());
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->type, type);
  EXPECT_EQ(to_buffer(opened->content), to_buffer(content));
}

class Rfc8448 : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    trace_.values = test::read_vectors(std::string("rfc8448/") + GetParam());
  }
  Trace trace_;
  const tls::Suite& suite_ = *tls::find_suite(0x1301);
};

TEST_P(Rfc8448, key_schedule_and_records_are_those_of_the_trace) {
  const Trace& trace = trace_;
  tls::Transcript transcript;
  transcript.add(trace.message("client_hello_record"));
  if (trace.has("hello_retry_request_record")) {
    transcript.replace_by_message_hash(suite_.hash);
    transcript.add(trace.message("hello_retry_request_record"));
    transcript.add(trace.message("second_client_hello_record"));
  }
  transcript.use(suite_.hash);
  transcript.add(trace.message("server_hello_record"));
  HandshakeStage keys(suite_, shared_secret(trace), transcript.current());

  // The server's flight: each message as the trace has it, all in one record.
  Buffer flight;
  for (const char* name : {"encrypted_extensions_message", "certificate_request_message",
                           "certificate_message", "certificate_verify_message"}) {
    if (!trace.has(name)) continue;
    append(flight, trace[name]);
    transcript.add(trace[name]);
  }
  const Buffer& finished = trace["finished_message"];
  EXPECT_EQ(to_buffer(keys.server().verify_data(transcript.current())),
            Buffer(finished.begin() + 4, finished.end()));
  append(flight, finished);
  transcript.add(finished);

  record::RecordReader from_server;
  ASSERT_TRUE(from_server.use(keys.server().record_key()));
  expect_opens(from_server, trace["server_flight_record"], wire::ContentType::handshake, flight);
  record::RecordWriter server;
  ASSERT_TRUE(server.use(keys.server().record_key()));
  Buffer sealed;
  ASSERT_TRUE(server.append(sealed, wire::ContentType::handshake, flight));
  EXPECT_EQ(sealed, trace["server_flight_record"]);

  // The client's flight: what precedes Finished is taken from the record (client authentication).
  record::RecordReader from_client;
  ASSERT_TRUE(from_client.use(keys.client().record_key()));
  Buffer opened_flight(trace["client_flight_record"].size());
  const auto opened = from_client.open(trace["client_flight_record"], opened_flight.data());
  ASSERT_TRUE(opened);
  const std::size_t finished_size = 4 + 32;
  const crypto::Digest through_server_finished = transcript.current();
  transcript.add(Bytes(opened->content).first(opened->content.size() - finished_size));
  const crypto::Digest verify_data = keys.client().verify_data(transcript.current());
  EXPECT_EQ(to_buffer(Bytes(opened->content).last(32)), to_buffer(verify_data));
  record::RecordWriter client;
  ASSERT_TRUE(client.use(keys.client().record_key()));
  Buffer sealed_flight;
  ASSERT_TRUE(client.append(sealed_flight, wire::ContentType::handshake, opened->content));
  EXPECT_EQ(sealed_flight, trace["client_flight_record"]);

  // Application data, both ways, with a ticket before the server's.
  const ApplicationStage application = std::move(keys).into_application(through_server_finished);
  ASSERT_TRUE(from_server.use(application.server.record_key()));
  ASSERT_TRUE(server.use(application.server.record_key()));
  ASSERT_TRUE(from_client.use(application.client.record_key()));
  ASSERT_TRUE(client.use(application.client.record_key()));
  if (trace.has("new_session_ticket_record")) {
    Buffer ticket(trace["new_session_ticket_record"].size());
    const auto message = from_server.open(trace["new_session_ticket_record"], ticket.data());
    ASSERT_TRUE(message);
    EXPECT_EQ(message->type, wire::ContentType::handshake);
    EXPECT_TRUE(wire::decode<wire::NewSessionTicket13>(Bytes(message->content).subspan(4)));
    Buffer again;
    ASSERT_TRUE(server.append(again, wire::ContentType::handshake, message->content));
    EXPECT_EQ(again, trace["new_session_ticket_record"]);
  }
  if (trace.has("client_data")) {
    expect_opens(from_client, trace["client_data_record"], wire::ContentType::application_data,
                 trace["client_data"]);
    expect_opens(from_server, trace["server_data_record"], wire::ContentType::application_data,
                 trace["server_data"]);
    // The caller's buffers, scattered as EncryptMessage allows.
    Buffer header(5), content = trace["client_data"], trailer(17);
    ASSERT_TRUE(
        client.seal(wire::ContentType::application_data, header.data(), content, trailer.data()));
    append(header, content);
    append(header, trailer);
    EXPECT_EQ(header, trace["client_data_record"]);
    Buffer data;
    ASSERT_TRUE(server.append(data, wire::ContentType::application_data, trace["server_data"]));
    EXPECT_EQ(data, trace["server_data_record"]);
  }
  const std::uint8_t close_notify[] = {1, 0};
  expect_opens(from_client, trace["client_close_notify_record"], wire::ContentType::alert,
               close_notify);
  expect_opens(from_server, trace["server_close_notify_record"], wire::ContentType::alert,
               close_notify);
}

INSTANTIATE_TEST_SUITE_P(Traces, Rfc8448,
                         testing::Values("simple_1rtt.vec", "hello_retry_request.vec",
                                         "client_authentication.vec",
                                         "middlebox_compatibility.vec"),
                         [](const auto& param) {
                           const std::string name = param.param;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace schannel
