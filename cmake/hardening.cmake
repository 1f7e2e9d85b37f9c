# Compiler and linker flags that apply to every target: hardening, sanitizers. tests/system/elf reads the programs for them.
include(CheckPIESupported)
check_pie_supported()

if(SUDARE_SANITIZE)
  add_compile_options(-fsanitize=${SUDARE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SUDARE_SANITIZE})
else()
  add_compile_options(-fstack-protector-strong -fstack-clash-protection)
  add_compile_options("$<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>")
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
  # A jump lands only where one may, a return goes back where the call came from, on processors that look.
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-fcf-protection)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    add_compile_options(-mbranch-protection=standard)
  endif()
endif()
if(SUDARE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# A file over 2 GiB, or a large inode number, is one like any other on 32 bits, too.
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  add_compile_definitions(_FILE_OFFSET_BITS=64)
endif()
