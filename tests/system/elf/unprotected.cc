// A program with an array on the stack and nothing that protects it.
#include <cstdio>
#include <cstring>

int main(int count, char** arguments) {
  char text[16];
  std::strncpy(text, arguments[count - 1], sizeof text - 1);
  text[sizeof text - 1] = '\0';
  std::puts(text);
  return 0;
}
