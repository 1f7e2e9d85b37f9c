SUMMARY = "std::expected for C++11 and later, a header"
HOMEPAGE = "https://github.com/TartanLlama/expected"
LICENSE = "CC0-1.0"
LIC_FILES_CHKSUM = "file://COPYING;md5=65d3616852dbf7b1a6d4b53b00626032"

SRC_URI = "git://github.com/TartanLlama/expected.git;protocol=https;branch=master"
SRCREV = "3d741708b967b83ca1e2888239196c4a67f9f9b0"
S = "${WORKDIR}/git"

# Its CMakeLists.txt fetches another repository: the one header and what find_package() asks for are written here.
do_install() {
    install -d ${D}${includedir}/tl ${D}${libdir}/cmake/tl-expected
    install -m 0644 ${S}/include/tl/expected.hpp ${D}${includedir}/tl/
    printf '%s\n' 'if(NOT TARGET tl::expected)' '  add_library(tl::expected INTERFACE IMPORTED)' 'endif()' \
        > ${D}${libdir}/cmake/tl-expected/tl-expected-config.cmake
}

# A header alone: nothing goes onto the unit.
ALLOW_EMPTY:${PN} = "1"
FILES:${PN}-dev += "${libdir}/cmake"
