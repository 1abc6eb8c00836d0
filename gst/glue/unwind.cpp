/// Python programs load GStreamer for everyone (RTLD_GLOBAL), and with it libunwind, whose
/// `_Unwind_Resume` stands before GCC's for whatever is loaded later: for our plugins. Where
/// libstdc++ came before that (`import zmq`, `import cv2`), it raises exceptions by GCC's unwinder,
/// and the first cleanup in our code that goes on with libunwind's ends the program. So each
/// plugin has a `_Unwind_Resume` of its own, which goes on with the library that began.
#ifndef __ARM_EABI_UNWINDER__ // which goes on in another way

#include <dlfcn.h>
#include <unwind.h>

#include <cstdlib>

namespace {

using Resume = void (*)(_Unwind_Exception*);

/// libunwind marks the handler by the code it is in, GCC's by its place on the stack.
bool begunByLibunwind(const _Unwind_Exception* exception) {
    Dl_info where;
    return dladdr(reinterpret_cast<void*>(exception->private_2), &where) != 0;
}

Resume resumeOf(void* library) {
    return reinterpret_cast<Resume>(dlsym(library, "_Unwind_Resume"));
}

Resume gccResume() {
    static const Resume found = [] {
        void* library = dlopen("libgcc_s.so.1", RTLD_LAZY);
        return library ? resumeOf(library) : nullptr;
    }();
    return found;
}

} // namespace

// Of this plugin alone; <unwind.h> has declared it for everyone.
__asm__(".hidden _Unwind_Resume");

// A thread sanitizer's cleanup in here would go on with this very function, without end.
extern "C" __attribute__((noreturn, no_sanitize("thread"))) void
_Unwind_Resume(_Unwind_Exception* exception) {
    const Resume usual = resumeOf(RTLD_DEFAULT);
    const Resume resume = begunByLibunwind(exception) && usual ? usual : gccResume();
    if (resume)
        resume(exception);
    std::abort(); // neither comes back
}

#endif
