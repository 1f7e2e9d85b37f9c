#include "sim/page/parts.h"

#include "sim/page/text.h"

namespace sudare::sim {

std::string page_head(const std::string& title) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
         "style-src 'unsafe-inline'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
         escaped(title) + "</title>\n<style>\n" + page_style() + "</style>\n</head>\n";
}

std::string table_begin(const std::string& caption, const std::vector<Column>& columns) {
  std::string html = "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"" +
                     escaped(caption) + "\"><table>\n<caption>" + escaped(caption) +
                     "</caption>\n<thead><tr>";
  for (const Column& column : columns) {
    html += std::string("<th scope=\"col\"") + (column.number ? " class=\"number\"" : "") + ">" +
            escaped(column.name) + "</th>";
  }
  return html + "</tr></thead>\n<tbody>\n";
}

std::string badge(bool good, const char* yes, const char* no) {
  return std::string("<span class=\"badge ") + (good ? "good\">✓&nbsp;" : "bad\">✗&nbsp;") +
         (good ? yes : no) + "</span>";
}

}  // namespace sudare::sim
