SUMMARY = "HTTP server and client in one header"
HOMEPAGE = "https://github.com/yhirose/cpp-httplib"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSE;md5=1321bdf796c67e3a8ab8e352dd81474b"

SRC_URI = "git://github.com/yhirose/cpp-httplib.git;protocol=https;branch=master"
SRCREV = "7992b148969fbf8093230b37a6a36c2f61135937"
S = "${WORKDIR}/git"

# The header alone, so that the gateway has only what it uses of it: neither TLS nor compression. Sudare finds it by pkg-config.
do_install() {
    install -d ${D}${includedir} ${D}${libdir}/pkgconfig
    install -m 0644 ${S}/httplib.h ${D}${includedir}/
    printf 'Name: cpp-httplib\nDescription: HTTP library\nVersion: %s\nLibs: -pthread\nCflags: -I%s\n' \
        ${PV} ${includedir} > ${D}${libdir}/pkgconfig/cpp-httplib.pc
}

ALLOW_EMPTY:${PN} = "1"
