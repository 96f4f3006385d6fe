/*
 * master_key.c
 *		The master keys, which are not in the database.
 *
 * oauth.master_key_file contains one key a line, 64 hexadecimal digits, the newest last.
 * oauth.master_key contains their fingerprints (key ids), so that a dump knows which keys it needs
 * and reveals none.  The file is created only while the database has no fingerprint yet; after that
 * a missing or different file is an error, and never leads to a new key.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "secret/secret.h"
#include "setting.h"
#include "store/key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/builtins.h"

#define KEY_LENGTH	32
#define LINE_LENGTH (2 * KEY_LENGTH + 1)
#define MAX_KEYS	64			/* rotations, before old lines must be removed */
#define MAX_DERIVED 8

typedef struct MasterKey
{
	uint8		id[OAUTH_KEY_ID_LENGTH];
	uint8		key[KEY_LENGTH];
} MasterKey;

/* The keys of the file, read when a key is missing here.  They live as long as the backend. */
static MasterKey keys[MAX_KEYS];
static int	n_keys;

static void
key_error(const char *what, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_CONFIG_FILE_ERROR),
			 errmsg("%s \"%s\"", what, oauth_setting_master_key_file),
			 errhint("%s", hint)));
}

/* The first bytes of a labelled hash: they name a key and reveal nothing about it. */
static void
fingerprint(const uint8 *key, uint8 *id)
{
	static const char label[] = "oauth master key id";
	const void *parts[] = {label};
	size_t		lengths[] = {sizeof(label)};
	uint8		mac[OAUTH_HASH_LENGTH];

	oauth_hmac_sha256(key, parts, lengths, 1, mac);
	memcpy(id, mac, OAUTH_KEY_ID_LENGTH);
}

/* What is wrong with a file, and what to do about it. */
typedef struct FileProblem
{
	const char *what;			/* NULL: nothing */
	const char *hint;
} FileProblem;

/*
 * Other users must not be able to read the file, or to replace its content: the same rule as for
 * the server's TLS keys.
 */
static bool
is_safe(int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		return false;
	if (status.st_uid == geteuid())
		return (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
	return status.st_uid == 0 && (status.st_mode & (S_IWGRP | S_IXGRP | S_IRWXO)) == 0;
}

static bool
read_line(const char *line, MasterKey *key)
{
	if (line[LINE_LENGTH - 1] != '\n' || strspn(line, "0123456789abcdefABCDEF") != LINE_LENGTH - 1)
		return false;
	hex_decode(line, LINE_LENGTH - 1, (char *) key->key);
	fingerprint(key->key, key->id);
	return true;
}

/* The number of keys in those lines; -1 if one of them is none. */
static int
read_lines(const char *lines, ssize_t length, MasterKey *found)
{
	int			n = length / LINE_LENGTH;

	if (length < LINE_LENGTH || length % LINE_LENGTH != 0 || n > MAX_KEYS)
		return -1;
	for (int i = 0; i < n; i++)
		if (!read_line(lines + i * LINE_LENGTH, &found[i]))
			return -1;
	return n;
}

/* Reads the whole file into found, which has room for MAX_KEYS; *n is 0 if it does not exist. */
static FileProblem
read_file(MasterKey *found, int *n)
{
	char		buffer[LINE_LENGTH * MAX_KEYS + 1];
	int			fd = OpenTransientFile(oauth_setting_master_key_file,
									   O_RDONLY | O_NONBLOCK | PG_BINARY);
	ssize_t		length = 0;
	bool		safe;

	*n = 0;
	if (fd < 0 && errno == ENOENT)
		return (FileProblem) {0};
	if (fd < 0)
		return (FileProblem)
	{
		"could not open master key file",
			"The operating system user of the server must be able to read it."
	};
	if ((safe = is_safe(fd)))
		length = read(fd, buffer, sizeof(buffer));
	CloseTransientFile(fd);
	if (!safe)
		return (FileProblem)
	{
		"unsafe permissions of master key file",
			"It must be a regular file with permissions 0600, or 0640 if root owns it."
	};
	buffer[Max(0, Min(length, (ssize_t) sizeof(buffer) - 1))] = '\0';
	*n = read_lines(buffer, length, found);
	oauth_wipe(buffer, sizeof(buffer));
	if (*n < 0)
		return (FileProblem)
	{
		"malformed master key file",
			"It has one key a line, each of 64 hexadecimal digits."
	};
	return (FileProblem) {0};
}

/* Reads the keys of the file; false if it does not exist. */
static bool
read_keys(void)
{
	MasterKey	found[MAX_KEYS];
	int			n;
	FileProblem problem = read_file(found, &n);

	if (problem.what != NULL)
		key_error(problem.what, problem.hint);
	if (n == 0)
		return false;
	memcpy(keys, found, n * sizeof(MasterKey));
	n_keys = n;
	oauth_wipe(found, sizeof(found));
	return true;
}

/* Appends one line durably; false if part of it may be missing. */
static bool
write_key(int fd, const uint8 *key)
{
	char		line[LINE_LENGTH + 1];
	bool		done;

	hex_encode((const char *) key, KEY_LENGTH, line);
	line[LINE_LENGTH - 1] = '\n';
	done = write(fd, line, LINE_LENGTH) == LINE_LENGTH && pg_fsync(fd) == 0;
	oauth_wipe(line, sizeof(line));
	return done;
}

/* Flushes the directory entry of the file to disk. */
static void
sync_directory(void)
{
	char		directory[MAXPGPATH];

	strlcpy(directory, oauth_setting_master_key_file, sizeof(directory));
	get_parent_directory(directory);
	fsync_fname(directory[0] == '\0' ? "." : directory, true);
}

/*
 * Creates the file with a first key.  The file appears under its name complete and flushed, or not
 * at all; of two sessions, the second one finds the key of the first.
 */
static void
create_file(void)
{
	char	   *temporary = psprintf("%s.%d.tmp", oauth_setting_master_key_file, MyProcPid);
	uint8		key[KEY_LENGTH];
	bool		done;
	int			fd;

	unlink(temporary);
	fd = OpenTransientFilePerm(temporary, O_WRONLY | O_CREAT | O_EXCL | PG_BINARY,
							   S_IRUSR | S_IWUSR);
	if (fd < 0)
		key_error("could not create master key file",
				  "Set oauth.master_key_file to a place the server can write to, or put a key "
				  "there: openssl rand -hex 32");
	oauth_random(key, sizeof(key));
	done = write_key(fd, key);
	oauth_wipe(key, sizeof(key));
	CloseTransientFile(fd);
	if (!done)
	{
		unlink(temporary);
		key_error("could not write master key file", "Is there room on the disk?");
	}
	if (link(temporary, oauth_setting_master_key_file) != 0 && errno != EEXIST)
	{
		unlink(temporary);
		key_error("could not create master key file",
				  "Set oauth.master_key_file to a place that allows hard links.");
	}
	unlink(temporary);
	fsync_fname(oauth_setting_master_key_file, false);
	sync_directory();
}

static const MasterKey *
find_key(const MasterKey *among, int n, const uint8 *key_id)
{
	for (int i = 0; i < n; i++)
		if (memcmp(among[i].id, key_id, OAUTH_KEY_ID_LENGTH) == 0)
			return &among[i];
	return NULL;
}

static const FileProblem missing = {"missing master key file",
	"Restore it from its backup, or set oauth.master_key_file to where it is and reload the "
"server."};
static const FileProblem of_others =
{"the key that this database was sealed with is not in master key file",
	"Restore the file that belongs to this database, or set oauth.master_key_file to it and "
"reload."};

/* The key of that id, from memory or from the current file. */
static const MasterKey *
require_key(const uint8 *key_id)
{
	const MasterKey *key = find_key(keys, n_keys, key_id);

	if (key == NULL)
	{
		if (!read_keys())
			key_error(missing.what, missing.hint);
		key = find_key(keys, n_keys, key_id);
	}
	if (key == NULL)
		key_error(of_others.what, of_others.hint);
	return key;
}

/*
 * Raises an error unless the file has the current key, for who is about to make what takes long and
 * has to be sealed.  Without a current key it says nothing: the first one is made when it seals.
 */
void
oauth_master_key_require(void)
{
	uint8		key_id[OAUTH_KEY_ID_LENGTH];

	if (oauth_store_current_key(key_id, false))
		require_key(key_id);
}

/*
 * What keeps a session that has not read the file yet from using the keys of this database, and
 * *hint what to do; NULL: nothing.  What this session has read stays as it is.
 */
const char *
oauth_master_key_problem(const char **hint)
{
	MasterKey	found[MAX_KEYS];
	uint8		key_id[OAUTH_KEY_ID_LENGTH];
	int			n;
	FileProblem problem = read_file(found, &n);

	if (problem.what == NULL && oauth_store_current_key(key_id, false))
	{
		if (n == 0)
			problem = missing;
		else if (find_key(found, n, key_id) == NULL)
			problem = of_others;
	}
	oauth_wipe(found, sizeof(found));
	*hint = problem.hint;
	return problem.what;
}

/*
 * The id of the key that seals.  At the first use, adopts the newest key of the file, or creates
 * the file.
 *
 * for_sealing blocks a rotation until the end of the transaction, so that the rotation misses no
 * sealed value.  While another session has adopted a key and not committed, a session that seals
 * waits for it.  A session that only derives a key does not wait: derived values are used for
 * seconds only, so the database need not remember their key, and a long transaction delays nobody's
 * refresh.
 */
void
oauth_master_key_current(uint8 *key_id, bool for_sealing)
{
	if (oauth_store_current_key(key_id, for_sealing))
		return;
	if (!read_keys())
	{
		create_file();
		if (!read_keys())
			key_error("missing master key file", "Something removed it just after it was made.");
	}
	memcpy(key_id, keys[n_keys - 1].id, OAUTH_KEY_ID_LENGTH);
	if (!oauth_store_hold_keys(for_sealing))
		return;
	oauth_store_insert_key(key_id);
	if (!oauth_store_current_key(key_id, for_sealing))
		elog(ERROR, "oauth.master_key has no current key");
}

/* A key for one purpose, as long as the backend lives, like the master keys that it comes of. */
typedef struct DerivedKey
{
	uint8		id[OAUTH_KEY_ID_LENGTH];	/* of the master key */
	const char *label;			/* NULL: none yet */
	uint8		key[OAUTH_HASH_LENGTH];
	OAuthHmac	hmac;
} DerivedKey;

static DerivedKey derived[MAX_DERIVED];

/* HMAC-SHA256 of the label under the master key. */
static void
make_derived_key(DerivedKey *made, const uint8 *key_id, const char *label)
{
	const void *parts[] = {label};
	size_t		lengths[] = {strlen(label) + 1};

	made->label = NULL;
	made->hmac.digest = "SHA256";
	made->hmac.keeps_key = true;
	oauth_hmac_sha256(require_key(key_id)->key, parts, lengths, 1, made->key);
	made->label = label;
	memcpy(made->id, key_id, OAUTH_KEY_ID_LENGTH);
}

/* The key of that label, which is a constant, made at its first use. */
static DerivedKey *
derived_key(const uint8 *key_id, const char *label)
{
	static int	oldest = 0;
	DerivedKey *made = &derived[oldest];

	for (int i = 0; i < MAX_DERIVED; i++)
		if (derived[i].label != NULL && strcmp(derived[i].label, label) == 0 &&
			memcmp(derived[i].id, key_id, OAUTH_KEY_ID_LENGTH) == 0)
			return &derived[i];
	make_derived_key(made, key_id, label);
	oldest = (oldest + 1) % MAX_DERIVED;
	return made;
}

/* A key for one purpose, which the label names. */
void
oauth_master_key_derive(const uint8 *key_id, const char *label, uint8 *key)
{
	memcpy(key, derived_key(key_id, label)->key, OAUTH_HASH_LENGTH);
}

/*
 * HMAC-SHA256 of the concatenated parts under the key that the label names; mac has room for
 * OAUTH_HASH_LENGTH bytes.  key_id is NULL for the current key, which is then not held for sealing.
 */
void
oauth_master_key_mac(const uint8 *key_id, const char *label, const void *const *parts,
					 const size_t *lengths, int n_parts, uint8 *mac)
{
	uint8		current[OAUTH_KEY_ID_LENGTH];
	DerivedKey *made;

	if (key_id == NULL)
	{
		oauth_master_key_current(current, false);
		key_id = current;
	}
	made = derived_key(key_id, label);
	oauth_hmac_sha256_by(&made->hmac, made->key, parts, lengths, n_parts, mac);
}

/* Removes a partly written line, without which nobody could read the file any more. */
static void
append_key(int fd, const uint8 *key)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		key_error("could not write master key file",
				  "The server must be able to append to it for a rotation.");
	if (write_key(fd, key))
		return;
	if (ftruncate(fd, status.st_size) != 0)
		key_error("could not take back a line of master key file",
				  "Remove its last line, which may be incomplete.");
	key_error("could not write master key file", "Is there room on the disk?");
}

/*
 * Appends a new key to the file, whose newest key must be the current one, and returns its id.  If
 * the transaction rolls back, the line stays unused, which does no harm.
 */
void
oauth_master_key_add(const uint8 *current, uint8 *key_id)
{
	uint8		key[KEY_LENGTH];
	int			fd;

	n_keys = 0;
	require_key(current);
	if (n_keys == MAX_KEYS)
		key_error("no room for one more key in master key file",
				  "Remove lines at its beginning: a rotation seals everything with the newest "
				  "key.");
	fd = OpenTransientFile(oauth_setting_master_key_file, O_WRONLY | O_APPEND | PG_BINARY);
	if (fd < 0)
		key_error("could not write master key file",
				  "The server must be able to append to it for a rotation.");
	oauth_random(key, sizeof(key));
	append_key(fd, key);
	CloseTransientFile(fd);
	fingerprint(key, key_id);
	oauth_wipe(key, sizeof(key));
	if (!read_keys())
		key_error("missing master key file", "Something removed it just after it was written.");
}
