SUMMARY = "Privacy gateway for connected cars"
DESCRIPTION = "Runs on a telematics unit between the in-vehicle MQTT broker and the cloud. Encrypts and minimises position, \
vehicle identity and drive-recorder data before upload, as one written policy says; everything else stays in the car."
SECTION = "net"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"

# Parsed, but not built with Yocto so far (../../README.md). For scarthgap, whose protobuf is 4.25.

# The tree that this layer lies in. For a release, remove these two and set SRC_URI and SRCREV.
inherit externalsrc
EXTERNALSRC ?= "${@os.path.abspath(os.path.join(d.getVar('THISDIR'), '..', '..', '..', '..'))}"

inherit cmake pkgconfig systemd useradd ptest

DEPENDS = "protobuf protobuf-native openssl libsodium spdlog sqlite3 simdjson zstd libseccomp tl-expected"

# What the gateway has (docs/deploy.md, "A small unit"). tools: the programs sudare and sudare-sim; they take everything.
PACKAGECONFIG ??= "status json clips"
PACKAGECONFIG[status] = "-DSUDARE_STATUS=ON,-DSUDARE_STATUS=OFF,prometheus-cpp cpp-httplib nlohmann-json"
PACKAGECONFIG[json] = "-DSUDARE_JSON=ON,-DSUDARE_JSON=OFF"
PACKAGECONFIG[clips] = "-DSUDARE_CLIPS=ON,-DSUDARE_CLIPS=OFF,ffmpeg"
PACKAGECONFIG[tools] = "-DSUDARE_TOOLS=ON,-DSUDARE_TOOLS=OFF,nlohmann-json pugixml cli11"

# Their own CMake files before CMake's modules: protobuf 4 needs libraries that CMake's module does not know of.
EXTRA_OECMAKE = "-DSUDARE_TESTS=OFF -DCMAKE_FIND_PACKAGE_PREFER_CONFIG=ON"

do_install:append() {
    install -d ${D}${sysconfdir}/sudare ${D}${systemd_system_unitdir}/mosquitto.service.d ${D}${datadir}/sudare/policies
    install -m 0644 ${S}/deploy/systemd/sudare-gateway.service ${D}${systemd_system_unitdir}/
    install -m 0644 ${S}/deploy/etc/gateway.textproto ${D}${sysconfdir}/sudare/
    install -m 0644 ${S}/deploy/policies/default.textproto ${S}/deploy/policies/ceiling.textproto ${D}${datadir}/sudare/policies/
    install -m 0644 ${S}/deploy/etc/mosquitto.conf ${S}/deploy/etc/mosquitto.acl ${D}${sysconfdir}/sudare/
    install -m 0644 ${S}/deploy/systemd/mosquitto.service.d/sudare.conf ${D}${systemd_system_unitdir}/mosquitto.service.d/
}

do_install_ptest() {
    install -m 0755 ${S}/deploy/yocto/recipes-connectivity/sudare/files/run-ptest ${D}${PTEST_PATH}/run-ptest
}

PACKAGES =+ "${PN}-broker ${PN}-clip ${PN}-tools ${PN}-sim"
FILES:${PN} = "${bindir}/sudare-gateway ${systemd_system_unitdir}/sudare-gateway.service ${sysconfdir}/sudare/gateway.textproto \
               ${datadir}/sudare"
FILES:${PN}-broker = "${sysconfdir}/sudare/mosquitto.conf ${sysconfdir}/sudare/mosquitto.acl ${systemd_system_unitdir}/mosquitto.service.d"
FILES:${PN}-clip = "${bindir}/sudare-clip"
FILES:${PN}-tools = "${bindir}/sudare"
FILES:${PN}-sim = "${bindir}/sudare-sim"
CONFFILES:${PN} = "${sysconfdir}/sudare/gateway.textproto"
CONFFILES:${PN}-broker = "${sysconfdir}/sudare/mosquitto.conf ${sysconfdir}/sudare/mosquitto.acl"

RDEPENDS:${PN}-broker = "mosquitto"
RRECOMMENDS:${PN} = "${PN}-broker"
RRECOMMENDS:${PN} += "${@bb.utils.contains('PACKAGECONFIG', 'clips', '${PN}-clip', '', d)}"

# The unit file is for systemd; without it, the gateway is started by whatever starts services, as the user sudare.
SYSTEMD_SERVICE:${PN} = "sudare-gateway.service"
# Its state directory is made by the unit file's StateDirectory=; nothing else is written, so the root may be read-only.
USERADD_PACKAGES = "${PN}"
USERADD_PARAM:${PN} = "--system --user-group --no-create-home --home-dir ${localstatedir}/lib/sudare --shell /sbin/nologin sudare"
