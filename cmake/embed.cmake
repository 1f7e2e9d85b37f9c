# cmake -DINPUT=FILE -DOUTPUT=FILE.cc -DHEADER=… -DFUNCTION=… -P embed.cmake: the bytes of a file as a C++ function that returns them.
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "(................................................................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" text "${hex}")
string(REGEX REPLACE "([^\n]+)" "    \"\\1\"" text "${text}")
file(SIZE ${INPUT} size)
file(WRITE ${OUTPUT} "#include \"${HEADER}\"\n\nnamespace sudare {\n\nstd::string_view ${FUNCTION}() {\n  static constexpr char kBytes[] =\n${text};\n  return {kBytes, ${size}};\n}\n\n}  // namespace sudare\n")
