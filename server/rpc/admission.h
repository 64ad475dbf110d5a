// Admission: who a call is from and whether it may be made: bearer tokens, scopes, the drain.
//
// Thread-safe. Tokens change at a reload, calls under way go on with what they were admitted with.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include "core/guarded.h"
#include "core/time.h"
#include "server/config/selection.h"
#include "server/rpc/tokens.h"

namespace amont {

// Whoever makes a call.
struct Caller {
  std::string name;               // of the token; of the client's certificate; or "" where nobody is asked
  std::set<std::string> sources;  // that it may see; empty: all

  // A check's id and a table's full name begin with the source.
  bool Sees(std::string_view id) const;
  // Narrows a selection to what it may see; PERMISSION_DENIED where that names another source.
  grpc::Status Narrow(Selection& selection) const;
};

class Admission {
 public:
  // Without tokens everybody may do everything: the listener is on loopback, or asks for certificates.
  explicit Admission(std::shared_ptr<const Tokens> tokens);

  void SetTokens(std::shared_ptr<const Tokens> tokens) { tokens_.Set(std::move(tokens)); }
  std::shared_ptr<const Tokens> tokens() const { return tokens_.Get(); }
  // OK and `caller` set, UNAUTHENTICATED, PERMISSION_DENIED, or UNAVAILABLE while the service drains. Every
  // OK is followed by one Leave.
  grpc::Status Enter(const grpc::ServerContext& context, Scope scope, Caller& caller);
  void Leave();
  // Lets no more calls in, and waits until those inside have left, `grace` at most.
  void Drain(Duration grace);

 private:
  struct Calls {
    size_t inside = 0;
    bool draining = false;
  };
  Published<Tokens> tokens_;
  Guarded<Calls> calls_;
};

}  // namespace amont
