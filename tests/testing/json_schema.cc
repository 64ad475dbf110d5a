#include "tests/testing/json_schema.h"

#include <sstream>

#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {
namespace {

// Prints one line a file: its first complaint, or an empty one.
constexpr const char* kProgram = R"(
import json, sys, tomllib
from jsonschema import Draft7Validator

def plain(value):
    if isinstance(value, dict): return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list): return [plain(each) for each in value]
    return value if isinstance(value, (str, bool, int, float)) else value.isoformat()

schema = json.load(open(sys.argv[1]))
Draft7Validator.check_schema(schema)
validator = Draft7Validator(schema)
for path in sys.argv[2:]:
    try:
        errors = [f"{'.'.join(map(str, e.path))}: {e.message}" for e in validator.iter_errors(plain(tomllib.load(open(path, "rb"))))]
    except tomllib.TOMLDecodeError as error:
        errors = [str(error)]
    print(errors[0].replace("\n", " ") if errors else "")
)";

bool HasPython() { return RunProgram({"python3", "-c", "import tomllib, jsonschema"}).exit_code == 0; }

}  // namespace

std::optional<std::vector<std::string>> ValidateToml(const std::string& schema,
                                                     const std::vector<std::string>& texts) {
  if (!HasPython()) return std::nullopt;
  const TempDir folder;
  std::vector<std::string> command = {"python3", "-c", kProgram, folder.Write("schema.json", schema)};
  for (size_t i = 0; i < texts.size(); ++i)
    command.push_back(folder.Write(std::to_string(i) + ".toml", texts[i]));
  const ProcessResult result = RunProgram(command);
  if (result.exit_code != 0) return std::vector<std::string>(texts.size(), "python failed: " + result.err);
  std::vector<std::string> complaints;
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) complaints.push_back(line);
  complaints.resize(texts.size(), "no answer");
  return complaints;
}

}  // namespace amont::testing
