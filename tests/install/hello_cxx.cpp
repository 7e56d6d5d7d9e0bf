// The same as C++.
#include "hello.c"
