# A program's --help as a part of its man page. command: its words; program: the first of them.
function text(line) {
  gsub(/\\/, "\\e", line)
  gsub(/-/, "\\-", line)
  if (line ~ /^[.']/) line = "\\&" line
  return line
}
function entry(name, what) {
  printf ".TP\n.B %s\n", text(name)
  if (what != "") print text(what)
}
function heading(name) { print (command == program ? ".SH " toupper(name) : ".PP\n" name ":") }
BEGIN { if (command != program) print ".SS " text(command) }
NR == 1 { if (command != program) print text($0); next }
/^Usage: / {
  sub(/^Usage: [^ ]*/, "")
  rest = substr($0, length(command) - length(program) + 1)
  sub(/^ +/, "", rest)
  if (command == program) print ".SH SYNOPSIS"
  else print ".PP"
  printf ".B %s\n%s\n", text(command), text(rest)
  next
}
/^Subcommands:/ { part = "Subcommands"; next }
/^[A-Z][a-z]*:$/ { part = $0; sub(/:$/, "", part); heading(part); next }
/^$/ { next }
command != program && /^  -h,--help / { next }
# Each has a section of its own below.
part == "Subcommands" { next }
/^  [^ ]/ {
  split($0, halves, /  +/)
  name = halves[2]
  what = substr($0, index($0, name) + length(name))
  sub(/^ +/, "", what)
  entry(name, what)
  next
}
/^   / { sub(/^ +/, ""); print text($0); next }
{ print ".PP\n" text($0) }
END { if (command == program && part == "Subcommands") print ".SH COMMANDS" }
