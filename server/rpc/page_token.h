// Page tokens: where the next page of a listing begins, and of which listing.
//
// A token is opaque, URL-safe text. It holds a place and a digest of the request it belongs to, so that one
// that is sent along with other filters is refused instead of giving pages of two listings. Not a secret.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace amont {

// `place`: what the listing itself understands. Empty gives the empty token: the last page.
std::string MakePageToken(std::string_view listing, std::string_view place);
// The place; nullopt where the token is not one of this listing's. The empty token is the empty place.
std::optional<std::string> ReadPageToken(std::string_view listing, std::string_view token);

}  // namespace amont
