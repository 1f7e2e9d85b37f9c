// A Personal doesn't convert to what it holds.
// expect-gcc: conversion from .* to non-scalar type .* requested
// expect-clang: no viable conversion from 'const (sudare::)?Personal<std::string>'
#include <string>

#include "base/personal.h"

std::string use(const sudare::Personal<std::string>& vin, const sudare::Reveal& given) {
#ifdef SUDARE_REFUSED
  std::string text = vin;
  static_cast<void>(given);
#else
  std::string text = vin.reveal(given);
#endif
  return text;
}
