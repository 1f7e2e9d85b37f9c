// A PKCS#11 module that passes everything on to SoftHSM, and counts how often it is asked to log
// in: what a chip counts before it locks.
#include <dlfcn.h>

#include <array>
#include <atomic>

namespace {

// PKCS#11 2.40, CK_FUNCTION_LIST: a version, then pointers to functions, the 19th of them C_Login.
constexpr std::size_t kFunctions = 68;
constexpr std::size_t kLogin = 18;
struct FunctionList {
  std::array<unsigned char, 2> version{};
  std::array<void*, kFunctions> functions{};
};
using Login = unsigned long (*)(unsigned long, unsigned long, unsigned char*, unsigned long);
using GetFunctionList = unsigned long (*)(FunctionList**);

constexpr unsigned long kGeneralError = 5;

FunctionList ours;
Login login_of_softhsm = nullptr;
std::atomic<int> logins = 0;

unsigned long login(unsigned long session, unsigned long user, unsigned char* pin,
                    unsigned long size) {
  ++logins;
  return login_of_softhsm(session, user, pin, size);
}

}  // namespace

// What a program that has it loaded looks up.
extern "C" int sudare_logins() { return logins; }

extern "C" unsigned long C_GetFunctionList(FunctionList** out) {
  void* const softhsm = dlopen(SUDARE_SOFTHSM, RTLD_NOW | RTLD_NODELETE);
  if (softhsm == nullptr) return kGeneralError;
  const auto get = reinterpret_cast<GetFunctionList>(dlsym(softhsm, "C_GetFunctionList"));
  FunctionList* theirs = nullptr;
  if (get == nullptr || get(&theirs) != 0) return kGeneralError;
  ours = *theirs;
  login_of_softhsm = reinterpret_cast<Login>(ours.functions[kLogin]);
  ours.functions[kLogin] = reinterpret_cast<void*>(login);
  *out = &ours;
  return 0;
}
