SUMMARY = "JSON parser that validates everything"
HOMEPAGE = "https://simdjson.org"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://LICENSE;md5=1bcbc042f3e4d44e678b9c483a039f8a"

SRC_URI = "git://github.com/simdjson/simdjson.git;protocol=https;branch=master"
SRCREV = "0d2455029d845e801809dd54b01ae47173d7d8e8"
S = "${WORKDIR}/git"

inherit cmake

EXTRA_OECMAKE = "-DBUILD_SHARED_LIBS=ON -DSIMDJSON_DEVELOPER_MODE=OFF"
