// The calls of `sudare key`, as commands.h.
#pragma once

namespace CLI {
class App;
}

namespace sudare::commands {

void add_key_certify(CLI::App& key, int& exit_code);  // certify, inspect

}  // namespace sudare::commands
