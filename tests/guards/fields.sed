# For Doxygen: fields.h with comments, so that links to its constants lead somewhere. Each constant gets its name.
1s|^/\*$|/** @file kam/fields.h|
s|^/\* |/** |
s|^enum {|/** Constants. */ enum {|
s|^ *KAM_\([A-Z0-9_]*\) = [0-9]*,\{0,1\}|& /**< \1 */|
