// The pieces of our self-contained HTML pages: no script, nothing fetched. Pure; any thread.
#pragma once

#include <string>
#include <vector>

namespace sudare::sim {

// style.cc: the look of all pages.
[[nodiscard]] const char* page_style();

// "<!doctype html>" to "</head>".
[[nodiscard]] std::string page_head(const std::string& title);

// "<th scope="col">NAME</th>" for each, in a row of a <thead>; with those of `numbers` aligned so.
struct Column {
  std::string name;
  bool number = false;
};
[[nodiscard]] std::string table_begin(const std::string& caption,
                                      const std::vector<Column>& columns);
[[nodiscard]] inline std::string table_end() { return "</tbody></table></div>\n"; }

// "✓ met" or "✗ missed", never by colour alone.
[[nodiscard]] std::string badge(bool good, const char* yes, const char* no);

}  // namespace sudare::sim
