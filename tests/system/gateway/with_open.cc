// The control of GatewaySymbols: something that the gateway must never link.
#include "crypto/open/identity.h"

// Called by nobody; that it is linked is the point.
bool sudare_with_open() {
  return !sudare::age::open_side::Identity::generate().recipient().to_string().empty();
}
