/* Who the user is: key files and certificates, the agent of keys, questions, password. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "i18n.h"
#include "ssh_worker.h"
#include "text.h"

#define TRIES_MAX   3  /* of a password, a passphrase, all of the questions */
#define ROUNDS_MAX  12 /* of questions in one try: PAM's modules have one each, and more to say */
#define PROMPTS_MAX 8  /* in one round */
/* Of a question's text: what stands in front of the prompt gives way to it. */
#define NAME_BYTES   48
#define BEFORE_BYTES 130

/* Beside libssh's results. */
#define GONE (-100) /* the screen has closed the link */
#define LATE (-101) /* the server does not answer */
#define STOP (-102) /* the user does not want to answer */
#define MUCH (-103) /* more questions than a host may have */

/* Whether the call must be made again because the server has not answered yet; waits for that. */
static bool again(struct ssh_worker *w, int *rc)
{
	int waited;

	if (*rc != SSH_AUTH_AGAIN) {
		return false;
	}
	waited = worker_wait(w, -1, 0);
	if (waited != 0) {
		*rc = waited == ERR_CLOSED ? GONE : LATE;
	}
	return waited == 0;
}

/* ---- Keys ---- */

/* libssh takes one answer and no more: whether it is the right one is tried here. */
static bool opens(const char *file, const char *passphrase)
{
	ssh_key key = NULL;
	int rc = ssh_pki_import_privkey_file(file, passphrase, NULL, NULL, &key);

	ssh_key_free(key);
	return rc == SSH_OK;
}

/* libssh wants a passphrase: the user is asked, whose answer may be none. */
static int on_passphrase(
	const char *prompt, char *buf, size_t len, int echo, int verify, void *userdata)
{
	struct ssh_worker *w = userdata;
	char *file = NULL;
	bool right = false;
	int rc = 0;

	(void)prompt;
	(void)echo;
	(void)verify;
	if (ssh_userauth_publickey_auto_get_current_identity(w->session, &file) != SSH_OK) {
		return -1;
	}
	for (int tries = 0; tries < TRIES_MAX && rc == 0 && !right; tries++) {
		w->wrong = tries > 0;
		rc = worker_ask(w, LINK_ASK_PASSPHRASE, file, buf, len);
		right = rc == 0 && opens(file, buf);
	}
	ssh_string_free_char(file);
	return right ? 0 : -1;
}

/* A key that needs no passphrase: libssh would ask, and is told no. */
static int no_passphrase(
	const char *prompt, char *buf, size_t len, int echo, int verify, void *userdata)
{
	(void)prompt;
	(void)buf;
	(void)len;
	(void)echo;
	(void)verify;
	(void)userdata;
	return -1;
}

/* Signs at once with the first key file that needs no passphrase, with its certificate where one
 * lies beside it: that saves the round trips of asking whether it would be welcome. */
static int first_key(struct ssh_worker *w)
{
	char *file = NULL;
	char path[1024];
	ssh_key key = NULL, cert = NULL;
	int rc = SSH_AUTH_DENIED;

	if (ssh_options_get(w->session, SSH_OPTIONS_IDENTITY, &file) != SSH_OK ||
		ssh_pki_import_privkey_file(file, NULL, no_passphrase, NULL, &key) != SSH_OK) {
		ssh_string_free_char(file);
		return SSH_AUTH_DENIED;
	}
	snprintf(path, sizeof path, "%s-cert.pub", file);
	if (access(path, R_OK) == 0 && ssh_pki_import_cert_file(path, &cert) == SSH_OK) {
		ssh_pki_copy_cert_to_privkey(cert, key);
	}
	ssh_string_free_char(file);
	do {
		rc = ssh_userauth_publickey(w->session, NULL, key);
	} while (again(w, &rc));
	ssh_key_free(cert);
	ssh_key_free(key);
	return rc;
}

static int all_keys(struct ssh_worker *w)
{
	int rc;

	do {
		rc = ssh_userauth_publickey_auto(w->session, NULL, NULL);
	} while (again(w, &rc));
	return rc;
}

/* Where no key was offered, nothing is known yet of what the host takes. */
static int no_method(struct ssh_worker *w)
{
	int rc;

	do {
		rc = ssh_userauth_none(w->session, NULL);
	} while (again(w, &rc));
	return rc;
}

/* ---- Questions ---- */

/* Appends what the host says, short enough to leave room for what follows. */
static void put_words(char *dst, size_t size, size_t *used, const char *words, int max)
{
	int n = words == NULL ? 0 : (int)strnlen(words, (size_t)max);

	/* Not within a character. */
	while (n == max && n > 0 && (words[n] & 0xC0) == 0x80) {
		n--;
	}
	if (n > 0) {
		text_append(dst, size, used, "%.*s%s ", n, words, words[n] != '\0' ? "..." : "");
	}
}

static int answer_round(struct ssh_worker *w)
{
	const char *name = ssh_userauth_kbdint_getname(w->session);
	const char *instruction = ssh_userauth_kbdint_getinstruction(w->session);
	int prompts = ssh_userauth_kbdint_getnprompts(w->session);

	if (prompts > PROMPTS_MAX) {
		return MUCH;
	}
	for (int i = 0; i < prompts; i++) {
		char echo = 0, answer[SSH_ANSWER_MAX], text[320];
		const char *prompt = ssh_userauth_kbdint_getprompt(w->session, (unsigned)i, &echo);
		size_t used = 0;
		int rc;

		put_words(text, sizeof text, &used, name, NAME_BYTES);
		put_words(text, sizeof text, &used, instruction, BEFORE_BYTES);
		text_append(text, sizeof text, &used, "%s", prompt != NULL ? prompt : "");
		rc = worker_ask(w, echo != 0 ? LINK_ASK_TEXT : LINK_ASK_SECRET, text, answer,
			sizeof answer);
		if (rc == 0) {
			ssh_userauth_kbdint_setanswer(w->session, (unsigned)i, answer);
		}
		explicit_bzero(answer, sizeof answer);
		if (rc != 0) {
			return rc == ERR_CLOSED ? GONE : STOP;
		}
	}
	return SSH_AUTH_INFO;
}

static int ask_questions(struct ssh_worker *w)
{
	int rc;

	do {
		rc = ssh_userauth_kbdint(w->session, NULL, NULL);
	} while (again(w, &rc));
	return rc;
}

static int questions(struct ssh_worker *w)
{
	int rc = SSH_AUTH_DENIED;

	for (int tries = 0; tries < TRIES_MAX; tries++) {
		w->wrong = tries > 0;
		rc = ask_questions(w);
		for (int round = 0; rc == SSH_AUTH_INFO; round++) {
			rc = round < ROUNDS_MAX ? answer_round(w) : MUCH;
			if (rc == SSH_AUTH_INFO) {
				rc = ask_questions(w);
			}
		}
		if (rc != SSH_AUTH_DENIED) {
			break;
		}
	}
	return rc;
}

static int password(struct ssh_worker *w)
{
	int rc = SSH_AUTH_DENIED;

	for (int tries = 0; tries < TRIES_MAX && rc == SSH_AUTH_DENIED; tries++) {
		char answer[SSH_ANSWER_MAX], text[300];
		int asked;

		snprintf(text, sizeof text, "%s@%s", w->user, w->host);
		w->wrong = tries > 0;
		asked = worker_ask(w, LINK_ASK_PASSWORD, text, answer, sizeof answer);
		if (asked != 0) {
			return asked == ERR_CLOSED ? GONE : STOP;
		}
		do {
			rc = ssh_userauth_password(w->session, NULL, answer);
		} while (again(w, &rc));
		explicit_bzero(answer, sizeof answer);
	}
	return rc;
}

/* ---- All of it ---- */

static const struct {
	int method;
	const char *name;
	int (*run)(struct ssh_worker *w);
} methods[] = {
	{SSH_AUTH_METHOD_PUBLICKEY, "publickey", first_key},
	{SSH_AUTH_METHOD_PUBLICKEY, "publickey", all_keys},
	{SSH_AUTH_METHOD_PUBLICKEY, "publickey", no_method},
	{SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive", questions},
	{SSH_AUTH_METHOD_PASSWORD, "password", password},
};

/* Tries the methods in turn; after a first success that is only a part of it, those that the
 * server still wants. */
static int try_all(struct ssh_worker *w)
{
	int rc = SSH_AUTH_DENIED;
	int wanted = SSH_AUTH_METHOD_PUBLICKEY; /* what the server takes is not known yet */
	int parts = 0;
	size_t i = 0;

	while (i < sizeof methods / sizeof methods[0]) {
		if ((wanted & methods[i].method) == 0 ||
			(methods[i].run == no_method && ssh_userauth_list(w->session, NULL) != 0)) {
			i++;
			continue;
		}
		w->deadline = mono_add_us(mono_now(), SSH_STEP_US);
		rc = methods[i].run(w);
		if (rc == SSH_AUTH_SUCCESS || rc <= GONE) {
			return rc;
		}
		if (rc == SSH_AUTH_ERROR) {
			/* A key file that cannot be read spoils no other method. */
			if (!ssh_is_connected(w->session)) {
				return rc;
			}
			snprintf(w->trouble, sizeof w->trouble, "%s", ssh_get_error(w->session));
			rc = SSH_AUTH_DENIED;
		}
		/* Nothing is known before the first answer. */
		if (ssh_userauth_list(w->session, NULL) != 0) {
			wanted = ssh_userauth_list(w->session, NULL);
		}
		i++;
		if (rc == SSH_AUTH_PARTIAL && parts++ < TRIES_MAX) {
			i = 0;
		}
	}
	return rc;
}

static int refused(struct ssh_worker *w)
{
	char text[480];
	size_t used = 0;
	int wanted = ssh_userauth_list(w->session, NULL);

	text_append(text, sizeof text, &used, "%s@%s", w->user, w->host);
	for (size_t i = 2; i < sizeof methods / sizeof methods[0]; i++) {
		if ((wanted & methods[i].method) != 0) {
			text_append(text, sizeof text, &used, ", %s", methods[i].name);
		}
	}
	if (w->trouble[0] != '\0') {
		text_append(text, sizeof text, &used, "; %s", w->trouble);
	}
	return worker_fail(w, 0, N_("the host lets nobody in with these keys and answers"), text);
}

int worker_auth(struct ssh_worker *w)
{
	int rc;

	w->callbacks = (struct ssh_callbacks_struct){.userdata = w, .auth_function = on_passphrase};
	ssh_callbacks_init(&w->callbacks);
	ssh_set_callbacks(w->session, &w->callbacks);
	worker_stage(w, N_("logging in"));
	rc = try_all(w);
	switch (rc) {
	case SSH_AUTH_SUCCESS:
		return 0;
	case GONE:
		return ERR_CLOSED;
	case MUCH:
		return worker_fail(w, 0, N_("the host asks more than anybody would answer"), "");
	case LATE:
	case SSH_AUTH_ERROR:
		/* A host that counts what it refuses would soon shut its door for good. */
		if (worker_goodbye(w) != NULL) {
			return worker_fail(w, 0, N_("the login was broken off"), worker_goodbye(w));
		}
		return worker_fail_session(w, N_("the login was broken off"));
	default:
		return refused(w);
	}
}
