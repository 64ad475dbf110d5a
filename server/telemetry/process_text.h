// process_*: what the system says of this process, in Prometheus's text format. Any thread; what cannot be
// read is left out.
#pragma once

#include <string>

namespace amont {

void AppendProcessText(std::string& out);

}  // namespace amont
