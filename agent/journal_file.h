#ifndef PILED_JOURNAL_FILE_H
#define PILED_JOURNAL_FILE_H
/* What writer and reader of journals share: see journal.h for the format. */
#include <stdint.h>

#define JOURNAL_MAGIC      "PILEDJ1\n"
#define JOURNAL_MAGIC_SIZE 8
#define JOURNAL_HEAD_SIZE  13 /* of a chunk */

#define JOURNAL_EVENTS_MAX (128 * 1024)       /* bytes of an E chunk */
#define JOURNAL_CHUNK_MAX  (64 * 1024 * 1024) /* of any chunk */

enum { JOURNAL_H = 'H', JOURNAL_S = 'S', JOURNAL_E = 'E' };

#endif
