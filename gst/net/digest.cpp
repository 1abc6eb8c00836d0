#include "net/digest.hpp"

#include "net/random.hpp"

#include <glib.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

namespace net {

namespace {

constexpr std::size_t maxHeader = 8192; ///< what is longer is no challenge

bool sameWord(std::string_view a, std::string_view b) {
    return a.size() == b.size() && g_ascii_strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool isSpace(char c) { return c == ' ' || c == '\t'; }

bool isToken(char c) { return c > 0x20 && c < 0x7f && !std::strchr("()<>@,;:\\\"/[]?={}", c); }

/// Reads "scheme name=value, name="quoted value", scheme …" word by word.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool atEnd() {
        while (here_ < text_.size() && (isSpace(text_[here_]) || text_[here_] == ','))
            here_++;
        return here_ >= text_.size();
    }
    std::string token() {
        std::string out;
        while (here_ < text_.size() && isToken(text_[here_]))
            out += text_[here_++];
        if (out.empty())
            here_++; // rubbish: step over it
        return out;
    }
    bool equals() {
        std::size_t at = here_;
        while (at < text_.size() && isSpace(text_[at]))
            at++;
        if (at >= text_.size() || text_[at] != '=')
            return false;
        here_ = at + 1;
        while (here_ < text_.size() && isSpace(text_[here_]))
            here_++;
        return true;
    }
    std::string value() {
        if (here_ < text_.size() && text_[here_] == '"')
            return quoted();
        std::string out;
        while (here_ < text_.size() && text_[here_] != ',' && !isSpace(text_[here_]))
            out += text_[here_++];
        return out;
    }

private:
    std::string quoted() {
        std::string out;
        for (here_++; here_ < text_.size() && text_[here_] != '"'; here_++) {
            if (text_[here_] == '\\' && here_ + 1 < text_.size())
                here_++;
            out += text_[here_];
        }
        here_++;
        return out;
    }

    std::string_view text_;
    std::size_t here_ = 0;
};

void readQop(std::string_view list, DigestChallenge& challenge) {
    while (!list.empty()) {
        const auto comma = list.find(',');
        std::string_view word = list.substr(0, comma);
        while (!word.empty() && isSpace(word.front()))
            word.remove_prefix(1);
        while (!word.empty() && isSpace(word.back()))
            word.remove_suffix(1);
        challenge.auth |= sameWord(word, "auth");
        challenge.authInt |= sameWord(word, "auth-int");
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    }
}

void setParameter(DigestChallenge& challenge, std::string_view name, const std::string& value) {
    if (sameWord(name, "realm"))
        challenge.realm = value;
    else if (sameWord(name, "nonce"))
        challenge.nonce = value;
    else if (sameWord(name, "opaque"))
        challenge.opaque = value;
    else if (sameWord(name, "algorithm"))
        challenge.algorithm = value;
    else if (sameWord(name, "stale"))
        challenge.stale = sameWord(value, "true");
    else if (sameWord(name, "userhash"))
        challenge.userhash = sameWord(value, "true");
    else if (sameWord(name, "qop"))
        readQop(value, challenge);
}

bool session(const DigestChallenge& challenge) {
    return sameWord(challenge.algorithm, "MD5-sess") ||
           sameWord(challenge.algorithm, "SHA-256-sess");
}

/// H() of RFC 7616: lower-case hexadecimal.
std::string hash(const DigestChallenge& challenge, const std::string& text) {
    const std::unique_ptr<char, void (*)(void*)> digest(
        g_compute_checksum_for_data(challenge.sha256() ? G_CHECKSUM_SHA256 : G_CHECKSUM_MD5,
                                    reinterpret_cast<const guchar*>(text.data()), text.size()),
        g_free);
    return digest.get();
}

std::string quote(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    return out + "\"";
}

std::string hexCount(unsigned count) {
    char text[9];
    std::snprintf(text, sizeof text, "%08x", count);
    return text;
}

} // namespace

bool DigestChallenge::sha256() const {
    return sameWord(algorithm, "SHA-256") || sameWord(algorithm, "SHA-256-sess");
}

bool DigestChallenge::supported() const {
    return !nonce.empty() && (algorithm.empty() || sha256() || sameWord(algorithm, "MD5") ||
                              sameWord(algorithm, "MD5-sess"));
}

std::vector<DigestChallenge> digestChallenges(const std::vector<std::string>& headers) {
    std::vector<DigestChallenge> found;
    for (const std::string& header : headers) {
        if (header.size() > maxHeader)
            continue;
        Scanner scanner(header);
        bool inDigest = false;
        while (!scanner.atEnd()) {
            const std::string word = scanner.token();
            if (word.empty())
                continue;
            if (scanner.equals()) {
                const std::string value = scanner.value();
                if (inDigest)
                    setParameter(found.back(), word, value);
            } else if ((inDigest = sameWord(word, "Digest"))) {
                found.emplace_back();
            }
        }
    }
    return found;
}

std::optional<DigestChallenge> chooseChallenge(const std::vector<DigestChallenge>& challenges) {
    const auto chosen = std::find_if(challenges.begin(), challenges.end(),
                                     [](const DigestChallenge& c) { return c.supported(); });
    return chosen == challenges.end() ? std::nullopt : std::optional<DigestChallenge>(*chosen);
}

std::string digestAuthorization(const DigestChallenge& challenge, const Credentials& credentials,
                                const DigestRequest& request) {
    const auto h = [&](const std::string& text) { return hash(challenge, text); };
    const std::string qop = challenge.auth ? "auth" : challenge.authInt ? "auth-int" : "";
    const std::string count = hexCount(request.count);

    std::string a1 = h(credentials.user + ":" + challenge.realm + ":" + credentials.password);
    if (session(challenge))
        a1 = h(a1 + ":" + challenge.nonce + ":" + request.cnonce);
    std::string a2 = request.method + ":" + request.uri;
    if (qop == "auth-int")
        a2 += ":" + h(request.body);
    const std::string middle = qop.empty() ? "" : ":" + count + ":" + request.cnonce + ":" + qop;
    const std::string response = h(a1 + ":" + challenge.nonce + middle + ":" + h(a2));

    const std::string user =
        challenge.userhash ? h(credentials.user + ":" + challenge.realm) : credentials.user;
    std::string out = "Digest username=" + quote(user) + ", realm=" + quote(challenge.realm) +
                      ", nonce=" + quote(challenge.nonce) + ", uri=" + quote(request.uri);
    if (!challenge.algorithm.empty())
        out += ", algorithm=" + challenge.algorithm;
    if (!qop.empty())
        out += ", qop=" + qop + ", nc=" + count;
    if (!qop.empty() || session(challenge))
        out += ", cnonce=" + quote(request.cnonce);
    out += ", response=" + quote(response);
    if (!challenge.opaque.empty())
        out += ", opaque=" + quote(challenge.opaque);
    if (challenge.userhash)
        out += ", userhash=true";
    return out;
}

bool DigestLogin::take(const std::vector<DigestChallenge>& challenges) {
    challenge_ = chooseChallenge(challenges);
    count_ = 0;
    return active();
}

std::string DigestLogin::name() const {
    return challenge_ && challenge_->sha256() ? "digest SHA-256" : "digest MD5";
}

std::string DigestLogin::authorization(const Credentials& credentials, const std::string& method,
                                       const std::string& target, const std::string& body) {
    return digestAuthorization(*challenge_, credentials,
                               {method, target, body, randomHex(16), ++count_});
}

} // namespace net
