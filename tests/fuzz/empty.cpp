// Whether a fuzzer can be linked at all.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }
