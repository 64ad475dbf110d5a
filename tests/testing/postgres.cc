#include "tests/testing/postgres.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <pqxx/pqxx>
#include <thread>
#include <vector>

#include "tests/testing/free_port.h"

namespace amont::testing {
namespace {

constexpr char kBin[] = "/usr/lib/postgresql/15/bin/";
constexpr int kAttempts = 5;  // ports are chosen free, but another program may take one first
constexpr std::chrono::seconds kStartPatience{60};

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "the test's PostgreSQL: %s\n", why.c_str());
  std::exit(1);
}

// Prefix of a command that runs as the cluster's user and dies with us.
std::vector<std::string> Prefix() {
  std::vector<std::string> prefix = {"setpriv", "--pdeathsig", "QUIT"};
  if (geteuid() == 0) prefix.insert(prefix.end(), {"--reuid=postgres", "--regid=postgres", "--init-groups"});
  return prefix;
}

std::vector<std::string> Command(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = Prefix();
  command.push_back(kBin + arguments.front());
  command.insert(command.end(), arguments.begin() + 1, arguments.end());
  return command;
}

void MakeFolder(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) != 0 || chmod(path.c_str(), mode) != 0) Stop("cannot make " + path);
  if (geteuid() != 0) return;
  const passwd* user = getpwnam("postgres");
  if (user == nullptr) Stop("there is no user postgres to run it as");
  if (chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) Stop("cannot give " + path + " to postgres");
}

}  // namespace

PostgresServer& PostgresServer::Get() {
  static PostgresServer server;
  return server;
}

std::string PostgresServer::Unavailable() {
  if (access((std::string(kBin) + "initdb").c_str(), X_OK) == 0) return "";
  if (std::getenv("AMONT_REQUIRE_POSTGRES") != nullptr)
    Stop("AMONT_REQUIRE_POSTGRES is set, but it is not installed");
  return std::string("PostgreSQL 15 is not installed in ") + kBin;
}

// Always below /tmp: a socket's path must stay under 100 bytes, and the parents must be open to the user
// postgres.
PostgresServer::PostgresServer() : dir_("/tmp"), owner_(getpid()) {
  chmod(dir_.path().c_str(), 0711);
  MakeFolder(dir_.Path("data"), 0700);
  MakeFolder(dir_.Path("s"), 0755);
  ProcessOptions options;
  options.directory = dir_.path();
  const ProcessResult made = RunProgram(Command({"initdb", "-N", "-A", "trust", "-U", "amont", "-E", "UTF8",
                                                 "--locale=C.UTF-8", "-D", dir_.Path("data")}),
                                        options);
  if (made.exit_code != 0) Stop("initdb failed\n" + made.out + made.err);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (Start()) return;
  }
  Stop("does not start\n" + server_->Errors());
}

bool PostgresServer::Start() {
  port_ = FreePort();
  std::vector<std::string> arguments = {"postgres",     "-D", dir_.Path("data"),    "-k",
                                        dir_.Path("s"), "-p", std::to_string(port_)};
  for (const char* setting :
       {"listen_addresses=127.0.0.1", "fsync=off", "synchronous_commit=off", "full_page_writes=off",
        "autovacuum=off", "shared_buffers=32MB", "timezone=UTC", "log_timezone=UTC", "max_connections=100"}) {
    arguments.insert(arguments.end(), {"-c", setting});
  }
  ProcessOptions options;
  options.directory = dir_.path();
  server_ = std::make_unique<Process>(Command(arguments), options);
  const auto deadline = std::chrono::steady_clock::now() + kStartPatience;
  while (PQping(Url("postgres").c_str()) != PQPING_OK) {
    if (server_->Ended()) return false;
    if (std::chrono::steady_clock::now() > deadline) Stop("does not answer\n" + server_->Errors());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

PostgresServer::~PostgresServer() {
  if (getpid() != owner_) {
    static_cast<void>(server_.release());
    return;
  }
  server_->Signal(SIGQUIT);  // at once: nothing in it is worth a checkpoint
  server_->Wait();
}

std::string PostgresServer::CreateDatabase() {
  const std::string name = "test_" + std::to_string(++databases_);
  ExecuteSql(Url("postgres"), "CREATE DATABASE " + name);
  return Url(name);
}

std::string PostgresServer::Url(std::string_view database, std::string_view role) const {
  return "postgresql://" + std::string(role) + "@/" + std::string(database) + "?host=" + dir_.Path("s") +
         "&port=" + std::to_string(port_);
}

std::string PostgresServer::TcpUrl(std::string_view database, std::string_view role) const {
  return "postgresql://" + std::string(role) + "@127.0.0.1:" + std::to_string(port_) + "/" +
         std::string(database);
}

std::string ExecuteSql(const std::string& url, const std::string& script) {
  try {
    pqxx::connection connection(url);
    const std::unique_ptr<pqxx::errorhandler> silent = std::make_unique<pqxx::quiet_errorhandler>(connection);
    pqxx::nontransaction session(connection);  // what the script says of transactions is its own
    const pqxx::result result = session.exec(script);
    if (result.empty() || result.columns() == 0) return "";
    return result[0][0].is_null() ? "" : result[0][0].c_str();
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what() << "in: " << script;
    return "";
  }
}

}  // namespace amont::testing
