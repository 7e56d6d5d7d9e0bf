/*
 * model/schema_pass.h - one reading of schema.def. Define the macros a pass wants, include this; the others are
 * nothing. All of them are undefined afterwards. Included many times on purpose.
 */
#ifndef KIND
#define KIND(id, NAME, name, cls, en, zh)
#endif
#ifndef FIELD
#define FIELD(KIND, NAME, n, name, logic, arg, flags, unit, en, zh)
#endif
#ifndef ENDKIND
#define ENDKIND
#endif
#ifndef ENUM
#define ENUM(SET)
#endif
#ifndef ITEM
#define ITEM(SET, NAME, number, en, zh)
#endif
#ifndef ENDENUM
#define ENDENUM
#endif
#include "schema.def"
#undef KIND
#undef FIELD
#undef ENDKIND
#undef ENUM
#undef ITEM
#undef ENDENUM
