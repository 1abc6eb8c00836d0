#include "web/logins.hpp"

#include "base/error.hpp"
#include "net/password.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace web {
namespace {

constexpr std::size_t shortestToken = 16;
constexpr std::size_t mostLogins = 1000;
constexpr std::string_view tokenWord = "token:", hashWord = "$sha256$";

[[noreturn]] void refuse(const std::string& why) {
    throw base::Error(base::ErrorKind::Settings, why);
}

bool startsWith(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

std::string digestOfToken(const std::string& token) {
    if (startsWith(token, hashWord) && token.size() == hashWord.size() + 64)
        return token.substr(hashWord.size());
    if (token.size() < shortestToken)
        refuse("The token in auth is too short to be safe: take 16 characters or more, such as "
               "\"openssl rand -hex 16\" prints.");
    return net::digestOf(token);
}

std::vector<std::string> linesOf(const std::string& path) {
    std::ifstream file(path);
    if (!file)
        refuse("The file of auth, " + path + ", cannot be read: " + std::strerror(errno) + ".");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        if (!line.empty() && line[0] != '#')
            lines.push_back(line);
    }
    if (lines.empty() || lines.size() > mostLogins)
        refuse("The file of auth, " + path + ", has " + (lines.empty() ? "no" : "too many") +
               " logins: put one token:SECRET or NAME:PASSWORD in each line.");
    return lines;
}

std::string variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (!value || !*value)
        refuse("auth names the environment variable " + name + ", which is not set.");
    return value;
}

} // namespace

Logins::Logins(const std::string& given) {
    if (startsWith(given, "file:"))
        for (const std::string& line : linesOf(given.substr(5)))
            add(line);
    else if (startsWith(given, "env:"))
        add(variable(given.substr(4)));
    else if (!given.empty())
        add(given);
}

void Logins::add(const std::string& line) {
    const auto colon = line.find(':');
    if (colon == line.npos || colon == 0 || colon + 1 == line.size())
        refuse("auth must be token:SECRET, NAME:PASSWORD, env:VARIABLE or file:PATH.");
    if (startsWith(line, tokenWord)) {
        tokens_.push_back(digestOfToken(line.substr(tokenWord.size())));
        return;
    }
    const std::string secret = line.substr(colon + 1);
    people_.push_back(
        {line.substr(0, colon), net::isPasswordHash(secret) ? secret : net::hashPassword(secret)});
}

std::string Logins::tokenLike(const std::string& secret) const {
    const std::string digest = net::digestOf(secret);
    std::string found;
    for (const std::string& token : tokens_)
        if (net::isSame(token, digest))
            found = token;
    return found;
}

bool Logins::isPerson(const std::string& name, const std::string& password) const {
    const Person* one = nullptr;
    for (const Person& person : people_)
        if (person.name == name)
            one = &person;
    if (one)
        return net::isPassword(password, one->hash);
    if (!people_.empty()) // as long as for a name that there is
        net::isPassword(password, people_.front().hash);
    return false;
}

std::string sealed(const std::string& given) {
    if (given.empty() || startsWith(given, "file:") || startsWith(given, "env:"))
        return given;
    try {
        const auto colon = given.find(':');
        if (colon == given.npos || colon == 0 || colon + 1 == given.size())
            return given;
        const std::string secret = given.substr(colon + 1);
        if (startsWith(given, tokenWord))
            return std::string(tokenWord) + std::string(hashWord) + digestOfToken(secret);
        return given.substr(0, colon + 1) +
               (net::isPasswordHash(secret) ? secret : net::hashPassword(secret));
    } catch (const base::Error&) {
        return given;
    }
}

} // namespace web
