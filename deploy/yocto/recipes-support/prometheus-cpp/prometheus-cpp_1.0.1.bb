SUMMARY = "Prometheus text format for C++"
HOMEPAGE = "https://github.com/jupp0r/prometheus-cpp"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSE;md5=f203962b7b283e1e356c14312b4f6211"

SRC_URI = "git://github.com/jupp0r/prometheus-cpp.git;protocol=https;branch=master"
SRCREV = "76470b3ec024c8214e1f4253fb1f4c0b28d3df94"
S = "${WORKDIR}/git"

inherit cmake

# Its serializer is used, not its server.
EXTRA_OECMAKE = "-DBUILD_SHARED_LIBS=ON -DENABLE_PULL=OFF -DENABLE_PUSH=OFF -DENABLE_COMPRESSION=OFF -DENABLE_TESTING=OFF \
                 -DUSE_THIRDPARTY_LIBRARIES=OFF"
