#include "soundoffer.hpp"

#include "base/error.hpp"
#include "check.hpp"

using onvif::soundChain;
using onvif::SoundElements;
using onvif::SoundOffer;

static const SoundElements all = {"avenc_aac", "avdec_aac"};

static bool says(const std::string& chain, const char* part) {
    return chain.find(part) != std::string::npos;
}

START_TEST(whatIsUnderstood) {
    ck_assert(SoundOffer({1, "PCMU", 8000, 1, 0}).understood());
    ck_assert(SoundOffer({1, "PCMA", 8000, 1, 8}).understood());
    ck_assert(SoundOffer({1, "MPEG4-GENERIC", 16000, 1, 110}).understood());
    for (const SoundOffer& bad :
         {SoundOffer{1, "PCMU", 16000, 1, 100}, SoundOffer{1, "PCMA", 8000, 2, 8},
          SoundOffer{1, "G726-32", 8000, 1, 2}, SoundOffer{1, "", 8000, 1, 0},
          SoundOffer{1, "MPEG4-GENERIC", 0, 1, 110}, SoundOffer{1, "MPEG4-GENERIC", 16000, 99, 1}})
        ck_assert_msg(!bad.understood(), "%s", bad.encoding.c_str());
}
END_TEST

START_TEST(rawSoundIsEncoded) {
    const std::string mu = soundChain("audio/x-raw", {2, "PCMU", 8000, 1, 0}, {});
    ck_assert(says(mu, "rate=8000, channels=1 ! mulawenc ! rtppcmupay name=pay pt=0 "));
    ck_assert(says(mu, "max-ptime=20000000"));
    ck_assert(says(soundChain("audio/x-raw", {2, "PCMA", 8000, 1, 8}, {}), "alawenc ! rtppcmapay"));
    const std::string aac = soundChain("audio/x-raw", {2, "MPEG4-GENERIC", 16000, 1, 110}, all);
    ck_assert(says(aac, "rate=16000, channels=1 ! avenc_aac"));
    ck_assert(says(aac, "rtpmp4gpay name=pay pt=110"));
}
END_TEST

START_TEST(whatFitsGoesThrough) {
    const std::string same = soundChain("audio/x-mulaw", {2, "PCMU", 8000, 1, 0}, {});
    ck_assert(!says(same, "mulawdec") && !says(same, "audioconvert"));
    const std::string other = soundChain("audio/x-mulaw", {2, "PCMA", 8000, 1, 8}, {});
    ck_assert(says(other, "mulawdec ! ") && says(other, "alawenc"));
    ck_assert(says(soundChain("audio/mpeg", {2, "PCMU", 8000, 1, 0}, all), "aacparse ! avdec_aac"));
}
END_TEST

START_TEST(whatIsMissingIsNamed) {
    int refused = 0;
    for (const char* input : {"audio/x-raw", "audio/mpeg"})
        try {
            soundChain(input, {2, input[6] == 'm' ? "PCMU" : "MPEG4-GENERIC", 8000, 1, 0}, {});
        } catch (const base::Error& error) {
            ck_assert(says(error.what(), "AAC"));
            refused++;
        }
    ck_assert_int_eq(refused, 2);
}
END_TEST

CHECK_MAIN("soundoffer", whatIsUnderstood, rawSoundIsEncoded, whatFitsGoesThrough,
           whatIsMissingIsNamed)
