#ifndef PILED_VERSION_H
#define PILED_VERSION_H
/* Version of the project, in one place; man pages and packages take it from here. */
#define PILED_VERSION "0.1.0"
#endif
