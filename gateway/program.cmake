# The collector's thread and the program. Nothing here may link sudare_open: tests/system/gateway looks at the symbols.
string(TIMESTAMP sudare_build_second "%s" UTC)  # SOURCE_DATE_EPOCH, where it is set
math(EXPR sudare_build_day "${sudare_build_second} / 86400")
set_source_files_properties(pipeline_start.cc PROPERTIES COMPILE_DEFINITIONS SUDARE_BUILD_DAY=${sudare_build_day})

# Which policy is in force; `sudare doctor` asks, too.
sudare_library(sudare_policy_files
  SOURCES pipeline_policy.cc
  DEPENDS PUBLIC sudare_base sudare_policy sudare_config sudare_store PRIVATE sudare_crypto)

sudare_library(sudare_pipeline
  SOURCES pipeline.cc pipeline_loop.cc pipeline_offers.cc pipeline_start.cc pipeline_updates.cc
  DEPENDS PUBLIC sudare_base sudare_policy sudare_policy_files sudare_collect sudare_decode sudare_detect sudare_minimize sudare_seal sudare_clips
    sudare_consent sudare_car sudare_receipts sudare_store sudare_upload sudare_config sudare_gateway_sandbox sudare_status
    PRIVATE Threads::Threads)

sudare_program(sudare-gateway
  SOURCES main.cc
  DEPENDS PRIVATE sudare_pipeline)
target_compile_definitions(sudare-gateway PRIVATE SUDARE_VERSION="${PROJECT_VERSION}")
