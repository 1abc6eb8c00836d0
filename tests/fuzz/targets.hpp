#pragma once

#include <string_view>

/// Everything that reads what strangers write, as functions of bytes. Whatever the bytes are, they
/// return; what they find out is thrown away. `readers` names them.
namespace fuzz {

struct Reader {
    const char* name;
    const char* reads; ///< for people
    void (*read)(std::string_view);
};

// In webtargets.cpp.
void readOffer(std::string_view);
void readFragment(std::string_view);
void readPublication(std::string_view);
void readLogin(std::string_view);
void readFlv(std::string_view);
void readBoxes(std::string_view);
void readTransport(std::string_view);

/// Ends with a row without a name.
extern const Reader readers[];

/// Throws std::invalid_argument with the names there are.
const Reader& readerCalled(std::string_view name);

} // namespace fuzz
