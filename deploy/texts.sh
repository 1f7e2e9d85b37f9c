#!/usr/bin/env bash
# deploy/texts.sh BIN OUT: man pages (OUT/man) and bash completion (OUT/completion) of the programs in BIN, from what they say
# themselves with --help, so that they can't differ.
set -euo pipefail
bin=$1
out=$2
here=$(dirname "${BASH_SOURCE[0]}")
mkdir -p "$out/man" "$out/completion"

# commands_below PROGRAM WORDS...: the command and every one below it, a line each.
commands_below() {
  local name
  echo "$*"
  while IFS= read -r name; do
    commands_below "$@" "$name"
  done < <(help_of "$@" | awk '/^Subcommands:/ { on = 1; next } /^[^ ]/ { on = 0 } on && /^  [a-z]/ { print $1 }')
}

help_of() {
  local program=$1
  shift
  "$bin/$program" "$@" --help
}

# man_page PROGRAM SECTION
man_page() {
  local program=$1 section=$2 command
  {
    printf '.TH %s %s "" "%s" "Sudare"\n.SH NAME\n%s \\- ' "${program^^}" "$section" "$("$bin/$program" --version)" "$program"
    help_of "$program" | head -1 | sed -E 's/^[^:]*: //; s/\.$//; s/\\/\\e/g'
    while IFS= read -r command; do
      # shellcheck disable=SC2086 # words of a command
      help_of $command | awk -v command="$command" -v program="$program" -f "$here/man.awk"
    done < <(commands_below "$program")
    if ! grep -qs 'EXIT STATUS' "$here/man/$program.man"; then printf '.SH "EXIT STATUS"\n0 ok, 1 failure, 2 usage, 3 findings.\n'; fi
    if [ -f "$here/man/$program.man" ]; then cat "$here/man/$program.man"; fi
  } >"$out/man/$program.$section"
}

# completion PROGRAM: a table of what may follow each command.
completion() {
  local program=$1 function_name=_${1//-/_} command
  {
    cat "$here/completion.head"
    printf '%s() {\n  _sudare_path\n  case "%spath" in\n' "$function_name" '$'
    while IFS= read -r command; do
      # shellcheck disable=SC2086 # words of a command
      printf '    "%s") words="%s" ;;\n' "$command" "$(help_of $command | awk '
        /^[A-Z][a-z]*:/ { part = $1; next }
        part == "Options:" && /^  -/ { split($1, names, ","); for (i in names) if (names[i] ~ /^--/) list = list " " names[i] }
        part == "Subcommands:" && /^  [a-z]/ { list = list " " $1 }
        END { print substr(list, 2) }')"
    done < <(commands_below "$program")
    printf '    *) words= ;;\n  esac\n  _sudare_reply\n}\ncomplete -o default -F %s %s\n' "$function_name" "$program"
  } >"$out/completion/$program"
}

man_page sudare-gateway 8
man_page sudare 1
man_page sudare-sim 1
cp "$here/man/sudare-clip.8" "$out/man/"
for program in sudare-gateway sudare sudare-sim; do completion "$program"; done
