#include "edit.h"

#include <string.h>

#include "keys.h"
#include "text.h"

bool edit_key(char *line, size_t size, uint32_t key)
{
	size_t n = strlen(line);
	char ch[5] = "";
	size_t len = 0;

	if (key == KEYS_BACKSPACE || key == KEYS_DELETE) {
		while (n > 0 && ((unsigned char)line[n - 1] & 0xC0) == 0x80) {
			n--;
		}
		line[n > 0 ? n - 1 : 0] = '\0';
		return true;
	}
	if (key == KEYS_SPACE) {
		key = ' ';
	}
	if (key < 0x20 || key == 0x7F || key >= KEYS_FIRST_) {
		return false;
	}
	if (key < 0x80) {
		ch[len++] = (char)key;
	} else if (key < 0x800) {
		ch[len++] = (char)(0xC0 | key >> 6);
		ch[len++] = (char)(0x80 | (key & 0x3F));
	} else {
		if (key >= 0x10000) {
			ch[len++] = (char)(0xF0 | key >> 18);
			ch[len++] = (char)(0x80 | (key >> 12 & 0x3F));
		} else {
			ch[len++] = (char)(0xE0 | key >> 12);
		}
		ch[len++] = (char)(0x80 | (key >> 6 & 0x3F));
		ch[len++] = (char)(0x80 | (key & 0x3F));
	}
	if (n + len < size) {
		memcpy(line + n, ch, len + 1);
	}
	return true;
}

const char *edit_tail(const char *line, int columns)
{
	while (*line != '\0' && text_width(line) > columns) {
		do {
			line++;
		} while (((unsigned char)*line & 0xC0) == 0x80);
	}
	return line;
}
