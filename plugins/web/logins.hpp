#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace web {

/// Who may come in, as a user writes it: "token:SECRET", "NAME:PASSWORD" or "NAME:HASH" with a hash
/// of crypt(3) ("openssl passwd -6" prints one). "env:VARIABLE" takes the same from the
/// environment and "file:PATH" from a file, one in each line, "#" before a remark: neither is seen
/// by other users of the machine, as a command line is.
class Logins {
public:
    Logins() = default;
    /// Reads it, files and environment too. Throws base::Error (Settings) with a sentence that
    /// quotes no secret.
    explicit Logins(const std::string& given);

    bool empty() const { return tokens_.empty() && people_.empty(); }
    bool hasTokens() const { return !tokens_.empty(); }

    /// Compared in constant time. The digest of the token that fits, or "".
    std::string tokenLike(const std::string& secret) const;
    /// Some 10 ms of work, for names that there are and are not.
    bool isPerson(const std::string& name, const std::string& password) const;
    /// SHA-256 of each token.
    const std::vector<std::string>& tokenDigests() const { return tokens_; }

private:
    struct Person {
        std::string name, hash;
    };
    void add(const std::string& line);

    std::vector<std::string> tokens_;
    std::vector<Person> people_;
};

/// The same setting without a secret in it: passwords and tokens as hashes. Equal settings stay
/// equal. What makes no sense stays as it is, for Logins to refuse.
std::string sealed(const std::string& given);

} // namespace web
